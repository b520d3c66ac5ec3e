// The rules themselves: those that were added, switched or taken away on screen, and the form that adds one.

import { element } from "./controls.js";
import { read } from "./entry.js";
import { metric, say } from "./words.js";

const $ = id => document.getElementById(id);
const SUMS = ["spend", "revenue", "orders", "clicks", "impressions", "profit"];
const RATIOS = ["roi", "cpc", "cpm", "ctr", "cvr", "cost_per_order"];
/** What a bound keeps down; all else it keeps up. */
const DOWN = ["spend", "cpc", "cpm", "cost_per_order"];
/** Names that the server lists at most: a longer list may lack some. */
const MOST_NAMES = 300;
const KINDS = ["min", "max", "min_share", "max_share"];
const PER = ["channel", "campaign", "product", "unit", "hour"];

/** Text as TOML has it. */
const quoted = text => JSON.stringify(text);

/** What was done to rules, each `{ name, path, add, off, gone }`, as `KEY=VALUE`. */
export const args = shape =>
  shape.flatMap(one => [
    ...(one.add ? [`rule.+=${one.add}`] : []),
    ...(one.off === undefined ? [] : [`${one.path}.off=${one.off}`]),
    ...(one.gone ? [`rule.-=${quoted(one.name)}`] : []),
  ]);

/** The same for people. */
export const told = shape =>
  shape.map(one => [one.name, say(one.gone ? "rule_gone" : one.off ? "rule_off" : one.add ? "rule_new" : "rule_on"), one.add ?? ""]);

const known = (shape, rule) => shape.find(one => one.name === rule.label) ?? { name: rule.label, path: rule.path };
const others = (shape, rule) => shape.filter(one => one.name !== rule.label);

/** A rule as `--set` names it. */
const path_of = name => (name.includes('"') ? `rule.'${name}'` : `rule."${name}"`);

/** With a rule switched; `was` is whether the plan file has it off. */
export function switched(shape, rule, off, was) {
  const { off: _, ...one } = known(shape, rule);
  if (off !== was) one.off = off;
  return one.add || one.off !== undefined ? [...others(shape, rule), one] : others(shape, rule);
}

/** Without a rule. */
export function without(shape, rule) {
  const { name, path, add } = known(shape, rule);
  return add ? others(shape, rule) : [...others(shape, rule), { name, path, gone: true }];
}

/** A name that no rule has yet. */
function free_name(wish, taken) {
  for (let at = 1; ; at += 1) {
    const name = at === 1 ? wish : `${wish} ${at}`;
    if (!taken.includes(name)) return name;
  }
}

/** The form's bound: its value, or what is wrong with it. */
function entry() {
  const [name, kind] = [$("add-metric").value, $("add-kind").value];
  const share = kind.endsWith("share");
  const allowed = share ? { least: 0, most: 1 } : name === "profit" ? {} : { least: 0 };
  return read($("add-bound").value, { percent: share || ["ctr", "cvr"].includes(name), allowed });
}

/** What is wrong with the form, in words, and the field that it is about. */
function slip(name, taken, scopes) {
  const { problem } = entry();
  if (problem) return [problem, "add-bound"];
  if (taken.includes(name)) return [say("name_taken", name), "add-title"];
  const [from, to] = [Number($("add-from").value), Number($("add-to").value)];
  if (to <= from) return [say("hours_backwards", `${from}:00`, `${to}:00`), "add-to"];
  for (const key of ["campaign", "product", "unit"]) {
    const [text, known] = [$(`add-${key}`).value.trim(), scopes[key]];
    if (text && !text.includes("*") && known.length < MOST_NAMES && !known.includes(text)) return [say("nobody", text), `add-${key}`];
  }
  return null;
}

