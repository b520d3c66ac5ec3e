// The page: settings on one side, the plan on the other, and what goes on between them.

import * as answers from "./answers.js";
import * as charts from "./charts.js";
import { Controls, written } from "./controls.js";
import * as shapes from "./shape.js";
import { Refused, Tries, ask, take } from "./talk.js";
import { language, learn, metric, number, percent, say, speak } from "./words.js";

const $ = id => document.getElementById(id);
const FRONTIER = ["revenue", "spend", "profit", "roi", "orders"];
const UNIT = ["position", "clicks", "spend", "revenue", "roi", "cpc", "impressions", "orders"];

let shop = null;
let controls = null;
/** What was done to the rules themselves: added, switched, taken away. */
let shape = [];
/** Values and shapes before and after the present ones. */
let past = [];
let future = [];
let present = null;
/** The bound whose frontier is shown, and the curve with what it was computed for. */
let bound = null;
let curve = null;
let last = { outlook: null, plan: null };
let unit = null;
/** When the hand moved, for what the page tells of its own speed. */
let moved_at = null;

const tries = new Tries(hear);

/** What is different from the plan file, as `KEY=VALUE`. */
const settings = () => [...shapes.args(shape), ...controls.changes()];

function try_now() {
  const set = settings();
  $("save").disabled = $("reset").disabled = !set.length;
  $("undo").disabled = !past.length;
  $("redo").disabled = !future.length;
  $("changed").textContent = set.length ? say("changed", shape.length + controls.changes().length) : say("unchanged");
  if (!curve) paint_frontier();
  const wanted = bound && (curve?.key !== key_of(set) || !covers()) ? [bound.rule, bound.side] : null;
  if (bound && curve && !wanted) paint_frontier();
  tries.start({ set, lang: language(), find: $("find").value, frontier: wanted });
}

/** What a curve depends on: everything but the bound that it is drawn over. */
const key_of = set => JSON.stringify([bound.key, language(), set.filter(one => !one.startsWith(`${bound.key}=`))]);
const now = () => controls.find(control => control.key === bound.key)?.now;
const covers = () => {
  const steps = curve?.is?.steps ?? [];
  return steps.length > 0 && steps[0].bound <= now() && now() <= steps.at(-1).bound;
};

/** A line of the latest try. `old` when newer settings wait already. */
function hear(line, body, old) {
  const is = line.is;
  if (line.kind === "failed") return failed(line.error);
  if (line.kind === "refused") {
    const rest = controls.explain(is.findings);
    answers.verdict(say("refused"), "infeasible", "");
    answers.conflict(rest.length ? { findings: rest } : null);
    stale(true);
    return;
  }
  if (line.kind === "superseded") return;
  controls.explain([]);
  if (line.kind === "infeasible") {
    answers.verdict(say("impossible"), "infeasible", "");
    if ($("conflict").hidden) answers.conflict({ text: say("looking") });
    stale(true);
  } else if (line.kind === "outlook") {
    stale(false);
    answers.conflict(null);
    answers.verdict(say("optimum"), "reading", say("milliseconds", number(line.ms)));
    last.outlook = is;
    answers.tiles(is.total, compared());
    answers.rules(is.rules, choose_rule);
    answers.channels(is.channels);
    painted("outlook", old);
  } else if (line.kind === "plan") {
    paint_plan(is, line.ms);
    painted("plan", old);
  } else if (line.kind === "frontier") {
    curve = is && { is, key: key_of(body.set) };
    paint_frontier();
    painted("frontier", old);
  }
}

/** The time from the hand's move to the paint, as a performance measure that anybody can read. */
function painted(name, old) {
  const from = moved_at;
  if (from === null || old) return;
  requestAnimationFrame(() => setTimeout(() => performance.measure(name, { start: from, end: performance.now() })));
}

const compared = () => ($("compare").checked ? last.plan?.saved : null);

