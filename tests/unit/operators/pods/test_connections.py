"""Clients are shared by all who watch, closed by the last, and left when their token ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from operators.pods.connections import shared_connection


class Hook:
    """Counts its clients."""

    conn_id, in_cluster = "kubernetes_default", None

    def __init__(self) -> None:
        self.opened: list[object] = []
        self.closed: list[object] = []

    @asynccontextmanager
    async def get_conn(self) -> AsyncIterator[object]:
        client = object()
        self.opened.append(client)
        await asyncio.sleep(0)
        yield client
        self.closed.append(client)


class Refused(Exception):
    status = 401


def test_many_share_one_and_the_last_closes_it() -> None:
    hook: Any = Hook()

    async def watch(turns: int) -> None:
        async with shared_connection(hook):
            for _ in range(turns):
                await asyncio.sleep(0)
            assert len(hook.closed) == len(hook.opened) - 1

    async def all_watch() -> None:
        await asyncio.gather(*(watch(turns) for turns in range(5, 50)))

    asyncio.run(all_watch())
    assert (len(hook.opened), hook.closed) == (1, hook.opened)
    asyncio.run(all_watch())
    assert (len(hook.opened), hook.closed) == (2, hook.opened)


def test_after_a_refusal_the_next_gets_another() -> None:
    hook: Any = Hook()

    async def scene() -> None:
        async with shared_connection(hook) as old:
            with pytest.raises(Refused):
                async with shared_connection(hook):
                    raise Refused
            async with shared_connection(hook) as new:
                assert new is not old
            assert hook.closed == [new]

    asyncio.run(scene())
    assert len(hook.opened) == len(hook.closed) == 2
