"""Checks a finished plan from its files alone: no code of bidwright takes part.

Usage: audit.py RUN_FOLDER

Sums of plan.csv against summary.json; every rule's value and bound; positions of running search cells within
the band; one bid a day for units bought by the day; no bid on cells that do not run.
"""

import csv
import json
import sys
from collections import defaultdict
from pathlib import Path

SUMS = ["impressions", "clicks", "spend", "orders", "revenue"]


def main() -> None:
    folder = Path(sys.argv[1])
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    with (folder / "plan.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = []
    totals = defaultdict(lambda: dict.fromkeys(SUMS, 0.0))
    daily = defaultdict(set)
    band = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["configuration"]["search"]["position"]
    for row in rows:
        name = f"{row['channel']}/{row['campaign']}/{row['unit']} at {row['hour']}"
        if row["run"] == "true":
            for key in SUMS:
                totals[row["channel"]][key] += float(row[key])
            if row["channel"] == "search" and not band[0] - 1e-4 <= float(row["position"]) <= band[1] + 1e-4:
                wrong.append(f"{name}: position {row['position']} outside {band}")
            if row["channel"] in ("affiliate", "group_buy"):
                daily[row["channel"], row["campaign"], row["unit"], row["product"]].add(row["bid"])
            if row["spend"] and row["clicks"] and row["bid"] and row["channel"] == "search":
                if float(row["spend"]) > float(row["bid"]) * float(row["clicks"]) * (1 + 1e-3) + 1e-3:
                    wrong.append(f"{name}: a click costs more than its bid")
        elif row["bid"]:
            wrong.append(f"{name}: does not run and has a bid")
        elif not row["reason"]:
            wrong.append(f"{name}: does not run and nobody says why")
    wrong += [f"{unit}: bids {bids} in one day" for unit, bids in daily.items() if len(bids) > 1]
    for channel, sums in summary["channels"].items():
        for key in SUMS:
            if abs(sums[key] - totals[channel][key]) > 1e-3 * len(rows) ** 0.5 + 1e-6 * abs(sums[key]):
                wrong.append(f"{channel} {key}: summary {sums[key]}, sheet {totals[channel][key]}")
    for rule in summary["rules"]:
        value, low, high = rule["value"], rule["min"], rule["max"]
        kept = value is None or (low is None or value >= low * (1 - 1e-9)) and (high is None or value <= high * (1 + 1e-9))
        if kept != rule["met"]:
            wrong.append(f"rule {rule['rule']} [{rule['scope']}]: value {value}, bounds {low} to {high}, met {rule['met']}")
    broken = [rule["rule"] for rule in summary["rules"] if not rule["met"] and not rule["soft"]]
    if broken and summary["status"] != "infeasible":
        wrong.append(f"broken rules in a plan that is {summary['status']}: {broken}")
    running = sum(row["run"] == "true" for row in rows)
    print(f"{len(rows)} cells, {running} running, {len(summary['rules'])} rule rows, {len(broken)} broken")
    if wrong:
        sys.exit("\n".join(wrong[:20]))


if __name__ == "__main__":
    main()
