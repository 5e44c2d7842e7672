"""Waiting for a person without a slot, until somebody answers or the question is no longer one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airdub.catalog import open_catalog
from airdub.errors import AirdubError
from airdub.settings import load_settings

_POLL_S = 5.0

log = logging.getLogger(__name__)


class ReviewTrigger(BaseTrigger):
    """Fires when a newer attempt closed the review, or when the time for an answer is over.

    An answer doesn't come through here: Airflow resumes the task itself when somebody answers.

    Args:
        run_id: of the review.
        deadline: UTC, ISO 8601.
    """

    def __init__(self, run_id: str, deadline: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.run_id = run_id
        self.deadline = deadline

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class and arguments, for Airflow's database; the catalogue's address isn't in it."""
        return (
            "operators.review_trigger.ReviewTrigger",
            {"run_id": self.run_id, "deadline": self.deadline},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look every few seconds, in a thread: the catalogue is synchronous."""
        deadline = datetime.fromisoformat(self.deadline)
        while True:
            await asyncio.sleep(_POLL_S)
            state = await asyncio.to_thread(self._state)
            if state not in ("open", "unknown"):
                yield TriggerEvent({"closed": state})  # type: ignore[no-untyped-call]
                return
            if datetime.now(UTC) >= deadline:
                yield TriggerEvent({"timed_out": True})  # type: ignore[no-untyped-call]
                return

    def _state(self) -> str:
        """The review's state; `unknown` as long as the catalogue doesn't answer."""
        try:
            with open_catalog(load_settings().catalog_url) as catalog:
                review = catalog.review(self.run_id)
        except AirdubError as error:
            log.warning("The review of %s can't be read: %s", self.run_id, error)
            return "unknown"
        return review.state if review else "gone"
