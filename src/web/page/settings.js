// The settings: what the hand moves, rules that come and go, undo; and every move is tried.

import * as answers from "./answers.js";
import { asked, here, keep, same, settings, settle, snapshot } from "./base.js";
import { Controls } from "./controls.js";
import { tell } from "./leave.js";
import { covers, good, key_of, none, on, paint_frontier, paint_plan, paint_tiles, shown } from "./results.js";
import * as shapes from "./shape.js";
import { Refused, Tries, ask } from "./talk.js";
import { finding, language, metric, number, plain, say } from "./words.js";

const $ = id => document.getElementById(id);

/** When the hand moved, for what the page tells of its own speed. */
let moved_at = null;
const tries = new Tries(hear);

/** What the settings tell others: `failed(error)` of the connection, `refused(error)` of an act, `look()` that the plan file has changed. */
let others = {};
export const wire = given => (others = given);

/** Says how many settings are not the file's, and keeps them for a reload. */
export function tell_state() {
  const set = settings();
  keep();
  $("save").disabled = !set.length;
  $("reset").disabled = !set.length && !here.theirs;
  $("undo").disabled = !here.past.length;
  $("redo").disabled = !here.future.length;
  const changed = set.length ? say("changed", here.shape.length + here.controls.changes().length) : say("unchanged");
  $("changed").textContent = here.theirs ? `${changed} ${say("changed_old")}` : changed;
}

/** Tries the settings as they are. */
export function try_now() {
  tell_state();
  const set = settings();
  const { bound, curve } = on;
  if (!curve) paint_frontier();
  const wanted = bound && (curve?.key !== key_of(set) || !covers()) ? [bound.rule, bound.side] : null;
  if (bound && curve && !wanted) paint_frontier();
  tries.start(asked({ shown: shown(), frontier: wanted }));
}

/** A line of the latest try. `old` when newer settings wait already. */
function hear(line, body, old) {
  const is = line.is;
  if (line.kind === "failed") return others.failed(line.error);
  if (line.kind === "moved") return here.theirs ? null : others.look();
  if (line.kind === "superseded") return;
  if (line.kind === "refused") {
    const rest = here.controls.explain(is.findings);
    return none("refused", rest.length ? { findings: rest } : null);
  }
  here.controls.explain([]);
  if (line.kind === "infeasible") none("impossible", { cause: say("looking") });
  else if (line.kind === "outlook" || line.kind === "so_far") {
    good();
    // Other slots may still turn out better: then the optimum takes its place.
    answers.verdict(say(line.kind === "so_far" ? "so_far" : "optimum"), "reading", say("milliseconds", number(line.ms)));
    paint_tiles(is.total);
    answers.rules(is.rules, choose_rule);
    answers.channels(is.channels);
  } else if (line.kind === "plan") paint_plan(is, line.ms, body);
  else if (line.kind === "frontier") {
    on.curve = is && { is, key: key_of(body.set) };
    paint_frontier();
  }
  painted(line.kind, old);
}

/** The time from the hand's move to the paint, as a performance measure that anybody can read. */
function painted(name, old) {
  const from = moved_at;
  if (from === null || old) return;
  requestAnimationFrame(() => setTimeout(() => performance.measure(name, { start: from, end: performance.now() })));
}

/** A button that sets a rule to the bound that could be met. */
export function use_bound(one) {
  const mine = control => control.label === one.rule;
  const control = here.controls.find(control => mine(control) && Math.abs(control.now - one.bound) <= 1e-9 * Math.abs(one.bound)) ?? here.controls.find(mine);
  if (!control) return null;
  // Three digits on the side that can be met: bids on their steps need some room.
  const digits = 2 - Math.floor(Math.log10(Math.abs(one.reachable) || 1));
  const whole = (control.side === "min" ? Math.floor : Math.ceil)(one.reachable * 10 ** digits);
  const value = Number((whole * 10 ** -digits).toPrecision(3));
  return answers.button(say("use_bound", control.label, control.percent ? metric(control.metric, value, control.share) : plain(value)), () => {
    here.controls.set(control.key, value);
    moved(control.key, value, true);
    $("results").focus();
  });
}

