"""One connection to a cluster for all who watch pods in one event loop.

A client of its own for each of some hundred waiting tasks would cost a megabyte each, and block the
triggerer for seconds when it starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from airflow.providers.cncf.kubernetes.hooks.kubernetes import AsyncKubernetesHook


class _Shared:
    """A client and how many use it."""

    def __init__(self, context: AbstractAsyncContextManager[Any]) -> None:
        self.context = context
        self.client: Any = None
        self.opening = asyncio.Lock()
        self.users = 0


_shared: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Any, _Shared]] = WeakKeyDictionary()


@asynccontextmanager
async def shared_connection(hook: AsyncKubernetesHook) -> AsyncIterator[Any]:
    """The loop's client for the hook's connection; the last who leaves closes it.

    Who leaves with 401 makes the next one open another, because its token has ended.
    """
    here = _shared.setdefault(asyncio.get_running_loop(), {})
    key = (hook.conn_id, hook.in_cluster)
    one = here.setdefault(key, _Shared(hook.get_conn()))
    one.users += 1
    try:
        async with one.opening:
            if one.client is None:
                one.client = await one.context.__aenter__()
        yield one.client
    except Exception as error:
        if getattr(error, "status", None) == 401 and here.get(key) is one:
            del here[key]
        raise
    finally:
        one.users -= 1
        if not one.users:
            if here.get(key) is one:
                del here[key]
            if one.client is not None:
                await one.context.__aexit__(None, None, None)
