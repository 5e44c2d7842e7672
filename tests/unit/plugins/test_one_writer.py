"""Requests that may write take turns; those that only read don't wait for them."""

import asyncio

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from plugins.one_writer import OneWriter


class Busy:
    """An endpoint that counts how many requests it has at once."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0

    async def answer(self, request: Request) -> PlainTextResponse:
        if request.url.path == "/fails":
            raise RuntimeError("as endpoints do")
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.01)
        self.now -= 1
        return PlainTextResponse("done")


def _most_at_once(method: str, path: str = "/") -> tuple[int, list[int]]:
    busy = Busy()
    routes = [
        Route(name, busy.answer, methods=["GET", "POST", "PATCH"]) for name in ("/", "/fails")
    ]
    app = OneWriter(Starlette(routes=routes))

    async def ask() -> list[int]:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as client:
            first = await client.request(method, path)
            rest = await asyncio.gather(*(client.request(method, "/") for _ in range(5)))
        return [answer.status_code for answer in (first, *rest)]

    codes = asyncio.run(asyncio.wait_for(ask(), timeout=10))
    return busy.most, codes


def test_writers_take_turns() -> None:
    assert _most_at_once("POST") == (1, [200] * 6)
    assert _most_at_once("PATCH") == (1, [200] * 6)


def test_readers_do_not_wait() -> None:
    assert _most_at_once("GET") == (5, [200] * 6)


def test_a_writer_that_fails_gives_its_turn_on() -> None:
    assert _most_at_once("POST", "/fails") == (1, [500] + [200] * 5)
