// The plan file under the page: whether it is still the one that the page stands on, and what to do where it is not.

import * as answers from "./answers.js";
import { differences, here, same, settings, snapshot } from "./base.js";
import * as leave from "./leave.js";
import { on } from "./results.js";
import { reshape, settled_on, tell_state } from "./settings.js";
import { Refused, ask } from "./talk.js";
import { finding, language, say } from "./words.js";

const $ = id => document.getElementById(id);

let refused = null;
/** `refused` hears of what the server has against a choice. */
export const wire = given => (refused = given);

/** Looks whether the plan file is still the one that this page stands on. */
export async function look() {
  const now = await ask("/api/shop", { lang: language() });
  const before = here.theirs;
  here.theirs = same(now.base, here.shop.base) && !now.problem.length ? null : now;
  if (before && here.theirs && !same(before.base, here.theirs.base)) here.mine = false;
  if (here.theirs && !before) leave.tell(say("moved_toast"));
  paint_moved();
  tell_state();
}

/** Says that the plan file is another now, and asks what to do. */
function paint_moved() {
  const place = $("moved");
  const { theirs } = here;
  place.hidden = !theirs;
  place.classList.toggle("slim", here.mine);
  if (!theirs) return;
  const bad = theirs.problem.length > 0;
  const what = bad ? theirs.problem.map(finding) : differences(here.shop.groups, theirs.groups);
  const text = say(bad ? "moved_bad" : here.mine ? "moved_mine" : "moved");
  const own = settings().length > 0;
  const buttons = [
    ...(bad ? [] : [answers.button(say(own ? "take_theirs" : "take_theirs_plain"), () => take().catch(refused))]),
    ...(here.mine ? [] : [answers.button(say("keep_mine"), () => ((here.mine = true), paint_moved(), tell_state()))]),
  ];
  place.replaceChildren(answers.line("b", text), ...(here.mine && !bad ? [] : what.map(one => answers.line("p", one))), answers.line("p", "", ...buttons));
}

/** Stands on the plan file as it is now, with this page's own changes on top. */
async function take() {
  const own = snapshot();
  adopt(here.theirs);
  await lay(own);
  settled_on();
  leave.tell(say("taken"));
}

/** Back to the plan file, which is read again. */
export async function reset() {
  const now = await ask("/api/shop", { lang: language() });
  here.past.push(here.present);
  here.future = [];
  if (!now.problem.length) adopt(now);
  await lay({ moves: [], shape: [] });
  settled_on();
}

/** Takes a reading of the plan file for the base. */
export function adopt(found) {
  here.shop = found;
  here.theirs = null;
  here.mine = false;
  on.curve = null;
  paint_moved();
}

/** Lays settings over the base; rules that do not fit it any more are left away, and that is said. */
export async function lay({ moves, shape }) {
  try {
    await reshape(shape, moves);
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 422) throw error;
    await reshape([], moves);
    leave.tell(say("rules_dropped"));
  }
}

export async function save() {
  const base = await leave.save(look);
  if (!base) return;
  adopt(await ask("/api/shop", { base, lang: language() }));
  await lay({ moves: [], shape: [] });
  // What was tried before belongs to another file.
  Object.assign(here, { past: [], future: [] });
  settled_on();
}

