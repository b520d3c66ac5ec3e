// The charts, drawn on canvas in the page's own colours.

import { bid, metric, number, percent, say } from "./words.js";

const charts = new Map();

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function draw(place, option) {
  let chart = charts.get(place);
  if (!chart) {
    chart = echarts.init(place);
    charts.set(place, chart);
    new ResizeObserver(() => chart.resize()).observe(place);
  }
  chart.setOption({ animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, ...option }, true);
}

/** Forgets a chart: its colours or its words are others now. */
export function forget() {
  for (const chart of charts.values()) chart.clear();
}

const short = value =>
  Math.abs(value) >= 1e6 ? `${+(value / 1e6).toPrecision(4)}M` : Math.abs(value) >= 1e4 ? `${+(value / 1e3).toPrecision(4)}k` : `${+value.toPrecision(4)}`;

const axis = (more = {}) => ({
  axisLabel: { color: colour("quiet"), formatter: short, hideOverlap: true },
  axisLine: { lineStyle: { color: colour("line") } },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: colour("grid") } },
  nameTextStyle: { color: colour("quiet") },
  ...more,
});

const tooltip = more => ({
  confine: true,
  // Without HTML: the page allows no inline style.
  renderMode: "richText",
  backgroundColor: colour("card"),
  borderColor: colour("line"),
  textStyle: { color: colour("ink"), fontSize: 12 },
  ...more,
});

/** What the best plan brings over one rule's bound. */
export function frontier(place, curve, now, measure) {
  const points = curve.steps.filter(step => step.spend !== undefined).map(step => [step.bound, step[measure]]);
  const edge = curve.steps.find(step => step.edge != null)?.edge;
  const bound = value => (curve.share ? percent(value, 1) : short(value));
  const line = (at, name, ink) => ({ xAxis: at, lineStyle: { color: colour(ink), type: "solid", width: 1.5 }, label: { formatter: name, color: colour(ink), position: "insideEndTop" } });
  const marks = [line(now, say("today", bound(now)), "ink")];
  if (edge != null) marks.push(line(edge, say("edge", bound(edge)), "bad"));
  draw(place, {
    grid: { left: 8, right: 24, top: 16, bottom: 28, containLabel: true },
    tooltip: tooltip({ trigger: "axis", formatter: all => `${curve.label} ${bound(all[0].value[0])}\n${say(`metric.${measure}`)} ${metric(measure, all[0].value[1])}` }),
    xAxis: axis({ type: "value", scale: true, name: curve.label, nameLocation: "middle", nameGap: 26, axisLabel: { color: colour("quiet"), formatter: bound, hideOverlap: true }, splitLine: { show: false } }),
    yAxis: axis({ type: "value", scale: true }),
    series: [{ type: "line", data: points, showSymbol: points.length < 3, smooth: false, lineStyle: { width: 2.5, color: colour("search") }, itemStyle: { color: colour("search") }, markLine: { silent: true, symbol: "none", data: marks } }],
  });
  place.setAttribute("aria-label", `${say("frontier")}: ${points.map(([x, y]) => `${curve.label} ${bound(x)}: ${metric(measure, y)}`).join("; ")}`);
}

/** Spend or revenue by hour and channel. */
export function hours(place, channels, measure) {
  draw(place, {
    grid: { left: 8, right: 8, top: 10, bottom: 34, containLabel: true },
    legend: { bottom: 0, icon: "roundRect", itemWidth: 12, itemHeight: 12, textStyle: { color: colour("ink") } },
    tooltip: tooltip({ trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: value => number(value) }),
    xAxis: axis({ type: "category", data: [...Array(24).keys()], axisLabel: { color: colour("quiet"), interval: 1 }, splitLine: { show: false } }),
    yAxis: axis({ type: "value" }),
    series: channels.map(one => ({ name: say(`channel.${one.channel}`), type: "bar", stack: "all", barCategoryGap: "25%", data: one[measure], itemStyle: { color: colour(one.channel) } })),
  });
  const sum = values => values.reduce((all, value) => all + value, 0);
  place.setAttribute("aria-label", `${say("BY_HOUR")}: ${channels.map(one => `${say(`channel.${one.channel}`)} ${number(sum(one[measure]))}`).join("; ")}`);
}

/** A unit in an hour: the landscape, its history, and where the plan bids. */
export function landscape(place, unit, measure) {
  const here = unit.cells.find(cell => cell.hour === unit.hour);
  const point = one => [one.bid, one.sums[measure]];
  const curve = unit.curve.map(point).filter(([, y]) => y != null);
  const seen = unit.seen.filter(one => one.bid != null && one.sums[measure] != null).map(one => [...point(one), one.date]);
  const line = (at, name, ink) => ({ xAxis: at, lineStyle: { color: colour(ink), type: "solid", width: 1.5 }, label: { formatter: name, color: colour(ink), position: "insideEndTop" } });
  const marks = [];
  if (here?.run && here.bid) marks.push(line(here.bid, say("planned"), "good"));
  if (unit.last && unit.last !== here?.bid) marks.push(line(unit.last, say("last"), "quiet"));
  const band = measure === "position" && unit.band ? [[{ yAxis: unit.band[0] }, { yAxis: unit.band[1] }]] : [];
  const allowed = unit.rungs.length ? [[{ xAxis: unit.rungs[0] }, { xAxis: unit.rungs.at(-1) }]] : [];
  draw(place, {
    grid: { left: 8, right: 24, top: 16, bottom: 54, containLabel: true },
    legend: { bottom: 0, icon: "roundRect", itemWidth: 12, itemHeight: 12, textStyle: { color: colour("ink") } },
    tooltip: tooltip({ trigger: "item", formatter: one => `${one.value[2] ? `${one.value[2]} · ` : ""}${say("BID")} ${bid(unit.channel, one.value[0])}\n${say(measure === "position" ? "POSITION" : `metric.${measure}`)} ${metric(measure, one.value[1])}` }),
    xAxis: axis({ type: "value", scale: true, name: say("BID"), nameLocation: "middle", nameGap: 26, splitLine: { show: false } }),
    yAxis: axis({ type: "value", scale: measure === "position", inverse: measure === "position" }),
    series: [
      { name: say("expected"), type: "line", data: curve, showSymbol: false, lineStyle: { width: 2.5, color: colour("search") }, itemStyle: { color: colour("search") }, markLine: { silent: true, symbol: "none", data: marks }, markArea: { silent: true, itemStyle: { color: colour("shade") }, data: [...allowed, ...band] } },
      { name: say("history"), type: "scatter", data: seen, symbolSize: 6, itemStyle: { color: colour("display"), opacity: 0.65 } },
    ],
  });
  const ends = curve.length ? [curve[0], curve.at(-1)].map(([x, y]) => `${say("BID")} ${bid(unit.channel, x)}: ${metric(measure, y)}`).join("; ") : "";
  place.setAttribute("aria-label", `${unit.name}: ${ends}; ${say("history")}: ${seen.length}`);
}
