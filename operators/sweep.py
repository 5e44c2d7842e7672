"""Sweeping as a task: it tells what would go, or lets it go."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypedDict

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from airdub.settings import load_settings
from airdub.sweeping import sweep
from operators.reports import progress_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.sdk import Context

    from airdub.sweeping import Tally

_TELL_EVERY_S = 30.0


class Swept(TypedDict):
    """The task's XCom: how much went, or would go, and how much stays because it is needed."""

    removed: bool
    folders: int
    bytes: int
    needed_bytes: int


class SweepOperator(BaseOperator):
    """Looks for work that nobody needs: see `airdub.sweeping.sweep`.

    Args:
        remove: whether it goes; without, the task only tells. It is skipped where the run's
            parameter `remove` says no.
    """

    ui_color = "#e5e7eb"

    def __init__(self, *, remove: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.remove = remove

    def execute(self, context: Context) -> Swept:
        """Sweep, tell stage by stage."""
        params = context["params"]
        if self.remove and not params["remove"]:
            raise AirflowSkipException("the run was asked to look only")
        found = sweep(
            load_settings(),
            remove=self.remove,
            days=params["days"],
            report=_progress(self.log.info),
        )
        for tally in found:
            self.log.info("%s", told(tally, remove=self.remove))
        return Swept(
            removed=self.remove,
            folders=sum(one.swept for one in found),
            bytes=sum(one.swept_bytes for one in found),
            needed_bytes=sum(one.needed_bytes for one in found),
        )


def told(tally: Tally, *, remove: bool) -> str:
    """A stage's part, in a line."""
    went = "removed" if remove else "could be removed"
    return (
        f"{tally.stage}: {_mib(tally.swept_bytes)} in {tally.swept} folders {went}; "
        f"{_mib(tally.needed_bytes)} in {tally.needed} are needed, {tally.young} of "
        f"{tally.folders} are young"
    )


def _mib(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB"


def _progress(tell: Callable[..., None]) -> Callable[[int, int], None]:
    """Tells how far it is, now and then."""
    began = last = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _TELL_EVERY_S:
            return
        last = now
        line = {"fraction": done / total, "done": done, "total": total, "unit": "shards"}
        tell("%s", progress_line(line | {"eta_s": (now - began) * (total - done) / done}))

    return report
