"""Daily bids of all shops: one task a shop, tried again while yesterday's history is not there yet."""

from datetime import timedelta

import pendulum
from airflow import DAG
from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.operators.python import PythonOperator

SHOPS = ["tea", "knitwear"]
ZONE = "Asia/Shanghai"


def run_shop(shop: str, date: str) -> dict:
    """Runs a shop's batch; what it returns is its line for monitoring."""
    import json
    import subprocess

    command = ["bidwright", "run", f"/srv/shops/{shop}/plan.toml", "--date", date, "--log-format", "json"]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    line = json.loads(ran.stdout)
    if ran.returncode == 5:
        raise AirflowSkipException("another run is at work")
    if ran.returncode in (1, 3):
        raise AirflowFailException(line["error"] or line["status"])
    # 2 is also yesterday's history that is not there yet; a stopped run has published nothing.
    if ran.returncode == 2 or line["status"] == "stopped":
        raise RuntimeError(line["error"])
    return line


with DAG(
    dag_id="bidwright",
    schedule="30 2 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz=ZONE),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 6, "retry_delay": timedelta(minutes=30)},
) as dag:
    for shop in SHOPS:
        PythonOperator(
            task_id=f"run_{shop}",
            python_callable=run_shop,
            # The run of the night of the 12th, which begins once the 11th is over, plans the 12th.
            op_kwargs={"shop": shop, "date": "{{ data_interval_end.in_timezone('" + ZONE + "').to_date_string() }}"},
        )
