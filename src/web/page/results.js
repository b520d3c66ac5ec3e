// The plan on screen: the answers to a try, the last plan that met its rules, and what is said where there is none.

import * as answers from "./answers.js";
import { here, same, snapshot } from "./base.js";
import * as charts from "./charts.js";
import { ask } from "./talk.js";
import { language, number, say } from "./words.js";

const $ = id => document.getElementById(id);

/** `last` is the last plan that met its rules: the plan, its settings, and the question that it answered. `bound` is the bound whose frontier is shown, `curve` the curve with what it was computed for. */
export const on = { last: null, bound: null, curve: null };

/** What the results ask of others: `choose_rule(at)`, `use_bound(relaxation)`, `open_unit(unit)`, `go_back()`. */
let hands = {};
export const wire = given => (hands = given);

/** Which units are shown. */
export const shown = () => ({ find: $("find").value, state: $("which").value, all: $("show-all").dataset.all === "true" });

/** The sums that others are compared with. */
const compared = () => ($("compare").checked ? on.last?.plan.saved : null);

/** The executable plan. */
export function paint_plan(plan, ms, body) {
  if (plan.status === "infeasible") return none("impossible", plan.conflict);
  good();
  on.last = { plan, at: snapshot(), body };
  const kind = plan.status === "optimal" && plan.near && !plan.silent.length ? "optimal" : "feasible";
  answers.verdict(plan.verdict, kind, `${say("exact")} · ${say("columns", number(plan.columns))} · ${say("milliseconds", number(ms))}`, plan.total, plan.silent);
  paint_results();
  $("results").dataset.set = JSON.stringify(body.set);
}

/** All that the last plan is shown by. */
export function paint_results() {
  const { plan } = on.last;
  answers.tiles(plan.total, compared());
  $("against").textContent = plan.saved ? say("against", number(plan.saved.spend), number(plan.saved.revenue)) : say("against_none");
  $("confidence-note").hidden = !plan.price;
  $("confidence-note").textContent = plan.price ?? "";
  answers.rules(plan.rules, hands.choose_rule);
  answers.channels(plan.channels);
  answers.heat(plan.heat, plan.band, hands.open_unit);
  paint_units();
  charts.hours($("hours"), plan.hours, $("hours-measure").value);
}

/** The table of bids. */
export function paint_units() {
  const { units, found } = on.last.plan;
  answers.units(units, found, $("compare").checked, hands.open_unit);
  $("show-all").hidden = found <= units.length;
  $("show-all").textContent = say("show_all", number(found));
}

/** Asks for the last plan again: in other words, or other units of it. */
export async function again() {
  const mine = on.last;
  if (!mine) return;
  const plan = await ask("/api/plan", { ...mine.body, frontier: null, lang: language(), shown: shown() });
  if (on.last !== mine) return false;
  mine.plan = plan;
  return true;
}

/** What is on screen answers the settings. */
export function good() {
  answers.conflict(null);
  stale(false);
}

/** The settings have no plan: says why, and keeps the last one on screen. */
export function none(word, why) {
  answers.verdict(say(word), "infeasible", "");
  answers.conflict(why, hands.use_bound);
  if (on.last) paint_results();
  stale(true, word);
}

/** Greys what does not answer the settings, and says what it is. */
export function stale(is, word) {
  $("results").dataset.ended = is ? word : "plan";
  $("results").dataset.stale = is;
  for (const id of ["shown", "glance"]) $(id).classList.toggle("stale", is);
  $("shown").hidden = is && !on.last;
  const place = $("old");
  place.hidden = !is;
  if (!is) return;
  const back = answers.button(say("old_back"), hands.go_back);
  const elsewhere = on.last && !same(on.last.at, snapshot());
  place.replaceChildren(say(on.last ? (word === "lost" ? "old_lost" : "old_plan") : "old_none"), ...(elsewhere && word !== "lost" ? [" ", back] : []));
}

/** The frontier of the bound that was moved last. */
export function paint_frontier() {
  const { bound, curve } = on;
  $("frontier").hidden = !curve?.is;
  $("frontier-note").textContent = bound && !curve ? say("frontier_wait") : bound ? say("frontier_of", say(`metric.${$("frontier-measure").value}`), `${bound.label} ${bound.side === "min" ? "≥" : "≤"}`) : say("frontier_none");
  if (curve?.is && bound) charts.frontier($("frontier"), curve.is, now(), $("frontier-measure").value);
}

/** What a curve depends on: everything but the bound that it is drawn over. */
export const key_of = set => JSON.stringify([on.bound.key, here.shop.base, language(), set.filter(one => !one.startsWith(`${on.bound.key}=`))]);
const now = () => here.controls.find(control => control.key === on.bound.key)?.now;
/** Whether the curve reaches the bound as it stands. */
export const covers = () => {
  const steps = on.curve?.is?.steps ?? [];
  return steps.length > 0 && steps[0].bound <= now() && now() <= steps.at(-1).bound;
};

/** The sums alone. */
export const paint_tiles = total => answers.tiles(total, compared());
