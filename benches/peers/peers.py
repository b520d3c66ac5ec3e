"""The same generated program, solved by bidwright and by general solvers, in one run on one machine.

    python3 -m venv target/peers && target/peers/bin/pip install -r benches/peers/requirements.txt
    target/peers/bin/python benches/peers/peers.py 1e4 1e5 --rows 15 150 --time-limit 120

`benches/solve` generates a program, solves it with the structured solver and writes the program and its
answer as arrays; every other solver reads these arrays in a process of its own. All are bound to the same
processors and told the same number of threads; how each is set up is in `solvers.py`.

Columns of the table:
  rows        those that bind many ladders together; one more a ladder keeps its sum within 1
  build       seconds of reading the arrays and filling the solver's model (bidwright: of generating it)
  solve       wall-clock seconds of the solver's own call, its presolve and set-up included
  difference  (objective - ours) / max(1, |ours|)
  violation   worst over all rows of violation / (sum |a x| + |bound|), and of a negative share as it is
  peak        most memory the process held until the solver returned, Python and the arrays included
Objective, difference and violation are computed here, in one way, from the x that a solver returned.

Exits with 1 when the objective of a solver that claims an optimum is off by more than 1e-6, when a solver
crashes, or when bidwright breaks a row or gives another account of its answer than the one computed here.
Rows that another solver breaks with its optimum are said on stderr: first-order methods measure all rows in
one norm, and a small row may be missed by much more than their tolerance.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SOLVERS = pathlib.Path(__file__).resolve().with_name("solvers.py")
PEERS = ["HiGHS simplex", "HiGHS interior point", "HiGHS PDLP", "GLOP", "PDLP", "Clarabel"]
OPTIMAL = "optimal"
AGREE = 1e-6  # what two optima may differ by
EXACT = 1e-9  # what our rows may be broken by, and two computations of one objective differ by
GRACE = 60  # seconds a process gets beyond the limit, to read, to notice and to answer


def apart(name, folder, limit, threads):
    """Solves in a process of its own."""
    command = [sys.executable, str(SOLVERS), name, folder, str(limit), str(threads)]
    started = time.perf_counter()
    try:
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=limit + GRACE)
    except subprocess.TimeoutExpired:
        return {"status": "killed", "solve": time.perf_counter() - started}
    if run.returncode != 0:
        return {"status": f"failed ({run.returncode})", "solve": time.perf_counter() - started}
    return json.loads(run.stdout.splitlines()[-1])


def ours(size, rows, folder, limit, threads):
    """Generates, solves and writes the instance."""
    command = ["cargo", "bench", "--quiet", "--bench", "solve", "--", size, "--rows", str(rows)]
    command += ["--json", "--write", folder, "--time-limit", str(limit)]
    run = subprocess.run(
        command,
        cwd=REPOSITORY,
        env=os.environ | {"RAYON_NUM_THREADS": str(threads)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    own = json.loads(run.stdout.splitlines()[-1])
    judged = apart("bidwright", folder, limit, threads)
    own |= {"solve": own["seconds"], "status": own["status"].lower(), "account": own["objective"]}
    return own | {key: judged[key] for key in ("objective", "violation")}


def difference(objective, base):
    return (objective - base) / max(1.0, abs(base))


def line(name, own, result):
    """One line of the table."""
    cells = [name, f"{own['columns']:,}", f"{own['rows']:,}"]
    cells.append(f"{result['build']:.2f}" if "build" in result else "–")
    cells.append(f"{result['solve']:.3f}")
    cells.append(f"{result['solve'] / own['solve']:.3g}")
    if "objective" in result:
        cells.append(f"{result['objective']:.6f}")
        cells.append(f"{difference(result['objective'], own['objective']):+.1e}")
        cells.append(f"{result['violation']:.1e}")
    else:
        cells += ["–", "–", "–"]
    cells.append(f"{result['peak_kb'] / 1024:,.0f}" if "peak_kb" in result else "–")
    evidence = f", gap {own['gap']:.0e}, {own['passes']} passes" if result is own else ""
    cells.append(result["status"] + evidence)
    return "| " + " | ".join(cells) + " |"


def faults(name, own, result):
    """Why a claim of an optimum is not believed, or nothing is left to compare."""
    where = f"{name}, {own['columns']:,} columns, {own['rows']:,} rows"
    if result["status"] != OPTIMAL:
        missing = result is own or result["status"].startswith("failed")
        return [f"{where}: no optimum to compare with"] if missing else []
    if "objective" not in result:
        return [f"{where}: no x"]
    found = []
    off = difference(result["objective"], own["objective"])
    if not abs(off) <= AGREE:
        found.append(f"{where}: objective differs by {off:.1e}")
    if result is own:
        if not result["violation"] <= EXACT:
            found.append(f"{where}: a row is violated by {result['violation']:.1e}")
        if not abs(difference(own["account"], own["objective"])) <= EXACT:
            found.append(f"{where}: reports {own['account']!r}, its x has {own['objective']!r}")
    elif not result["violation"] <= AGREE:
        print(f"{where}: optimal, but for a row violated by {result['violation']:.1e}", file=sys.stderr)
    return found


def machine(threads, limit):
    """The state of the machine, as the table's heading."""
    model = platform.processor() or platform.machine()
    for text in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if text.startswith("model name"):
            model = text.split(":", 1)[1].strip()
            break
    load = ", ".join(f"{load:.2f}" for load in os.getloadavg())
    said = lambda *command: subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True).stdout.strip()
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("highspy", "ortools", "clarabel")]
    return [
        f"{datetime.date.today()}, commit {said('git', 'rev-parse', '--short', 'HEAD')}; "
        f"{model}, {os.cpu_count()} cores, {threads} threads each; load before {load} (1, 5, 15 min); "
        f"limit {limit:g} s.",
        f"{said('rustc', '--version')}, Python {platform.python_version()}, {', '.join(versions)}.",
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", default=["1e4"], help="numbers of columns")
    parser.add_argument("--rows", nargs="+", type=int, default=[15, 150], help="15, 150 or 1050")
    parser.add_argument("--time-limit", type=float, default=120, help="seconds for each solver (120)")
    parser.add_argument("--threads", type=int, default=2, help="threads and processors (2)")
    parser.add_argument("--only", nargs="+", choices=PEERS, help="these solvers and bidwright")
    options = parser.parse_args()
    # Inherited by every process from here on.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])

    print("\n".join(machine(options.threads, options.time_limit)))
    print("\n| solver | columns | rows | build s | solve s | × ours | objective | difference | violation | peak MB | status |")
    print("| --- |" + " ---: |" * 9 + " --- |", flush=True)
    found = []
    for size in options.sizes:
        for rows in options.rows:
            with tempfile.TemporaryDirectory() as folder:
                own = ours(size, rows, folder, options.time_limit, options.threads)
                for name in ["bidwright", *(options.only or PEERS)]:
                    result = own
                    if name != "bidwright":
                        result = apart(name, folder, options.time_limit, options.threads)
                    print(line(name, own, result), flush=True)
                    found += faults(name, own, result)
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
