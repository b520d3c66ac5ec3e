// What the page stands on: the plan file as it read it, its own settings over that, and what of both outlives a reload.

import { label } from "./controls.js";
import * as shapes from "./shape.js";
import { language, plain, say } from "./words.js";

/** `shop` holds the base; `shape` is what was done to the rules themselves; `theirs` is the plan file as it is now, where that is another; `mine` whether the person chose to go on without it. */
export const here = { shop: null, controls: null, shape: [], past: [], future: [], present: null, theirs: null, mine: false };

/** What is different from the plan file, as `KEY=VALUE`. */
export const settings = () => [...shapes.args(here.shape), ...here.controls.changes()];

/** A question about this page's plan. */
export const asked = (more = {}) => ({ base: here.shop.base, set: settings(), lang: language(), ...more });

/** The present settings, as undo and a reload keep them. */
export const snapshot = () => ({ moves: here.controls.moved_values(), shape: here.shape });

export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Keeps the present settings for undo. */
export function settle() {
  const now = snapshot();
  if (same(now, here.present)) return;
  here.past.push(here.present);
  here.future = [];
  here.present = now;
}

const PLACE = "bidwright";
const MOST_STEPS = 50;

/** Keeps base, settings and undo for a reload of this tab. */
export function keep() {
  const { shop, past, future, mine } = here;
  const all = { file: shop.file, base: shop.base, now: snapshot(), past: past.slice(-MOST_STEPS), future: future.slice(-MOST_STEPS), mine };
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(all));
  } catch {
    // A browser that keeps nothing: a reload begins anew.
  }
}

/** What this tab kept. */
export function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE));
  } catch {
    return null;
  }
}

/** What another reading of the plan file has that is different, a line each. */
export function differences(before, after) {
  const by_key = groups => new Map(groups.flatMap(group => group.controls).map(control => [control.key, control]));
  const [old, now] = [by_key(before), by_key(after)];
  const shown = value => (Array.isArray(value) ? value.map(plain).join("–") : typeof value === "number" ? plain(value) : String(value ?? ""));
  const lines = [...now].filter(([key, control]) => !old.has(key) || !same(old.get(key).value, control.value)).map(([key, control]) => {
    if (control.kind === "off") return `${control.label}: ${say("rule_off")}`;
    return old.has(key) ? `${label(control)} ${shown(old.get(key).value)} → ${shown(control.value)}` : `${label(control)} ${shown(control.value)} (${say("rule_new")})`;
  });
  const gone = [...old].filter(([key, control]) => !now.has(key) && !now.has(`${control.path}.off`)).map(([, control]) => `${label(control)}: ${say("rule_gone")}`);
  const all = [...lines, ...gone];
  return all.length ? all : [say("moved_elsewhere")];
}

const others = "BroadcastChannel" in globalThis ? new BroadcastChannel("bidwright") : null;

/** Tells the other tabs that the plan file was written. */
export const announce = () => others?.postMessage("written");

/** Hears of it from other tabs; and comes back to this one, where a file may have been edited meanwhile. */
export function listen(look) {
  if (others) others.onmessage = look;
  addEventListener("focus", look);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
}
