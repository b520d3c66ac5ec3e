"""Second opinion: HiGHS reads program.mps and must find the optimum that bidwright reports.

Usage: highs.py RUN_FOLDER

The relaxation is compared with `evidence.relaxed`, and the program with its binaries fixed to what the plan
takes with `evidence.bound` of the plan's own branch.
"""

import csv
import json
import sys
from pathlib import Path

import highspy

TOLERANCE = 1e-6


def optimum(mps: Path, taken: dict[str, bool] | None) -> float:
    """Objective of the linear program, slots relaxed (taken is None) or fixed by unit name."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    # A warning says that coefficients below 1e-9 are left out.
    if highs.readModel(str(mps)) == highspy.HighsStatus.kError:
        sys.exit(f"HiGHS cannot read {mps}")
    lp = highs.getLp()
    for column, kind in enumerate(lp.integrality_):
        if kind != highspy.HighsVarType.kInteger:
            continue
        highs.changeColIntegrality(column, highspy.HighsVarType.kContinuous)
        if taken is not None:
            unit = lp.col_names_[column].split("_", 1)[1].split("|")[0]
            value = 1.0 if taken.get(unit, False) else 0.0
            highs.changeColBounds(column, value, value)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        sys.exit(f"HiGHS ends with {highs.getModelStatus()}")
    return highs.getInfo().objective_function_value


def main() -> None:
    folder = Path(sys.argv[1])
    evidence = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["evidence"]
    with (folder / "plan.csv").open(encoding="utf-8", newline="") as file:
        slots = [row for row in csv.DictReader(file) if row["channel"] == "group_buy"]
    taken = {row["unit"]: False for row in slots}
    for row in slots:
        taken[row["unit"]] |= row["run"] == "true"
    failed = False
    for name, ours, theirs in [
        ("relaxation", evidence["relaxed"], optimum(folder / "program.mps", None)),
        ("slots fixed", evidence["bound"], optimum(folder / "program.mps", taken)),
    ]:
        error = abs(ours - theirs) / max(1.0, abs(theirs))
        failed |= error > TOLERANCE
        print(f"{name}: bidwright {ours:.6f}, HiGHS {theirs:.6f}, relative difference {error:.1e}")
    if failed:
        sys.exit(f"the optima differ by more than {TOLERANCE}")


if __name__ == "__main__":
    main()
