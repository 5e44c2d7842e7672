"""Waiting for a person without a slot, until somebody answers or the question is no longer one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from airflow.sdk.exceptions import AirflowRuntimeError
from airflow.triggers.base import BaseTrigger, TriggerEvent

from airdub.catalog import open_catalog
from airdub.errors import AirdubError
from airdub.settings import load_settings

_POLL_S = 5.0

log = logging.getLogger(__name__)


class ReviewTrigger(BaseTrigger):
    """Fires when a newer attempt closed the review, or when the time for an answer is over.

    Airflow resumes a waiting task itself when somebody answers. Who is so quick that the task
    doesn't wait yet is heard here, at the beginning.

    Args:
        run_id: of the review.
        deadline: UTC, ISO 8601.
        ti_id: of the task instance that asks.
    """

    def __init__(self, run_id: str, deadline: str, ti_id: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.run_id = run_id
        self.deadline = deadline
        self.ti_id = ti_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class and arguments, for Airflow's database; the catalogue's address isn't in it."""
        return (
            "operators.review_trigger.ReviewTrigger",
            {"run_id": self.run_id, "deadline": self.deadline, "ti_id": self.ti_id},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look every few seconds, in a thread: the catalogue is synchronous."""
        deadline = datetime.fromisoformat(self.deadline)
        await asyncio.sleep(_POLL_S)
        if answer := await asyncio.to_thread(self._answer):
            yield TriggerEvent(answer)  # type: ignore[no-untyped-call]
            return
        while True:
            state = await asyncio.to_thread(self._state)
            if state not in ("open", "unknown"):
                yield TriggerEvent({"closed": state})  # type: ignore[no-untyped-call]
                return
            if datetime.now(UTC) >= deadline:
                yield TriggerEvent({"timed_out": True})  # type: ignore[no-untyped-call]
                return
            await asyncio.sleep(_POLL_S)

    def _answer(self) -> dict[str, Any] | None:
        """The answer that Airflow has, as it would resume the task with it."""
        from airflow.sdk.execution_time.hitl import get_hitl_detail_content_detail

        try:
            given = get_hitl_detail_content_detail(UUID(self.ti_id))
        except AirflowRuntimeError as error:
            log.warning("Airflow doesn't say whether somebody answered: %s", error)
            return None
        if given is None or not given.response_received or given.responded_by_user is None:
            return None
        return {
            "chosen_options": list(given.chosen_options or ()),
            "params_input": given.params_input or {},
            "responded_by_user": {
                "id": given.responded_by_user.id,
                "name": given.responded_by_user.name,
            },
        }

    def _state(self) -> str:
        """The review's state; `unknown` as long as the catalogue doesn't answer."""
        try:
            with open_catalog(load_settings().catalog_url) as catalog:
                review = catalog.review(self.run_id)
        except AirdubError as error:
            log.warning("The review of %s can't be read: %s", self.run_id, error)
            return "unknown"
        return review.state if review else "gone"