function paint_plan(plan, ms) {
  if (plan.status === "infeasible") {
    answers.verdict(say("impossible"), "infeasible", "");
    answers.conflict({ text: plan.verdict, ...plan.conflict }, use_bound);
    stale(true);
    return;
  }
  stale(false);
  answers.conflict(null);
  last.plan = plan;
  answers.verdict(plan.verdict, plan.status, `${say("exact")} · ${say("columns", number(plan.columns))} · ${say("milliseconds", number(ms))}`, plan.total);
  answers.tiles(plan.total, compared());
  answers.rules(plan.rules, choose_rule);
  answers.channels(plan.channels);
  answers.heat(plan.heat, plan.band, open_unit);
  answers.units(plan.units, plan.found, $("compare").checked, open_unit);
  charts.hours($("hours"), plan.hours, $("hours-measure").value);
  $("results").dataset.set = JSON.stringify(settings());
}

function stale(is) {
  for (const id of ["shown", "glance"]) $(id).classList.toggle("stale", is);
  $("results").dataset.stale = is;
}

function paint_frontier() {
  $("frontier").hidden = !curve?.is;
  $("frontier-note").textContent = bound && !curve ? say("frontier_wait") : bound ? say("frontier_of", say(`metric.${$("frontier-measure").value}`), `${bound.label} ${bound.side === "min" ? "≥" : "≤"}`) : say("frontier_none");
  if (curve?.is && bound) charts.frontier($("frontier"), curve.is, now(), $("frontier-measure").value);
}

/** A button that sets a rule to the bound that could be met. */
function use_bound(one) {
  const control = controls.find(control => control.label === one.rule && Math.abs(control.now - one.bound) <= 1e-9 * Math.abs(one.bound)) ?? controls.find(control => control.label === one.rule);
  if (!control) return null;
  // Three digits on the side that can be met: bids on their steps need some room.
  const digits = 2 - Math.floor(Math.log10(Math.abs(one.reachable) || 1));
  const whole = (control.side === "min" ? Math.floor : Math.ceil)(one.reachable * 10 ** digits);
  const value = Number((whole * 10 ** -digits).toPrecision(3));
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = say("use_bound", control.label, metric(control.metric, value, control.share));
  button.onclick = () => {
    controls.set(control.key, value);
    moved(control.key, value, true);
    $("results").focus();
  };
  return button;
}

function choose_rule(at) {
  const control = controls.of_rule(at)[0];
  if (!control) return;
  bound = control;
  curve = null;
  paint_frontier();
  try_now();
  document.querySelector(`[data-key='${CSS.escape(control.key)}'] input`)?.focus();
}

function moved(key, value, settled) {
  moved_at = performance.now();
  const control = controls.find(control => control.key === key);
  if (control.rule !== undefined && bound?.key !== key) {
    bound = control;
    curve = null;
  }
  if (settled) settle();
  try_now();
}

/** Keeps the present settings for undo. */
function settle() {
  const now = { values: controls.values(), shape };
  if (JSON.stringify(now) === JSON.stringify(present)) return;
  past.push(present);
  future = [];
  present = now;
}

async function step(from, to) {
  if (!from.length) return;
  to.push(present);
  present = from.pop();
  const { values, shape: then } = present;
  if (JSON.stringify(then) !== JSON.stringify(shape)) await reshape(then).catch(refused);
  for (const [key, value] of Object.entries(values)) controls.set(key, value);
  moved_at = performance.now();
  try_now();
}

/** Builds the controls of other rules; values that were moved stay moved. */
async function reshape(wanted) {
  const { groups } = wanted.length ? await ask("/api/controls", { set: shapes.args(wanted) }) : shop;
  const moved_values = controls.moved_values();
  shape = wanted;
  build(groups);
  for (const [key, value] of moved_values) controls.set(key, value);
}

function build(groups) {
  controls = new Controls($("groups"), groups, moved, hands);
  const same = bound && controls.find(control => control.key === bound.key);
  if (same) bound = same;
  else {
    bound = controls.find(control => control.metric === "spend" && control.side === "max") ?? controls.find(control => control.rule !== undefined) ?? null;
    curve = null;
  }
}

