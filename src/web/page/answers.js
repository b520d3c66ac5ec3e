// What the server answered, painted.

import { NOTHING, bid, metric, number, percent, say } from "./words.js";

const $ = id => document.getElementById(id);

function cell(tag, text, more = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [key, value] of Object.entries(more)) {
    if (key === "class") made.className = value;
    else made.setAttribute(key, value);
  }
  return made;
}

function row(...cells) {
  const made = document.createElement("tr");
  made.append(...cells);
  return made;
}

function table(place, names, rows) {
  const head = document.createElement("thead");
  head.append(row(...names.map(([name, right]) => cell("th", name, { scope: "col", class: right ? "n" : "" }))));
  const body = document.createElement("tbody");
  body.append(...rows);
  place.replaceChildren(head, body);
}

const TILES = ["spend", "revenue", "roi", "profit", "orders", "clicks"];

/** The sums of the plan, and how they differ from the saved plan. */
export function tiles(total, saved) {
  glance(total);
  $("tiles").replaceChildren(
    ...TILES.map(name => {
      const tile = cell("div", "", { class: "tile", "data-metric": name });
      const value = total[name];
      const shown = ["spend", "revenue", "profit"].includes(name) && Math.abs(value) >= 1000 ? number(value) : metric(name, value);
      tile.append(cell("span", say(`metric.${name}`)), cell("b", shown, { "data-value": value ?? "" }));
      if (saved && saved[name]) tile.append(cell("i", percent(value / saved[name] - 1, 1, true), { class: Math.abs(value / saved[name] - 1) < 5e-4 ? "quiet" : "moved" }));
      return tile;
    }),
  );
}

/** The sums that a narrow window keeps in sight. */
function glance(total) {
  $("glance").replaceChildren(...["spend", "revenue", "roi"].map(name => {
    const one = cell("span", `${say(`metric.${name}`)} `);
    one.append(cell("b", name === "roi" ? number(total.roi, 2) : number(total[name])));
    return one;
  }));
}

/** Rule by rule: value, bounds, slack and price. */
export function rules(rows, choose) {
  const bound = rule => [rule.min != null ? `≥ ${metric(rule.metric, rule.min, rule.share)}` : "", rule.max != null ? `≤ ${metric(rule.metric, rule.max, rule.share)}` : ""].filter(Boolean).join(", ");
  const state = rule => (rule.met ? (rule.binding ? "binds" : "met") : rule.soft ? "missed" : "broken");
  const name = rule => {
    const button = cell("button", rule.rule, { type: "button", class: "link" });
    button.onclick = () => choose(rule.at);
    const place = cell("th", "", { scope: "row" });
    place.append(button);
    return place;
  };
  table(
    $("rules"),
    [[say("RULE")], [say("SCOPE")], [say("METRIC")], [say("value"), 1], [say("bound"), 1], [say("slack"), 1], [say("state")], [say("shadow"), 1]],
    rows.map(rule => {
      const how = state(rule);
      const tag = cell("td", "");
      tag.append(cell("span", say(how), { class: `tag ${how}` }));
      return row(
        name(rule),
        cell("td", rule.rows > 1 ? `${rule.scope} (${say("closest", rule.rows)})` : rule.scope, { class: "scope" }),
        cell("td", rule.share ? say("SHARE_OF", say(`metric.${rule.metric}`)) : say(`metric.${rule.metric}`)),
        cell("td", metric(rule.metric, rule.value, rule.share), { class: "n", "data-value": rule.value ?? "" }),
        cell("td", bound(rule), { class: "n" }),
        cell("td", metric(rule.metric, rule.slack, rule.share), { class: "n" }),
        tag,
        cell("td", rule.price > 0 ? number(rule.price, rule.price < 10 ? 3 : 0) : NOTHING, { class: "n" }),
      );
    }),
  );
  $("price-note").textContent = say("price_note");
}

/** Sums by channel. */
export function channels(rows) {
  const names = ["spend", "revenue", "roi", "orders"];
  table($("channels"), [[say("CHANNEL")], ...names.map(name => [say(`metric.${name}`), 1])], rows.map(one =>
    row(cell("th", say(`channel.${one.channel}`), { scope: "row" }), ...names.map(name => cell("td", name === "roi" ? number(one.sums.roi, 2) : number(one.sums[name]), { class: "n" })))));
}

/** Positions by keyword and hour. */
export function heat(rows, [best, worst], open) {
  const middle = (best + worst) / 2;
  const kind = position => (position == null ? "unknown" : position < best - 1e-6 || position > worst + 1e-6 ? "outside" : position <= middle ? "upper" : "lower");
  $("heat").closest("section").hidden = !rows.length;
  $("heat-note").textContent = say("heat_note", best, worst);
  table($("heat"), [[say("UNIT")], [say("SPEND"), 1], ...[...Array(24).keys()].map(hour => [hour])], rows.map(one => {
    const button = cell("button", one.name, { type: "button", class: "link", "aria-label": say("look_into", one.name) });
    button.onclick = () => open(one.unit);
    const name = cell("th", "", { scope: "row", class: "unit" });
    name.append(button);
    const hours = one.hours.map((it, hour) => {
      if (!it) return cell("td", "·", { class: "off", title: say("not_running") });
      const place = cell("td", number(it[0], 1), { class: kind(it[0]), title: say("heat_cell", hour, number(it[0], 2), number(it[1], 2)) });
      return place;
    });
    return row(name, cell("td", number(one.spend), { class: "n" }), ...hours);
  }));
}

