"""An Airflow of which nothing runs but a triggerer, and runs whose first stage waits for a pod.

The rows are those that a scheduler and the tasks would have left, made by Airflow's own models.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import func, select

from operators.pods.identity import TaskIdentity
from operators.pods.watching import Watched
from operators.progress import PROGRESS
from tests.airflow_home import PROJECT, use_own_home
from tests.benchmarks.memory import family
from tests.benchmarks.waiting_pods.pods import NAMESPACE, name_of

POLL_S = 5.0
_DAG, _TASK = "dub_video", "prepare.probe"
_ORDER = {"source": "/films/film.mp4", "source_language": "en", "target_language": "es"}
_RESUMED_BY = "resume_pod"
_STOP_LIMIT_S = 30
_LEVEL = "AIRFLOW__LOGGING__LOGGING_LEVEL"


def prepare(database: str) -> None:
    """Give Airflow an empty home, its tables, and the DAG.

    Args:
        database: URL of an empty PostgreSQL.
    """
    use_own_home()
    url = database.replace("postgresql://", "postgresql+psycopg://")
    os.environ |= {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": url,
        "AIRFLOW__CORE__FERNET_KEY": Fernet.generate_key().decode(),
        _LEVEL: "ERROR",  # lines would fill the terminal
    }

    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
    from airflow.utils.db import initdb

    initdb()
    DagBundlesManager().sync_bundles_to_db()  # type: ignore[no-untyped-call]
    dags = PROJECT / "dags"
    bag = BundleDagBag(dags / f"{_DAG}.py", bundle_path=dags, bundle_name="dags-folder")
    sync_bag_to_db(bag, "dags-folder", None)


def begin_runs(count: int) -> None:
    """Make runs `0`, `1`, ... of which no task has begun."""
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.utils.session import create_session
    from airflow.utils.state import DagRunState
    from airflow.utils.types import DagRunTriggeredByType, DagRunType

    with create_session() as session:
        dag = SerializedDagModel.get_dag(_DAG, session=session)
        assert dag is not None
        for number in range(count):
            dag.create_dagrun(
                run_id=str(number),
                run_after=datetime.now(UTC),
                run_type=DagRunType.MANUAL,
                triggered_by=DagRunTriggeredByType.TEST,
                state=DagRunState.RUNNING,
                conf=_ORDER,
                session=session,
            )


def defer_all(until: float) -> None:
    """Let the first stage of every run wait for its pod.

    Args:
        until: when it is too late (seconds since 1970).
    """
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.trigger import Trigger
    from airflow.utils.session import create_session
    from airflow.utils.state import TaskInstanceState

    from operators.pods.trigger import PodTrigger

    with create_session() as session:
        for task in session.scalars(select(TaskInstance).where(TaskInstance.task_id == _TASK)):
            pod = name_of(int(task.run_id))
            watched = Watched(pod, NAMESPACE, "probe", until, until, POLL_S)
            waiter = TaskIdentity(_DAG, task.run_id, _TASK)
            trigger = PodTrigger("kubernetes_default", False, asdict(watched), asdict(waiter))
            task.trigger = Trigger.from_object(trigger)
            task.trigger_timeout = datetime.fromtimestamp(until, UTC)
            task.state = TaskInstanceState.DEFERRED
            task.next_method, task.next_kwargs = _RESUMED_BY, {}


def resumed() -> dict[int, float]:
    """When each run's task was resumed because its pod had ended, in seconds since 1970."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from airflow.utils.state import TaskInstanceState

    told = (TaskInstance.run_id, TaskInstance.scheduled_dttm, TaskInstance.next_kwargs)
    query = select(*told).where(
        TaskInstance.state == TaskInstanceState.SCHEDULED, TaskInstance.next_method == _RESUMED_BY
    )
    with create_session() as session:
        return {
            int(run): moment.timestamp()
            for run, moment, values in session.execute(query)
            if values["event"]["reason"] == "ended"
        }


def progress_told() -> int:
    """Tasks whose progress Airflow knows."""
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    with create_session() as session:
        query = select(func.count()).select_from(XComModel).where(XComModel.key == PROGRESS)
        return session.scalar(query) or 0


def heartbeat_age_s() -> float:
    """How long ago the triggerer gave a sign of life; infinite before its first."""
    from airflow.jobs.job import Job
    from airflow.utils.session import create_session

    with create_session() as session:
        last = session.scalar(select(func.max(Job.latest_heartbeat)))
    return (datetime.now(UTC) - last).total_seconds() if last else float("inf")


@contextmanager
def triggerer(log: Path) -> Iterator[int]:
    """The program `airflow triggerer`; gives its pid."""
    command = [sys.executable, "-m", "airflow", "triggerer", "--skip-serve-logs"]
    environment = {name: value for name, value in os.environ.items() if name != _LEVEL}
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, env=environment, stdout=file, stderr=file, start_new_session=True
        )
    try:
        yield process.pid
        if process.poll() is not None:
            raise SystemExit(f"the triggerer ended: {log.read_text()[-2000:]}")
    finally:
        process.terminate()
        try:
            process.wait(_STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def cpu_s(pid: int) -> float:
    """Processor time that a process and its descendants have used."""
    total = 0
    for member in family(pid):
        fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def blocked_s(log: Path) -> list[float]:
    """For how long the triggerer found its event loop blocked, each time that it said so."""
    return [
        float(found) for found in re.findall(r"was blocked for ([\d.]+) seconds", log.read_text())
    ]
