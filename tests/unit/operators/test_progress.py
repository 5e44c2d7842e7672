"""A task's progress is written seldom, at its end at once, and never fails anything."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from operators import progress as module
from operators.progress import TaskProgress

LOG = logging.getLogger("task")


def line(done: int) -> dict[str, Any]:
    return {"fraction": done / 10, "done": done, "total": 10, "unit": "frames", "eta_s": None}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the clock shows; the last item is now."""
    times = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: times[-1])
    return times


def test_it_is_written_seldom_and_at_the_end(clock: list[float]) -> None:
    told: list[tuple[str, str]] = []
    progress = TaskProgress(lambda key, value: told.append((key, value)), LOG, every_s=15)
    progress.tell({})
    for second, done in enumerate([1, 1, 2, 3, 4, 10]):
        clock.append(1000.0 + 6 * second)
        progress.tell(line(done))
    assert told == [
        ("progress", "10 % (1 of 10 frames)"),
        ("progress", "30 % (3 of 10 frames)"),
        ("progress", "100 % (10 of 10 frames)"),
    ]


@pytest.mark.usefixtures("clock")
def test_an_airflow_that_does_not_take_it_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(key: str, value: str) -> None:
        raise OSError(key)

    async def refuse_later(key: str, value: str) -> None:
        raise OSError(key)

    TaskProgress(refuse, LOG).tell(line(1))
    asyncio.run(TaskProgress(refuse_later, LOG).tell_async(line(1)))
    assert caplog.messages == ["Airflow did not take the progress: OSError"] * 2
