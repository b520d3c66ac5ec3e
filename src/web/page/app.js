// The page: its beginning, its connection, and what its buttons do.

import * as answers from "./answers.js";
import { here, kept, listen, same, settings, snapshot } from "./base.js";
import * as charts from "./charts.js";
import * as closeup from "./closeup.js";
import * as file from "./file.js";
import * as leave from "./leave.js";
import * as results from "./results.js";
import { choose_rule, go_to, redo, settled, try_now, undo, use_bound } from "./settings.js";
import * as moves from "./settings.js";
import { Refused, ask } from "./talk.js";
import { finding, language, learn, number, say, speak } from "./words.js";

const $ = id => document.getElementById(id);
const FRONTIER = ["revenue", "spend", "profit", "roi", "orders"];
const UNIT = ["position", "clicks", "spend", "revenue", "roi", "cpc", "impressions", "orders"];
const { tell } = leave;
const { on } = results;

// ---- the connection

/** What the server has against something that the hand did. */
function refused(error) {
  if (!(error instanceof Refused)) throw error;
  if (error.status === 0 || error.status === 401) {
    failed(error);
    tell(say("not_done"));
  } else tell(error.findings.map(finding).join(" ") || error.message);
}

let retry = 0;
let lost = false;
function failed(error) {
  if (!(error instanceof Refused) || (error.status !== 0 && error.status !== 401)) {
    answers.conflict({ cause: String(error), findings: error.findings ?? [] });
    return;
  }
  lost = true;
  const word = error.status === 401 ? "restarted_token" : "lost";
  $("connection").hidden = false;
  $("connection").textContent = say(word);
  answers.verdict(say("lost_short"), "infeasible", "");
  answers.conflict(null);
  results.stale(true, "lost");
  clearTimeout(retry);
  retry = setTimeout(() => begin().catch(failed), 1000);
}

/** Looks whether the plan file has changed, where there is a server to ask. */
const look = () => (here.shop && !lost ? file.look().catch(failed) : null);

/** The base to go on from: this page's own, or that of before a reload. */
async function find_shop(before) {
  const own = here.shop?.base ?? before?.base;
  if (own) {
    try {
      const found = await ask("/api/shop", { base: own, lang: language() });
      if (here.shop || found.file === before.file) return found;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 422) throw error;
    }
  }
  return ask("/api/shop", { lang: language() });
}

/** Asks what there is and builds the page; settings stay as they were, or as they were before a reload. */
async function begin() {
  speak(localStorage.getItem("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en"));
  const stored = here.shop ? null : kept();
  const changed = stored && (stored.now.moves.length || stored.now.shape.length);
  const found = await find_shop(changed ? stored : null);
  const again = here.shop && here.shop.start !== found.start;
  const reloaded = changed && same(found.base, stored.base);
  const own = here.controls ? snapshot() : reloaded ? stored.now : { moves: [], shape: [] };
  const { mine } = here;
  file.adopt(found);
  learn(found.words);
  speak(language());
  await file.lay(own);
  if (reloaded) Object.assign(here, { past: stored.past, future: stored.future });
  here.mine = reloaded ? stored.mine : mine;
  here.present = snapshot();
  name_things();
  if (lost) {
    lost = false;
    $("connection").hidden = true;
    if (again) tell(say("restarted"));
  } else if (reloaded) tell(say("reloaded", settings().length));
  if (!found.latest) await file.look();
  try_now();
}

/** Words that depend on the shop. */
function name_things() {
  const { shop } = here;
  $("language").value = language();
  $("what").textContent = say("what", shop.file, number(shop.units), shop.date, shop.currency);
  $("sheets").textContent = say("sheets", shop.out);
  choices("frontier-measure", FRONTIER, name => say(`metric.${name}`));
  choices("hours-measure", ["spend", "revenue"], name => say(`metric.${name}`));
  choices("unit-measure", UNIT, name => (name === "position" ? say("POSITION") : say(`metric.${name}`)));
  choices("unit-hour", [...Array(24).keys()], hour => `${hour}:00`);
  choices("which", ["", "on", "off"], state => say(`which_${state || "all"}`));
}

function choices(id, values, name) {
  const chosen = $(id).value;
  $(id).replaceChildren(...values.map(value => Object.assign(document.createElement("option"), { value, textContent: name(value) })));
  if (values.map(String).includes(chosen)) $(id).value = chosen;
}

// ---- hands

$("undo").onclick = undo;
$("redo").onclick = redo;
$("reset").onclick = () => file.reset().catch(refused);
$("save").onclick = () => file.save().catch(refused);
$("sheets").onclick = () => leave.sheets().catch(refused);
for (const button of document.querySelectorAll("[data-file]")) button.onclick = () => leave.download(button.dataset.file).catch(refused);
$("language").onchange = async () => {
  localStorage.setItem("language", $("language").value);
  speak($("language").value);
  // The last plan in its new words first: it may be all that there is to see.
  if (await results.again().catch(refused)) results.paint_results();
  await begin().catch(failed);
};
$("compare").onchange = () => on.last && (results.paint_tiles(on.last.plan.total), results.paint_units());
$("frontier-measure").onchange = results.paint_frontier;
$("hours-measure").onchange = () => on.last && charts.hours($("hours"), on.last.plan.hours, $("hours-measure").value);
const other_units = async () => (await results.again().catch(refused)) && results.paint_units();
$("find").oninput = $("which").onchange = () => {
  $("show-all").dataset.all = false;
  other_units();
};
$("show-all").onclick = () => {
  $("show-all").dataset.all = true;
  other_units();
};
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
  if (on.last) charts.hours($("hours"), on.last.plan.hours, $("hours-measure").value);
  results.paint_frontier();
  closeup.paint();
});
listen(look);
// The strip with the verdict stays in sight below the header, and takes the sums along when the tiles are not.
new ResizeObserver(([{ target }]) => document.documentElement.style.setProperty("--head", `${target.offsetHeight}px`)).observe(document.querySelector("header"));
new IntersectionObserver(([{ isIntersecting, boundingClientRect }]) => $("stand").classList.toggle("away", !isIntersecting && boundingClientRect.top < 200), { rootMargin: "-100px 0px 0px" }).observe($("tiles"));

file.wire(refused);
moves.wire({ failed, refused, look });
results.wire({
  choose_rule,
  use_bound,
  open_unit: (which, hour) => closeup.open(which, hour, refused),
  go_back: () => go_to(on.last.at).then(settled).catch(refused),
});
begin().catch(failed);
