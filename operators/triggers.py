"""Waiting without a slot: for a result that another task is making."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airdub.artifacts import ArtifactStore
from airdub.leases import Lease
from airdub.results import is_whole, load_result

_POLL_S = 2.0
"""Also the pause before the first look: a task that resumes before its executor has noticed that it
deferred looks killed to the scheduler."""


class ResultTrigger(BaseTrigger):
    """Fires once the result exists, or nobody alive is working on it any more.

    Args:
        store_url: root of the store.
        output_key: folder of the fingerprint (`StageRequest.output_key`).
    """

    def __init__(self, store_url: str, output_key: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.store_url = store_url
        self.output_key = output_key

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class and arguments, for Airflow's database."""
        return (
            "operators.triggers.ResultTrigger",
            {"store_url": self.store_url, "output_key": self.output_key},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look every two seconds, in a thread: stores are synchronous."""
        store = ArtifactStore(self.store_url)
        reason = None
        while reason is None:
            await asyncio.sleep(_POLL_S)
            reason = await asyncio.to_thread(self._reason, store)
        yield TriggerEvent({"reason": reason})  # type: ignore[no-untyped-call]

    def _reason(self, store: ArtifactStore) -> str | None:
        result = load_result(store, f"{self.output_key}/result.json")
        if result is not None and is_whole(store, result):
            return "the result is there"
        folders = (self.output_key, f"{self.output_key}/requests")
        if not any(Lease(store, folder).holder() for folder in folders):
            return "nobody is making it any more"
        return None
