"""How far a task's stage is, as an XCom of the task: what Airflow shows of a task while it works.

Workers and triggers can both write it, so it is the same wherever the task waits for its stage.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from operators.reports import progress_text

PROGRESS = "progress"
"""Key of the XCom; a new try begins without one."""

EVERY_S = 5.0
TRIGGER_EVERY_S = 15.0
"""A worker tells of one task; a triggerer of some hundred."""


class TaskProgress:
    """Writes it when it has changed, but not often, and when the stage says that it is done.

    Args:
        push: takes key and value: `xcom_push` of a task instance, or one that is awaited.
        log: where it is said that Airflow does not take it; that never fails anything.
        every_s: shortest time from one to the next.
    """

    def __init__(self, push: Callable[[str, str], Any], log: Any, every_s: float = EVERY_S) -> None:
        self._push = push
        self._every_s = every_s
        self._log = log
        self._told = ""
        self._at = -math.inf

    def tell(self, progress: Mapping[str, Any]) -> None:
        """Write what the runner's newest progress line says; it may be empty."""
        if text := self._due(progress):
            with self._harmless():
                self._push(PROGRESS, text)

    async def tell_async(self, progress: Mapping[str, Any]) -> None:
        """The same by a push that is awaited."""
        if text := self._due(progress):
            with self._harmless():
                await self._push(PROGRESS, text)

    def _due(self, progress: Mapping[str, Any]) -> str:
        text = progress_text(progress) if progress else ""
        now = time.monotonic()
        early = now - self._at < self._every_s and progress.get("fraction", 0) < 1
        if text == self._told or early:
            return ""
        self._told, self._at = text, now
        return text

    @contextmanager
    def _harmless(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - progress only tells; it decides nothing
            self._log.warning("Airflow did not take the progress: %s", type(error).__name__)
