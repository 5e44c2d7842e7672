"""Watching runs: a live line for each task at work, or plain lines where there is no terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from airdub.errors import DependencyUnavailable
from airdub.local.rest import AirflowApi
from airdub.local.service import DAG_ID
from airdub.orders import DubOrder

_POLL_S = 1.0
_PROGRESS_EVERY_S = 2.0
_PLAIN_PROGRESS_EVERY_S = 10.0
_PATIENCE_S = 180.0  # an API that died is started again by the supervisor
_PROGRESS = "progress"  # key under which tasks tell it
_AT_WORK = {"running": "running", "deferred": "waiting"}
_ENDED = ("success", "failed", "upstream_failed", "skipped")
_RUN_ENDED = ("success", "failed")
_WORDS = {
    "success": "done",
    "failed": "FAILED",
    "up_for_retry": "failed, will be tried again",
    "deferred": "waiting for its pod, or for another run of the same work",
}


@dataclass(frozen=True)
class DubRun:
    """A run and what it was ordered to do."""

    order: DubOrder
    run_id: str

    @property
    def label(self) -> str:
        """Title and target language, and the number of a further attempt."""
        again = f" (attempt {self.order.attempt})" if self.order.attempt > 1 else ""
        return f"{self.order.title_id} > {self.order.target_language}{again}"


@dataclass
class RunState:
    """How a run stands.

    Attributes:
        state: Airflow's word for the run.
        tasks: Airflow's task instances by task id.
    """

    state: str = "queued"
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def failed_tasks(self) -> list[str]:
        """Ids of tasks that failed themselves, in the order in which they ended."""
        failed = [task for task in self.tasks.values() if task["state"] == "failed"]
        return [task["task_id"] for task in sorted(failed, key=lambda task: task["end_date"] or "")]


Follow = Callable[[DubRun], DubRun | None]
"""The run that goes on where an ended one left off, if there is one."""


class Watcher:
    """Polls runs and tells what changed.

    Args:
        console: where lines go.
        api: of the Airflow that has the runs.
        runs: what to watch.
        follow: asked once for each run that ended well; what it gives is watched as well.

    Attributes:
        runs: all that are watched, in the order in which they were found.
        states: how each stands, by run id.
    """

    def __init__(
        self, console: Console, api: AirflowApi, runs: Iterable[DubRun], follow: Follow
    ) -> None:
        self._console = console
        self._api = api
        self._follow = follow
        self.runs = list(runs)
        self.states = {run.run_id: RunState() for run in self.runs}
        self._progress: dict[tuple[str, str], str | None] = {}
        self._asked: dict[tuple[str, str], float] = {}
        self._answered = time.monotonic()

    @property
    def done(self) -> bool:
        """Whether every run has ended."""
        return all(state.state in _RUN_ENDED for state in self.states.values())

    def poll(self) -> None:
        """Ask Airflow once and print a line for each task that changed its state.

        Raises:
            DependencyUnavailable: Airflow doesn't answer for longer than a restart takes.
        """
        try:
            self._ask()
        except DependencyUnavailable:
            if time.monotonic() - self._answered > _PATIENCE_S:
                raise
            return
        self._answered = time.monotonic()

    def _ask(self) -> None:
        for run in tuple(self.runs):
            state = self.states[run.run_id]
            if state.state in _RUN_ENDED:
                continue
            ended = self._api.run_state(DAG_ID, run.run_id)
            tasks = self._api.task_instances(DAG_ID, run.run_id)
            for task in sorted(tasks, key=lambda task: task["end_date"] or "~"):
                before = state.tasks.get(task["task_id"], {}).get("state")
                state.tasks[task["task_id"]] = task
                if task["state"] != before:
                    self._tell(run, task)
            if ended == "success" and (further := self._follow(run)):
                self._console.print(f"{run.label}  goes on as {further.label}", soft_wrap=True)
                self.runs.append(further)
                self.states[further.run_id] = RunState()
            state.state = ended

    def lines(self, every_s: float) -> list[str]:
        """One line for each task at work; it is asked at most every `every_s` s how far that is."""
        return [
            f"{run.label}  {task['task_id']}: {self._progress_of(run, task, every_s)}"
            for run in self.runs
            for task in self.states[run.run_id].tasks.values()
            if task["state"] in _AT_WORK
        ]

    def _progress_of(self, run: DubRun, task: dict[str, Any], every_s: float) -> str:
        key = (run.run_id, task["task_id"])
        now = time.monotonic()
        if now - self._asked.setdefault(key, now) >= every_s:
            self._asked[key] = now
            with suppress(DependencyUnavailable):  # how long that may last is `poll`'s business
                self._progress[key] = self._api.xcom(DAG_ID, *key, _PROGRESS)
        return self._progress.get(key) or _AT_WORK[task["state"]]

    def _tell(self, run: DubRun, task: dict[str, Any]) -> None:
        words = _WORDS.get(task["state"] or "")
        if words is None:
            return
        ended = [one for one in self.states[run.run_id].tasks.values() if one["state"] in _ENDED]
        count = f"{len(ended)}/{len(self.states[run.run_id].tasks)}"
        took = f" in {task['duration']:.1f} s" if task["state"] == "success" else ""
        tried = f" (try {task['try_number']})" if task["try_number"] > 1 else ""
        self._console.print(
            f"{run.label}  {count:>5}  {task['task_id']}: {words}{took}{tried}", soft_wrap=True
        )


def watch(console: Console, api: AirflowApi, runs: list[DubRun], follow: Follow) -> Watcher:
    """Show the runs, and those that follow them, until all have ended."""
    watcher = Watcher(console, api, runs, follow)
    if console.is_terminal:
        _watch_live(console, watcher)
    else:
        _watch_plain(console, watcher)
    return watcher


def _watch_live(console: Console, watcher: Watcher) -> None:
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            watcher.poll()
            if watcher.done:
                return
            lines = "\n".join(watcher.lines(_PROGRESS_EVERY_S))
            live.update(Text(lines, no_wrap=True, overflow="ellipsis"), refresh=True)
            time.sleep(_POLL_S)


def _watch_plain(console: Console, watcher: Watcher) -> None:
    told: dict[str, str] = {}
    last = time.monotonic()
    while True:
        watcher.poll()
        if watcher.done:
            return
        if time.monotonic() - last >= _PLAIN_PROGRESS_EVERY_S:
            last = time.monotonic()
            for line in watcher.lines(0):
                task, _, progress = line.rpartition(": ")
                if told.get(task) != progress:
                    told[task] = progress
                    console.print(line, soft_wrap=True)
        time.sleep(_POLL_S)
