"""The schedulers' examples of docs/daily, each read by what will read it, or by the nearest thing there is."""

import ast
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

FIELDS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]


def cron(schedule: str) -> None:
    """Five fields of numbers, spans, lists and steps within their ranges."""
    fields = schedule.split()
    assert len(fields) == len(FIELDS), f"{schedule}: {len(fields)} fields"
    for field, (low, high) in zip(fields, FIELDS):
        for part in field.split(","):
            found = re.fullmatch(r"(\*|\d+(?:-\d+)?)(?:/(\d+))?", part)
            assert found, f"{schedule}: {part}"
            numbers = [int(number) for number in re.findall(r"\d+", found[1])]
            assert all(low <= number <= high for number in numbers), f"{schedule}: {part}"
            assert numbers == sorted(numbers), f"{schedule}: {part}"
            assert found[2] is None or 1 <= int(found[2]) <= high, f"{schedule}: {part}"


def crontab(path: Path) -> None:
    jobs = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    assert jobs
    for job in jobs:
        words = job.split(maxsplit=6)
        cron(" ".join(words[:5]))
        assert words[6].startswith("/usr/local/bin/bidwright run "), job
        assert "%" not in job, "a percent sign ends a cron command"


def airflow(path: Path) -> None:
    tree = ast.parse(path.read_text(), str(path))
    compile(tree, str(path), "exec")
    calls = {node.func.id: node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    schedule = {keyword.arg: keyword.value for keyword in calls["DAG"].keywords}["schedule"]
    cron(ast.literal_eval(schedule))


def kubernetes(path: Path) -> None:
    job = yaml.safe_load(path.read_text())
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "CronJob")
    spec = job["spec"]
    cron(spec["schedule"])
    pod = spec["jobTemplate"]["spec"]["template"]["spec"]
    # What podFailurePolicy asks of a pod.
    assert pod["restartPolicy"] == "Never"
    mounted = {mount["name"] for container in pod["containers"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}


def systemd(folder: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        print("SKIPPED: systemd-analyze is not on this machine, so the systemd units are not verified")
        return
    with tempfile.TemporaryDirectory() as place:
        for unit in folder.glob("bidwright@.*"):
            # The program need not be installed to check the unit.
            text = unit.read_text().replace("/usr/local/bin/bidwright", sys.executable)
            Path(place, unit.name.replace("@", "@tea")).write_text(text)
        units = sorted(str(unit) for unit in Path(place).iterdir())
        assert len(units) == 2, units
        ran = subprocess.run([tool, "verify", "--man=no", *units], capture_output=True, text=True)
        ours = [line for line in ran.stderr.splitlines() if "bidwright@" in line]
        assert ran.returncode == 0 and not ours, ran.stderr
    calendar = re.search(r"OnCalendar=(.*)", (folder / "bidwright@.timer").read_text())[1]
    subprocess.run([tool, "calendar", calendar], check=True, stdout=subprocess.DEVNULL)


folder = Path(sys.argv[1])
crontab(folder / "crontab")
airflow(folder / "airflow.py")
kubernetes(folder / "cronjob.yaml")
systemd(folder)
print("the examples of", folder, "are well formed")
