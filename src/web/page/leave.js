// What leaves the page: the plan file, and the sheets.

import { announce, asked, differences, here } from "./base.js";
import * as shapes from "./shape.js";
import { Refused, ask, take } from "./talk.js";
import { say } from "./words.js";

const $ = id => document.getElementById(id);

let told_before = 0;
/** A word at the foot of the window, for a while. */
export function tell(text) {
  $("told").textContent = text;
  $("told").classList.add("shown");
  clearTimeout(told_before);
  told_before = setTimeout(() => $("told").classList.remove("shown"), 8000);
}

/** Asks before something is done. */
function confirm_with(title, yes, lines) {
  $("ask-name").textContent = title;
  $("ask-what").replaceChildren(...lines.map(line => Object.assign(document.createElement("p"), { textContent: line })));
  $("ask-yes").textContent = yes;
  $("ask").returnValue = "no";
  $("ask").showModal();
  return new Promise(done => ($("ask").onclose = () => done($("ask").returnValue === "yes")));
}

/** Writes the settings into the plan file; answers with the base that this makes, or nothing. `look` asks whether the file has changed. */
export async function save(look) {
  await look();
  const theirs = here.theirs;
  const of_rules = shapes.told(here.shape).map(([name, what, toml]) => `${name}: ${what} ${toml}`);
  const lines = [...of_rules, ...here.controls.told().map(([name, from, to]) => `${name}: ${from} → ${to}`)];
  const lost = theirs && !theirs.problem.length ? [say("save_over"), ...differences(here.shop.groups, theirs.groups)] : [];
  const yes = say(lost.length ? "yes_replace" : "yes_save");
  if (!(await confirm_with(say("ask_save", here.shop.file), yes, [...lines, ...lost, say("ask_save_note")]))) return null;
  const answer = await ask("/api/save", asked(lost.length ? { replaced: theirs.base.text } : {}));
  tell(say("saved", answer.file));
  announce();
  return answer.base;
}

/** Downloads a file of the plan on screen. */
export async function download(name) {
  if (name !== "plan.toml" && no_plan()) return;
  const body = asked({ file: name });
  const blob = name === "plan.toml" ? await take("/api/text", body) : await take("/api/file", body);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
  tell(say("fetched", name));
}

/** Writes the output folder of the plan on screen. */
export async function sheets(force = false) {
  if (no_plan()) return;
  try {
    const answer = await ask("/api/sheets", asked({ force }));
    tell(say("saved", answer.out));
  } catch (error) {
    const foreign = error instanceof Refused && error.findings.some(finding => finding.code === "O001");
    if (!foreign || force) throw error;
    if (await confirm_with(say("sheets", here.shop.out), say("yes_save"), [say("ask_force")])) await sheets(true);
  }
}

/** Says so where the settings have no plan that could be written. */
function no_plan() {
  const none = ["impossible", "refused"].includes($("results").dataset.ended);
  if (none) tell(say("no_plan_no_files"));
  return none;
}
