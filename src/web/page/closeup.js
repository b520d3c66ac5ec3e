// A unit close up: its landscape in an hour, its 24 hours, and why each is as it is.

import * as answers from "./answers.js";
import { asked } from "./base.js";
import * as charts from "./charts.js";
import { ask } from "./talk.js";
import { say } from "./words.js";

const $ = id => document.getElementById(id);

/** The hour that is shown first: the busiest of a shop's day. */
const FIRST = 20;
let unit = null;

/** Shows a unit. `refused` hears of what the server has against it. */
export async function open(which, hour, refused) {
  const at = hour ?? (unit?.hour !== undefined && $("unit").open ? unit.hour : FIRST);
  const question = asked({ unit: [which, at] });
  const key = JSON.stringify([which, question.base, question.set, question.lang]);
  const why = unit?.key === key ? unit.why : null;
  unit = { which, hour: at, is: null, key, why, refused };
  const mine = unit;
  const is = await ask("/api/unit", question).catch(refused);
  if (!is || unit !== mine) return;
  unit.is = is;
  $("unit-name").textContent = `${is.name} · ${is.campaign} · ${say(`channel.${is.channel}`)}`;
  $("unit-hour").value = at;
  answers.unit_hours(is, hour => open(which, hour, refused));
  say_why();
  if (!$("unit").open) $("unit").showModal();
  paint();
  if (unit.why) return;
  const lines = await ask("/api/why", question).catch(refused);
  if (!lines || unit !== mine) return;
  unit.why = lines;
  say_why();
}

/** Why the hour is as it is; the reason in short until the rest has come. */
function say_why() {
  const here = unit.is.cells.find(cell => cell.hour === unit.hour);
  const line = unit.why?.find(line => line.hours.includes(unit.hour));
  const alone = !line || line.hours.length === 1;
  $("unit-words").textContent = here ? say(alone ? "at_hour" : "at_hours", alone ? unit.hour : line.spans, line?.words ?? `${here.why}…`) : "";
  $("unit-words").dataset.whole = Boolean(line);
}

/** Draws the landscape. */
export function paint() {
  const is = unit?.is;
  if (!is) return;
  const has = is.curve.length > 0;
  $("unit-chart").hidden = !has;
  const notes = [has ? say("unit_note") : say("unit_no_curve")];
  if (!is.seen.length) notes.push(say("unit_no_history"));
  $("unit-note").textContent = notes.join(" ");
  if (has && is.channel !== "search" && $("unit-measure").value === "position") $("unit-measure").value = "clicks";
  if (has) charts.landscape($("unit-chart"), is, $("unit-measure").value);
}

$("unit-hour").onchange = () => open(unit.which, Number($("unit-hour").value), unit.refused);
$("unit-measure").onchange = paint;