/** Rules come, go and are switched; says what the server has against it. */
async function change_rules(wanted) {
  try {
    await reshape(wanted);
  } catch (error) {
    if (!(error instanceof Refused) || error.status === 0 || error.status === 401) throw error;
    return error.findings.map(finding => `${finding.cause}${finding.value ? ` (${finding.value})` : ""}; ${say("fix", finding.action)}`).join(" ") || error.message;
  }
  curve = null;
  moved_at = performance.now();
  settle();
  try_now();
  return null;
}

const rule_names = () => [...new Set([...document.querySelectorAll("#groups [data-rule]")].map(row => row.dataset.rule))];
const focus_rule = (name, what) => [...document.querySelectorAll("#groups [data-rule]")].find(row => row.dataset.rule === name)?.querySelector(what)?.focus();

const hands = {
  add: () =>
    shapes.ask(
      shop.scopes,
      rule_names(),
      rule => change_rules([...shape.filter(one => one.name !== rule.name), rule]).catch(refused),
      name => {
        tell(say("rule_added", name));
        focus_rule(name, "input");
      },
    ),
  turn: async (control, off) => {
    const was = shop.groups.some(group => group.controls.some(one => one.kind === "off" && one.label === control.label));
    const problem = await change_rules(shapes.switched(shape, control, off, was)).catch(refused);
    if (problem) tell(problem);
    else focus_rule(control.label, ".switch");
  },
  remove: async control => {
    const problem = await change_rules(shapes.without(shape, control)).catch(refused);
    if (problem) tell(problem);
    else $("add-rule").focus();
  },
};

const undo = () => step(past, future);
const redo = () => step(future, past);

async function reset() {
  past.push(present);
  future = [];
  if (shape.length) await reshape([]).catch(refused);
  for (const group of shop.groups) for (const control of group.controls) controls.set(control.key, control.value);
  present = { values: controls.values(), shape };
  moved_at = performance.now();
  try_now();
}

// ---- what leaves the page

let told_before = 0;
function tell(text) {
  $("told").textContent = text;
  $("told").classList.add("shown");
  clearTimeout(told_before);
  told_before = setTimeout(() => $("told").classList.remove("shown"), 6000);
}

function refused(error) {
  if (!(error instanceof Refused)) throw error;
  if (error.status === 0 || error.status === 401) failed(error);
  else tell(error.findings.map(finding => `${finding.cause}; ${say("fix", finding.action)}`).join(" ") || error.message);
}

function confirm_with(title, yes, lines) {
  $("ask-name").textContent = title;
  $("ask-what").replaceChildren(...lines.map(line => Object.assign(document.createElement("p"), { textContent: line })));
  $("ask-yes").textContent = yes;
  $("ask").returnValue = "no";
  $("ask").showModal();
  return new Promise(done => ($("ask").onclose = () => done($("ask").returnValue === "yes")));
}

async function save() {
  const of_rules = shapes.told(shape).map(([name, what, toml]) => `${name}: ${what} ${toml}`);
  const lines = [...of_rules, ...controls.told().map(([name, from, to]) => `${name}: ${from} → ${to}`)];
  if (!(await confirm_with(say("ask_save", shop.file), say("yes_save"), [...lines, say("ask_save_note")]))) return;
  const answer = await ask("/api/save", { set: settings() });
  tell(say("saved", answer.file));
  await begin(true);
}

async function download(name) {
  const body = { set: settings(), lang: language(), file: name };
  const blob = name === "plan.toml" ? await take("/api/text", body) : await take("/api/file", body);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
  tell(say("fetched", name));
}

async function sheets(force = false) {
  try {
    const answer = await ask("/api/sheets", { set: settings(), lang: language(), force });
    tell(say("saved", answer.out));
  } catch (error) {
    const foreign = error instanceof Refused && error.findings.some(finding => finding.code === "O001");
    if (!foreign || force) throw error;
    if (await confirm_with(say("sheets", shop.out), say("yes_save"), [say("ask_force")])) await sheets(true);
  }
}

// ---- a unit close up