/** The form's rule, as TOML. */
function toml(name) {
  const chosen = [...$("add-channels").querySelectorAll("input:checked")].map(box => box.value);
  const scope = [];
  if (chosen.length) scope.push(`channel = [${chosen.map(quoted).join(", ")}]`);
  for (const key of ["campaign", "product", "unit"]) if ($(`add-${key}`).value.trim()) scope.push(`${key} = [${quoted($(`add-${key}`).value.trim())}]`);
  const [from, to] = [Number($("add-from").value), Number($("add-to").value)];
  if (from !== 0 || to !== 24) scope.push(`hour = [${quoted(`${from}-${to}`)}]`);
  const parts = [`name = ${quoted(name)}`, `metric = ${quoted($("add-metric").value)}`];
  if (scope.length) parts.push(`where = { ${scope.join(", ")} }`);
  if ($("add-per").value) parts.push(`per = [${quoted($("add-per").value)}]`);
  // A number without a point would be an integer, which is a number too.
  parts.push(`${$("add-kind").value} = ${entry().value}`);
  return `{ ${parts.join(", ")} }`;
}

/** What the form's rule is about, in a few words. */
function wish() {
  const boxes = [...$("add-channels").querySelectorAll("input:checked")].map(box => box.value);
  const names = ["campaign", "product", "unit"].map(key => $(`add-${key}`).value.trim()).filter(Boolean);
  return [...boxes, ...names, $("add-metric").value].join(" ");
}

function options(id, values, name) {
  $(id).replaceChildren(...values.map(value => element("option", { value, textContent: name(value) })));
}

/** Opens the form. `taken` are the names of all rules, `add` is told the new one and answers with what is wrong with it, `added` when the form has gone. */
export function ask(scopes, taken, add, added) {
  options("add-metric", [...SUMS, ...RATIOS], name => say(`metric.${name}`));
  options("add-kind", KINDS, name => say(`kind_${name}`));
  options("add-per", ["", ...PER], name => (name ? say("per", say(`per_${name}`)) : say("per_none")));
  options("add-from", [...Array(24).keys()], hour => `${hour}:00`);
  options("add-to", [...Array(24).keys()].map(hour => hour + 1), hour => `${hour}:00`);
  $("add-to").value = "24";
  const box = name => element("label", { className: "inline" }, element("input", { type: "checkbox", value: name }), ` ${say(`channel.${name}`)}`);
  $("add-channels").replaceChildren(element("legend", { textContent: say("CHANNEL") }), ...scopes.channel.map(box));
  for (const key of ["campaign", "product", "unit"]) {
    $(`add-${key}`).value = "";
    $(`add-${key}-list`).replaceChildren(...scopes[key].map(value => element("option", { value })));
    $(`add-${key}`).closest("label").hidden = !scopes[key].length;
  }
  $("add-bound").value = $("add-title").value = "";
  $("add-problem").hidden = true;
  const follow = () => {
    const ratio = RATIOS.includes($("add-metric").value);
    for (const option of $("add-kind").options) option.disabled = ratio && option.value.endsWith("share");
    if ($("add-kind").selectedOptions[0]?.disabled) $("add-kind").value = "min";
    const share = $("add-kind").value.endsWith("share");
    $("add-unit-of").textContent = share ? say("share_hint", metric($("add-metric").value, 0.15, true)) : "";
    $("add-title").placeholder = free_name(wish(), taken);
  };
  const usual = () => ($("add-kind").value = DOWN.includes($("add-metric").value) ? "max" : "min");
  $("add-metric").onchange = () => (usual(), follow());
  usual();
  $("add-form").oninput = follow;
  follow();
  $("add-form").onsubmit = async event => {
    event.preventDefault();
    const name = $("add-title").value.trim() || $("add-title").placeholder;
    const [problem, at] = slip(name, taken, scopes) ?? [await add({ name, path: path_of(name), add: toml(name) }), "add-bound"];
    $("add-problem").hidden = !problem;
    $("add-problem").textContent = problem ?? "";
    if (problem !== null) return $(at).focus();
    $("add").close();
    added(name);
  };
  $("add-no").onclick = () => $("add").close();
  $("add").showModal();
}
