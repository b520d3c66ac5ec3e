// Numbers as people type them: 40,000 and 4万, 50% and 0.5, full-width digits.

import { plain, say } from "./words.js";

const TIMES = { "": 1, 万: 1e4, 萬: 1e4, w: 1e4, 千: 1e3, k: 1e3, 亿: 1e8, 億: 1e8, m: 1e6 };
const NUMBER = /^([+-]?)(\d{1,3}(?:,\d{3})+|\d*)(\.\d*)?(e[+-]?\d+)?(万|萬|w|千|k|亿|億|m|%)?$/i;
/** No sum of a shop is beyond this. */
const MOST = 1e12;

/** What a text means: `{ value }`, or `{ problem }` in words. `percent` where a share is asked for, which may be written as 50%. */
export function read(text, { percent = false, allowed = {} } = {}) {
  const bare = text.normalize("NFKC").replace(/[\s_¥元$]/g, "");
  if (!bare) return { problem: say("entry_empty") };
  const found = NUMBER.exec(bare);
  if (!found || !/\d/.test(found[2] + (found[3] ?? ""))) return { problem: say("entry_unclear", text.trim()) };
  const [, sign, whole, part = "", power = "", unit = ""] = found;
  if (unit === "%" && !percent) return { problem: say("entry_no_percent") };
  const times = unit === "%" ? 0.01 : TIMES[unit.toLowerCase()];
  const value = Number((Number(`${sign}${whole.replaceAll(",", "") || "0"}${part}${power}`) * times).toPrecision(12));
  if (!(Math.abs(value) <= MOST)) return { problem: say("entry_too_large") };
  const problem = outside(value, allowed, percent);
  return problem ? { problem } : { value };
}

/** Why a value may not be, in words; nothing where it may. */
function outside(value, { least, most, above }, percent) {
  const shown = number => (percent ? `${plain(number)} (${plain(100 * number)}%)` : plain(number));
  if (above != null && value <= above) return say("entry_above", shown(above));
  if (least != null && most != null && (value < least || value > most)) return say("entry_within", shown(least), shown(most));
  if (least != null && value < least) return say("entry_least", shown(least));
  return null;
}