async function open_unit(which, hour) {
  const at = hour ?? (unit?.hour !== undefined && $("unit").open ? unit.hour : 20);
  unit = { which, hour: at, is: null };
  const is = await ask("/api/unit", { set: settings(), lang: language(), unit: [which, at] }).catch(refused);
  if (!is || unit.which !== which || unit.hour !== at) return;
  unit.is = is;
  $("unit-name").textContent = `${is.name} · ${is.campaign} · ${say(`channel.${is.channel}`)}`;
  const here = is.cells.find(cell => cell.hour === at);
  $("unit-words").textContent = here ? say("at_hour", at, here.why) : "";
  $("unit-hour").value = at;
  answers.unit_hours(is, hour => open_unit(which, hour));
  if (!$("unit").open) $("unit").showModal();
  paint_unit();
}

function paint_unit() {
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

// ---- the connection

let retry = 0;
let lost = false;
function failed(error) {
  if (!(error instanceof Refused) || (error.status !== 0 && error.status !== 401)) {
    answers.conflict({ text: String(error), findings: error.findings ?? [] });
    return;
  }
  lost = true;
  $("connection").hidden = false;
  $("connection").textContent = say(error.status === 401 ? "restarted_token" : "lost");
  clearTimeout(retry);
  retry = setTimeout(() => begin(false).catch(failed), 1000);
}

/** Asks what there is and builds the controls; values that were moved stay moved. */
async function begin(saved) {
  const before = controls && !saved ? controls.moved_values() : [];
  if (saved) shape = [];
  const found = await ask("/api/shop");
  const again = shop && shop.start !== found.start;
  shop = found;
  learn(shop.words);
  speak(localStorage.getItem("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en"));
  build(shape.length ? (await ask("/api/controls", { set: shapes.args(shape) })).groups : shop.groups);
  for (const [key, value] of before) controls.set(key, value);
  present = { values: controls.values(), shape };
  $("language").value = language();
  $("what").textContent = say("what", shop.file, number(shop.units), shop.date, shop.currency);
  $("sheets").textContent = say("sheets", shop.out);
  choices("frontier-measure", FRONTIER, name => say(`metric.${name}`));
  choices("hours-measure", ["spend", "revenue"], name => say(`metric.${name}`));
  choices("unit-measure", UNIT, name => (name === "position" ? say("POSITION") : say(`metric.${name}`)));
  choices("unit-hour", [...Array(24).keys()], hour => `${hour}:00`);
  if (lost) {
    lost = false;
    $("connection").hidden = true;
    if (again) tell(say("restarted"));
  }
  curve = null;
  try_now();
}

function choices(id, values, name) {
  const chosen = $(id).value;
  $(id).replaceChildren(...values.map(value => Object.assign(document.createElement("option"), { value, textContent: name(value) })));
  if (values.map(String).includes(chosen)) $(id).value = chosen;
}

// ---- hands

$("undo").onclick = undo;
$("redo").onclick = redo;
$("reset").onclick = reset;
$("save").onclick = () => save().catch(refused);
$("sheets").onclick = () => sheets().catch(refused);
for (const button of document.querySelectorAll("[data-file]")) button.onclick = () => download(button.dataset.file).catch(refused);
$("language").onchange = () => {
  localStorage.setItem("language", $("language").value);
  begin(false).catch(failed);
};
$("compare").onchange = () => last.plan && (answers.tiles(last.plan.total, compared()), answers.units(last.plan.units, last.plan.found, $("compare").checked, open_unit));
$("frontier-measure").onchange = paint_frontier;
$("hours-measure").onchange = () => last.plan && charts.hours($("hours"), last.plan.hours, $("hours-measure").value);
$("unit-hour").onchange = () => open_unit(unit.which, Number($("unit-hour").value));
$("unit-measure").onchange = paint_unit;
$("find").oninput = try_now;
$("controls").onsubmit = event => event.preventDefault();
addEventListener("keydown", event => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.type === "search" || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (key !== "z" && key !== "y") return;
  event.preventDefault();
  if (key === "y" || event.shiftKey) redo();
  else undo();
});
addEventListener("click", event => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target) || event.target.tagName === "BUTTON") menu.open = false;
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  charts.forget();
  if (last.plan) charts.hours($("hours"), last.plan.hours, $("hours-measure").value);
  paint_frontier();
  paint_unit();
});

begin(false).catch(failed);
