// What the server answered, painted.

import { NOTHING, bid, finding, metric, number, percent, plain, say, whole } from "./words.js";

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

/** A button that does something. */
export function button(text, act) {
  const made = cell("button", text, { type: "button" });
  made.onclick = act;
  return made;
}

/** An element with a text and what stands behind it. */
export function line(tag, text, ...more) {
  const made = cell(tag, text);
  made.append(...more);
  return made;
}

const TILES = ["spend", "revenue", "roi", "profit", "orders", "clicks"];

const MONEY = ["spend", "revenue", "profit"];

/** By how much a sum differs from the file's plan, in its own measure and in percent. */
function difference(name, value, before) {
  const change = value - before;
  const share = change / Math.abs(before);
  if (!Number.isFinite(share)) return null;
  const shown = MONEY.includes(name) && Math.abs(change) >= 100 ? whole(change) : metric(name, change, false, true);
  if (shown === metric(name, 0, false, true)) return { text: say("same_as_file"), quiet: true };
  // So many digits that something is seen of it.
  const digits = Math.abs(share) < 0.0005 ? 3 : Math.abs(share) < 0.005 ? 2 : 1;
  return { text: `${shown} (${percent(share, digits, true)})`, quiet: false };
}

/** The sums of the plan, and how they differ from the plan of the file. */
export function tiles(total, saved) {
  glance(total, saved);
  $("tiles").replaceChildren(
    ...TILES.map(name => {
      const tile = cell("div", "", { class: "tile", "data-metric": name });
      const value = total[name];
      const shown = MONEY.includes(name) && Math.abs(value) >= 1000 ? number(value) : metric(name, value);
      tile.append(cell("span", say(`metric.${name}`)), cell("b", shown, { "data-value": value ?? "" }));
      const moved = saved ? difference(name, value, saved[name]) : null;
      if (moved) tile.append(cell("i", moved.text, { class: moved.quiet ? "quiet" : "moved" }));
      return tile;
    }),
  );
}

/** The sums that stay in sight when the tiles do not. */
function glance(total, saved) {
  $("glance").replaceChildren(...["spend", "revenue", "roi"].map(name => {
    const moved = saved ? difference(name, total[name], saved[name]) : null;
    const one = line("span", `${say(`metric.${name}`)} `, cell("b", name === "roi" ? number(total.roi, 2) : number(total[name])));
    if (moved && !moved.quiet) one.append(" ", cell("i", moved.text, { class: "moved" }));
    return one;
  }));
}

/** Rule by rule: value, bounds, slack and price. */
export function rules(rows, choose) {
  const bound = rule => [rule.min != null ? `≥ ${metric(rule.metric, rule.min, rule.share)}` : "", rule.max != null ? `≤ ${metric(rule.metric, rule.max, rule.share)}` : ""].filter(Boolean).join(say("LIST"));
  // A ratio of nothing bounds nothing.
  const state = rule => (rule.met && rule.value == null ? "vacuous" : rule.met ? (rule.binding || rule.kept_for ? "binds" : "met") : rule.soft ? "missed" : "broken");
  const name = rule => {
    const button = cell("button", rule.rule, { type: "button", class: "link" });
    button.onclick = () => choose(rule.at);
    const place = cell("th", "", { scope: "row" });
    place.append(button);
    return place;
  };
  table(
    $("rules"),
    [[say("RULE")], [say("SCOPE")], [say("METRIC")], [say("value"), 1], [say("bound"), 1], [say("slack"), 1], [say("state")], [say("CHANCE"), 1], [say("shadow"), 1]],
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
        line_of_slack(rule),
        tag,
        cell("td", percent(rule.chance, 0), { class: "n" }),
        cell("td", rule.price > 0 ? shadow(rule) : NOTHING, { class: "n" }),
      );
    }),
  );
  $("price-note").textContent = `${say("price_note")} ${say("CHANCE_NOTE")}`;
}

/** A price; that of a share is per percentage point, as its bound is written. */
function shadow(rule) {
  const price = rule.share ? rule.price / 100 : rule.price;
  return number(price, price < 10 ? 3 : price < 100 ? 2 : 0);
}

/** The slack, and why it is left where a rule is to hold on most days. */
function line_of_slack(rule) {
  const place = cell("td", metric(rule.metric, rule.slack, rule.share), { class: "n" });
  if (rule.kept_for) place.append(cell("small", say("kept_for", percent(rule.kept_for, 0)), { class: "quiet" }));
  return place;
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
  const spans = { upper: say("BAND_UPPER", `${plain(best)}–${plain(middle)}`), lower: say("BAND_UPPER", `${plain(middle)}–${plain(worst)}`), outside: say("BAND_OUTSIDE"), off: say("NOT_RUNNING") };
  $("heat-legend").replaceChildren(...Object.entries(spans).map(([kind, text]) => line("span", "", cell("i", "", { class: kind }), ` ${text}`)));
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
export function verdict(text, kind, more, total, doubts = []) {
  $("verdict").className = `verdict ${kind}`;
  // Who listens is told the sums with it.
  const sums = total ? ["spend", "revenue", "roi"].map(name => `${say(`metric.${name}`)} ${metric(name, total[name])}`).join(say("LIST")) : "";
  $("verdict").replaceChildren(cell("b", text), ...doubts.map(doubt => cell("b", doubt)), cell("span", sums, { class: "unseen" }), cell("span", more, { class: "quiet" }));
}

/** Rules that contradict each other, with bounds that would do. */
export function conflict(what, use) {
  const place = $("conflict");
  place.hidden = !what;
  if (!what) return place.replaceChildren();
  const parts = what.cause ? [cell("b", what.cause)] : [];
  for (const one of what.relaxations ?? []) {
    const line = cell("p", one.sentence);
    const value = one.reachable == null ? null : use(one);
    if (value) line.append(" ", value);
    parts.push(line);
  }
  for (const one of what.findings ?? []) parts.push(cell("p", finding(one)));
  place.replaceChildren(...parts);
}