/** The units with most spend and their bids. */
export function units(rows, found, compare, open) {
  $("found").textContent = say("found", number(rows.length), number(found));
  const names = [[say("UNIT")], [say("CHANNEL")], [say("hours_on"), 1], [say("LAST_BID"), 1], [say("BID"), 1], [say("CHANGE"), 1], [say("POSITION"), 1], [say("SPEND"), 1], [say("REVENUE"), 1], [say("ROI"), 1]];
  if (compare) names.push([say("saved_bid"), 1], [say("saved_change"), 1]);
  table($("units"), names, rows.map(one => {
    const button = cell("button", one.name, { type: "button", class: "link", "aria-label": say("look_into", one.name) });
    button.onclick = () => open(one.unit);
    const name = cell("th", "", { scope: "row", title: `${one.campaign}${one.product ? ` · ${one.product}` : ""}` });
    name.append(button);
    if (one.why) name.append(" ", cell("small", one.why, { class: "quiet" }));
    const change = one.bid && one.last ? one.bid / one.last - 1 : null;
    const cells = [
      name,
      cell("td", say(`channel.${one.channel}`)),
      cell("td", `${one.on}/${one.cells}`, { class: "n" }),
      cell("td", bid(one.channel, one.last), { class: "n" }),
      cell("td", bid(one.channel, one.bid), { class: "n" }),
      cell("td", percent(change, 0, true), { class: "n" }),
      cell("td", number(one.sums.position, 1), { class: "n" }),
      cell("td", number(one.sums.spend, 2), { class: "n" }),
      cell("td", number(one.sums.revenue, 2), { class: "n" }),
      cell("td", number(one.sums.roi, 2), { class: "n" }),
    ];
    if (compare) {
      const moved = one.sums.spend - one.saved.spend;
      cells.push(cell("td", bid(one.channel, one.saved.bid), { class: "n" }), cell("td", Math.abs(moved) < 0.005 ? NOTHING : (moved > 0 ? "+" : "") + number(moved, 2), { class: "n" }));
    }
    return row(...cells);
  }));
}

/** The 24 hours of a unit, and why each is as it is. */
export function unit_hours(unit, choose) {
  table($("unit-hours"), [[say("HOUR"), 1], [say("LAST_BID"), 1], [say("BID"), 1], [say("POSITION"), 1], [say("SPEND"), 1], [say("REVENUE"), 1], [say("ROI"), 1], [say("why")]], unit.cells.map(one => {
    const button = cell("button", one.hour, { type: "button", class: "link" });
    button.onclick = () => choose(one.hour);
    const hour = cell("th", "", { scope: "row", class: "n" });
    hour.append(button);
    const made = row(hour, cell("td", bid(unit.channel, one.last), { class: "n" }), cell("td", one.run ? bid(unit.channel, one.bid) : NOTHING, { class: "n" }), cell("td", number(one.sums.position, 1), { class: "n" }), cell("td", number(one.sums.spend, 2), { class: "n" }), cell("td", number(one.sums.revenue, 2), { class: "n" }), cell("td", number(one.sums.roi, 2), { class: "n" }), cell("td", one.why, { class: "why" }));
    if (one.hour === unit.hour) made.className = "here";
    return made;
  }));
}

/** How the plan ended, in a sentence. */
export function verdict(text, kind, more, total) {
  $("verdict").className = `verdict ${kind}`;
  // Who listens is told the sums with it.
  const sums = total ? ["spend", "revenue", "roi"].map(name => `${say(`metric.${name}`)} ${metric(name, total[name])}`).join(", ") : "";
  $("verdict").replaceChildren(cell("b", text), cell("span", sums, { class: "unseen" }), cell("span", more, { class: "quiet" }));
}

/** Rules that contradict each other, with bounds that would do. */
export function conflict(what, use) {
  const place = $("conflict");
  place.hidden = !what;
  if (!what) return place.replaceChildren();
  const parts = what.text ? [cell("b", what.text)] : [];
  if (what.rules?.length) parts.push(cell("p", say("contradict", what.rules.join("; "))));
  if (what.looking) parts.push(cell("p", say("looking")));
  for (const one of what.relaxations ?? []) {
    const line = cell("p", one.sentence);
    const value = one.reachable == null ? null : use(one);
    if (value) line.append(" ", value);
    parts.push(line);
  }
  for (const finding of what.findings ?? []) parts.push(cell("p", `${finding.cause}${finding.value ? ` (${finding.value})` : ""}; ${say("fix", finding.action)}`));
  place.replaceChildren(...parts);
}
