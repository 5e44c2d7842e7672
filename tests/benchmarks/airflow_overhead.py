"""What Airflow adds to a stage: read from the local Airflow's database and the runs' manifests.

A task is ready when the last of its upstream tasks has ended. From then to its own end, the stage's
own seconds are work and a wait for a slot of the pool is not Airflow's fault; the rest is overhead:
scheduling, starting the task's process and the stage's, importing, reporting.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from airdub.artifacts import ArtifactStore
from airdub.drafts import Draft, RunSummary, summary_key

DAG_ID = "dub_video"


@dataclass(frozen=True)
class TaskTimes:
    """A finished task.

    Attributes:
        queued_s, scheduled_s, ended_s: instants in seconds of the Unix clock.
        undisturbed: it was neither tried again nor waiting for another run's work, both of which
            overwrite its times.
    """

    task_id: str
    scheduled_s: float
    queued_s: float
    ended_s: float
    undisturbed: bool = True


@dataclass(frozen=True)
class Overhead:
    """A task's share of a run, seconds.

    Attributes:
        stage_s: the stage's own work; 0 when its result was there.
        waited_s: for a slot of the pool.
        overhead_s: Airflow's.
    """

    run_id: str
    task_id: str
    cached: bool
    stage_s: float
    waited_s: float
    overhead_s: float


def run_overheads(
    run: tuple[str, float],
    tasks: Iterable[TaskTimes],
    upstream: dict[str, set[str]],
    stage_s: dict[str, float],
    cached: dict[str, bool],
) -> list[Overhead]:
    """Overheads of the undisturbed tasks of one run that stand for a stage.

    Args:
        run: its id and the instant of its start.
        upstream: ids of the tasks before a task.
        stage_s, cached: by stage, the last part of a task's id.
    """
    run_id, began_s = run
    by_id = {task.task_id: task for task in tasks}
    found = []
    for task_id, task in by_id.items():
        stage = task_id.rpartition(".")[2]
        if stage not in stage_s or not task.undisturbed:
            continue
        ready_s = max([began_s, *(by_id[other].ended_s for other in upstream[task_id])])
        work_s = 0.0 if cached[stage] else stage_s[stage]
        waited_s = task.queued_s - task.scheduled_s
        overhead_s = task.ended_s - ready_s - waited_s - work_s
        found.append(Overhead(run_id, task_id, cached[stage], work_s, waited_s, overhead_s))
    return found


def read_overheads(database: Path, store: ArtifactStore, newest: int = 12) -> list[Overhead]:
    """Overheads of the newest successful runs whose drafts are in the store.

    Empty when there is no database.
    """
    if not database.is_file():
        return []
    found: list[Overhead] = []
    with sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True) as connection:
        upstream = _upstream(connection)
        runs = connection.execute(
            "SELECT run_id, start_date FROM dag_run WHERE dag_id = ? AND state = 'success' "
            "ORDER BY start_date DESC LIMIT ?",
            (DAG_ID, newest),
        ).fetchall()
        for run_id, began in runs:
            if not store.exists(summary_key(run_id)):
                continue
            summary = RunSummary.model_validate_json(store.read(summary_key(run_id)))
            draft = Draft.model_validate_json(store.read(summary.manifest))
            stage_s = {name: record.wall_s for name, record in draft.stages.items()}
            tasks = _tasks(connection, run_id)
            run = (run_id, _unix_s(began))
            found += run_overheads(run, tasks, upstream, stage_s, summary.cached)
    return found


def _tasks(connection: sqlite3.Connection, run_id: str) -> list[TaskTimes]:
    rows = connection.execute(
        "SELECT task_id, scheduled_dttm, queued_dttm, end_date, "
        "try_number = 1 AND trigger_timeout IS NULL FROM task_instance "
        "WHERE dag_id = ? AND run_id = ? AND state = 'success'",
        (DAG_ID, run_id),
    )
    return [TaskTimes(row[0], *map(_unix_s, row[1:4]), undisturbed=bool(row[4])) for row in rows]


def _upstream(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """Upstream task ids by task id, from the newest serialized DAG."""
    row = connection.execute(
        "SELECT data FROM serialized_dag WHERE dag_id = ? ORDER BY last_updated DESC LIMIT 1",
        (DAG_ID,),
    ).fetchone()
    tasks = [task["__var"] for task in json.loads(row[0])["dag"]["tasks"]] if row else []
    upstream: dict[str, set[str]] = {task["task_id"]: set() for task in tasks}
    for task in tasks:
        for below in task.get("downstream_task_ids", ()):
            upstream[below].add(task["task_id"])
    return upstream


def _unix_s(text: str) -> float:
    """Airflow's times in SQLite are UTC without saying so."""
    return datetime.fromisoformat(f"{text}+00:00").timestamp()
