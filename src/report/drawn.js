// Draws each `.chart` with what `option(place, at, colour)` says, and again when colours, width or paper change.
function drawn(option) {
  const places = [...document.querySelectorAll(".chart")];
  const charts = places.map(place => echarts.init(place, null, { renderer: "svg" }));
  function draw() {
    const style = getComputedStyle(document.documentElement);
    const colour = name => style.getPropertyValue("--" + name).trim();
    const textStyle = { fontFamily: getComputedStyle(document.body).fontFamily };
    charts.forEach((chart, at) => chart.setOption({ animation: false, textStyle, ...option(places[at], at, colour) }));
  }
  // With a view box, a page that is printed can scale the drawing to its own columns.
  function fit() {
    charts.forEach((chart, at) => {
      chart.resize();
      places[at].querySelector("svg").setAttribute("viewBox", `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
    });
  }
  draw();
  fit();
  addEventListener("resize", fit);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  matchMedia("print").addEventListener("change", draw);
}
