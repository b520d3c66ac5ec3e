// The controls: a slider and a number field for every value that can be moved.

import { read } from "./entry.js";
import { finding, metric, plain, say } from "./words.js";

const round = value => Number(value.toPrecision(12));

export function element(name, more = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(more)) {
    if (key in made && key !== "list") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** Range and step of a slider around a value. */
function around(control) {
  if (control.range) return { low: control.range[0], high: control.range[1], step: control.step };
  const value = control.value;
  if (control.share) return { low: 0, high: 1, step: 0.01 };
  if (value === 0) return { low: 0, high: 100, step: 1 };
  const step = 10 ** Math.floor(Math.log10(Math.abs(value) / 20));
  return value > 0 ? { low: 0, high: round(2 * value), step } : { low: round(2 * value), high: 0, step };
}

/** What a control is called. */
export function label(control) {
  if (!control.label) return say(control.name);
  if (control.kind === "off") return control.label;
  return `${control.label} ${control.side === "min" ? "≥" : "≤"}`;
}

function details(control) {
  if (!control.label) return "";
  const name = say(`metric.${control.metric}`);
  const parts = [control.share ? say("SHARE_OF", name) : name];
  if (control.scope && control.scope !== "plan") parts.push(control.scope);
  if (control.per.length) parts.push(say("per", control.per.map(key => say(`per_${key}`)).join(say("LIST"))));
  if (control.soft) parts.push(say("SOFT"));
  return parts.join(" · ");
}

/** How a value is written behind `--set KEY=`. */
export const written = value => (Array.isArray(value) ? `[${value.join(", ")}]` : String(value));

export class Controls {
  /** `moved(key, value, settled)` is told of every move; `settled` when the hand rests. `hands` are told of rules: `add()`, `turn(control, off)`, `remove(control)`. */
  constructor(place, groups, moved, hands) {
    this.moved = moved;
    this.hands = hands;
    this.controls = new Map();
    const shown = group => group.controls.length || group.name === "rules";
    place.replaceChildren(...groups.filter(shown).map(group => this.group(group)));
  }

  group(group) {
    const rows = group.controls.map(control => (control.kind === "off" ? this.idle(control) : this.row(control)));
    if (group.name === "rules") {
      const add = element("button", { type: "button", id: "add-rule", textContent: say("add_rule") });
      add.onclick = () => this.hands.add();
      rows.push(add);
    }
    return element("fieldset", {}, element("legend", { textContent: say(group.name) }), ...rows);
  }

  /** Buttons that switch a rule and take it away. */
  tools(control) {
    const off = control.kind === "off";
    const turn = element("button", { type: "button", className: "switch", role: "switch", "aria-checked": String(!off), title: say(off ? "turn_on" : "turn_off") });
    turn.setAttribute("aria-label", say("rule_counts", control.label));
    turn.onclick = () => this.hands.turn(control, !off);
    const away = element("button", { type: "button", className: "back", textContent: "✕", title: say("take_away") });
    away.setAttribute("aria-label", say("take_away_rule", control.label));
    away.onclick = () => this.hands.remove(control);
    return [turn, away];
  }

  /** A rule that is switched off. */
  idle(control) {
    const name = element("span", { className: "name quiet", textContent: control.label });
    const note = element("small", { className: "quiet", textContent: say("rule_is_off") });
    const row = element("div", { className: "control idle", role: "group" }, element("div", { className: "head" }, name, element("span", { className: "tools" }, ...this.tools(control))), note);
    row.setAttribute("aria-label", control.label);
    row.dataset.key = control.key;
    row.dataset.rule = control.label;
    return row;
  }

  row(control) {
    const id = `c-${this.controls.size}`;
    const problem = element("p", { className: "problem", id: `${id}-problem`, hidden: true });
    const back = element("button", { type: "button", className: "back", textContent: "↺", hidden: true });
    const ends = control.kind === "pair" ? [0, 1] : [null];
    const fields = ends.map(end => this.field(control, id, end, problem));
    const name = element("span", { className: "name", id: `${id}-name`, textContent: label(control) });
    const more = element("small", { className: "quiet", textContent: details(control) });
    const row = element("div", { className: `control ${control.kind}`, role: "group" }, element("div", { className: "head" }, name, element("span", { className: "tools" }, back, ...(control.first ? this.tools(control) : []))), more, ...fields.map(field => field.place), problem);
    row.setAttribute("aria-labelledby", `${id}-name`);
    row.dataset.key = control.key;
    if (control.label) row.dataset.rule = control.label;
    back.onclick = () => {
      this.set(control.key, control.value);
      this.moved(control.key, control.value, true);
      fields[0].entry.focus();
    };
    this.controls.set(control.key, { control, fields, problem, back, value: control.value, rest: control.value, unread: "" });
    return row;
  }

  field(control, id, end, problem) {
    if (control.kind === "choice") {
      const options = control.choices.map(choice => element("option", { value: choice, textContent: say(`metric.${choice}`) }));
      const entry = element("select", { id, value: control.value }, ...options);
      entry.value = control.value;
      entry.setAttribute("aria-labelledby", `${id}-name`);
      entry.onchange = () => this.read(control, entry.value, true);
      return { entry, place: element("div", { className: "fields" }, entry), show: value => (entry.value = value), slide: () => {} };
    }
    const value = end === null ? control.value : control.value[end];
    const named = end === null ? label(control) : `${label(control)}, ${say(control.key.endsWith("position") ? ["best_end", "worst_end"][end] : ["from", "to"][end])}`;
    const range = control.key.endsWith("position") ? { low: 1, high: Math.max(10, value), step: 0.1 } : end === null ? around(control) : null;
    const entry = element("input", { type: "text", className: "number", id: end === null ? id : `${id}-${end}`, value: plainNumber(value), inputMode: "decimal", spellcheck: false });
    entry.setAttribute("aria-label", named);
    entry.setAttribute("aria-describedby", problem.id);
    const slider = range && element("input", { type: "range", min: range.low, max: range.high, step: range.step, value });
    slider?.setAttribute("aria-label", named);
    const take = (text, settled) => {
      const { value, problem } = read(text, control);
      const old = this.controls.get(control.key).value;
      const all = problem || end === null ? value : old.map((one, at) => (at === end ? value : one));
      if (problem) this.unread(control, entry, problem);
      else if (end !== null && all[0] > all[1]) this.unread(control, entry, say("entry_order"));
      else {
        if (settled) entry.value = plainNumber(value);
        this.read(control, all, settled);
      }
    };
    entry.oninput = () => take(entry.value, false);
    entry.onchange = () => take(entry.value, true);
    entry.onkeydown = event => {
      const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      const now = read(entry.value, control).value;
      if (!up || now === undefined) return;
      event.preventDefault();
      take(String(round(now + up * Number(slider?.step ?? control.step ?? 1))), true);
    };
    if (slider) {
      slider.oninput = () => take(slider.value, false);
      slider.onchange = () => take(slider.value, true);
      slider.setAttribute("aria-valuetext", spoken(control, value));
    }
    const slide = all => {
      const value = end === null ? all : all[end];
      if (!slider) return;
      slider.max = Math.max(range.high, value);
      slider.min = Math.min(range.low, value);
      slider.value = value;
      slider.setAttribute("aria-valuetext", spoken(control, value));
    };
    const show = all => {
      const value = end === null ? all : all[end];
      slide(all);
      // What is being typed is not rewritten under the hand.
      if (document.activeElement !== entry || read(entry.value, control).value !== value) entry.value = plainNumber(value);
    };
    return { entry, slide, place: element("div", { className: "fields" }, ...(slider ? [slider] : []), entry), show };
  }

  read(control, value, settled) {
    const { rest } = this.controls.get(control.key);
    this.set(control.key, value);
    // Half a number that is being typed does not count once the whole cannot be read.
    if (!settled) this.controls.get(control.key).rest = rest;
    this.moved(control.key, value, settled);
  }

  /** Says at a field that it cannot be read, and what counts meanwhile. */
  unread(control, entry, problem) {
    const held = this.controls.get(control.key);
    const typed = written(held.value) !== written(held.rest);
    held.value = held.rest;
    for (const field of held.fields) field.slide(held.value);
    const stays = say(control.path ? "entry_rule_stays" : "entry_stays", spoken(control, held.value));
    held.unread = `${problem} ${stays}`;
    held.problem.textContent = held.unread;
    held.problem.hidden = held.back.hidden = false;
    entry.setAttribute("aria-invalid", "true");
    if (typed) this.moved(control.key, held.value, false);
  }

  /** Shows a value without telling of it. */
  set(key, value) {
    const held = this.controls.get(key);
    if (!held) return;
    held.value = held.rest = value;
    if (held.unread) {
      held.unread = "";
      held.problem.hidden = true;
      for (const field of held.fields) field.entry.removeAttribute("aria-invalid");
    }
    for (const field of held.fields) field.show(value);
    const same = written(value) === written(held.control.value);
    held.back.hidden = same;
    held.back.setAttribute("aria-label", say("put_back", label(held.control), written(held.control.value)));
  }

  /** The plan file's values, with these moved. */
  restore(moves) {
    for (const [key, { control }] of this.controls) this.set(key, control.value);
    for (const [key, value] of moves) this.set(key, value);
  }

  /** The values that were moved, by key. */
  moved_values() {
    const other = ([, { control, value }]) => written(value) !== written(control.value);
    return [...this.controls].filter(other).map(([key, { value }]) => [key, value]);
  }

  /** What is different from the plan file, as `KEY=VALUE`. */
  changes() {
    return this.moved_values().map(([key, value]) => `${key}=${typeof value === "string" ? `"${value}"` : written(value)}`);
  }

  /** The same for people: name, old and new value. */
  told() {
    const other = ([, { control, value }]) => written(value) !== written(control.value);
    return [...this.controls].filter(other).map(([, { control, value }]) => [label(control), written(control.value), written(value)]);
  }

  /** Says beneath its control what is wrong with a value; returns what belongs to none. */
  explain(findings) {
    for (const { problem, fields, unread } of this.controls.values()) {
      if (unread) continue;
      problem.hidden = true;
      problem.textContent = "";
      for (const field of fields) field.entry.removeAttribute("aria-invalid");
    }
    return findings.filter(one => {
      const key = [...this.controls.keys()].find(key => one.value?.startsWith(`${key}=`));
      if (!key) return true;
      const { problem, fields } = this.controls.get(key);
      problem.hidden = false;
      problem.textContent = finding(one);
      for (const field of fields) field.entry.setAttribute("aria-invalid", "true");
      return false;
    });
  }

  /** The controls of a rule, by its index. */
  of_rule(at) {
    return [...this.controls.values()].map(held => held.control).filter(control => control.rule === at);
  }

  find(keep) {
    return [...this.controls.values()].map(held => ({ ...held.control, now: held.value })).find(keep);
  }
}

const plainNumber = value => String(round(Number(value)));
const spoken = (control, value) => (Array.isArray(value) ? value.map(plain).join("–") : control.metric ? metric(control.metric, value, control.share) : plain(value));