/** Shows the frontier of a rule. */
export function choose_rule(at) {
  const control = here.controls.of_rule(at)[0];
  if (!control) return;
  Object.assign(on, { bound: control, curve: null });
  paint_frontier();
  try_now();
  document.querySelector(`[data-key='${CSS.escape(control.key)}'] input`)?.focus();
}

function moved(key, value, settled) {
  moved_at = performance.now();
  const control = here.controls.find(control => control.key === key);
  if (control.rule !== undefined && on.bound?.key !== key) Object.assign(on, { bound: control, curve: null });
  if (settled) settle();
  try_now();
}

/** After a move that is whole. */
export function settled() {
  moved_at = performance.now();
  settle();
  try_now();
}

/** Tries settings that were not moved by hand: undo goes back to them. */
export function settled_on() {
  here.present = snapshot();
  moved_at = performance.now();
  try_now();
}

/** Takes other settings: other rules first, where there are any. */
export async function go_to({ moves, shape }) {
  if (!same(shape, here.shape)) await reshape(shape);
  here.controls.restore(moves);
}

async function step(from, to) {
  if (!from.length) return;
  const wanted = from.pop();
  to.push(here.present);
  await go_to(wanted);
  settled_on();
}

/** Builds the controls of other rules; values that were moved stay moved. */
export async function reshape(wanted, moves = here.controls.moved_values()) {
  const { base } = here.shop;
  const { groups } = wanted.length ? await ask("/api/controls", { base, set: shapes.args(wanted), lang: language() }) : here.shop;
  here.shape = wanted;
  build(groups);
  here.controls.restore(moves);
}

function build(groups) {
  here.controls = new Controls($("groups"), groups, moved, hands);
  const again = on.bound && here.controls.find(control => control.key === on.bound.key);
  if (again) on.bound = again;
  else {
    on.bound = here.controls.find(control => control.metric === "spend" && control.side === "max") ?? here.controls.find(control => control.rule !== undefined) ?? null;
    on.curve = null;
  }
}

/** Rules come, go and are switched; says what the server has against it. */
async function change_rules(wanted) {
  try {
    await reshape(wanted);
  } catch (error) {
    if (!(error instanceof Refused) || error.status === 0 || error.status === 401) throw error;
    return error.findings.map(finding).join(" ") || error.message;
  }
  on.curve = null;
  settled();
  return null;
}

const rule_names = () => [...new Set([...document.querySelectorAll("#groups [data-rule]")].map(row => row.dataset.rule))];
const focus_rule = (name, what) => [...document.querySelectorAll("#groups [data-rule]")].find(row => row.dataset.rule === name)?.querySelector(what)?.focus();

const hands = {
  add: () =>
    shapes.ask(
      here.shop.scopes,
      rule_names(),
      rule => change_rules([...here.shape.filter(one => one.name !== rule.name), rule]).catch(others.refused),
      name => {
        tell(say("rule_added", name));
        focus_rule(name, "input");
      },
    ),
  turn: async (control, off) => {
    const was = here.shop.groups.some(group => group.controls.some(one => one.kind === "off" && one.label === control.label));
    const problem = await change_rules(shapes.switched(here.shape, control, off, was)).catch(others.refused);
    if (problem) tell(problem);
    else focus_rule(control.label, ".switch");
  },
  remove: async control => {
    const problem = await change_rules(shapes.without(here.shape, control)).catch(others.refused);
    if (problem) tell(problem);
    else $("add-rule").focus();
  },
};

export const undo = () => step(here.past, here.future).catch(others.refused);
export const redo = () => step(here.future, here.past).catch(others.refused);

