"""Late dubs and pauses are told once; numbers are sent where somebody counts."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest

from airdub.catalog import Catalog, open_catalog
from airdub.catalog.session import now
from airdub.queue.documents import RequestState, Rollout
from airdub.settings import load_settings
from operators.watch_queue import WatchQueueOperator
from tests.fakes.receivers import WebServer, serving, statsd
from tests.unit.airdub.catalog.queued import add_titles, wanted

from .conftest import Flow

__all__ = ["statsd"]

HOUR = timedelta(hours=1)
PAST, SOON = now(HOUR), now(-HOUR / 2)


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    with serving(WebServer()) as server:
        connection = {"conn_type": "http", "host": server.url}
        monkeypatch.setenv("AIRFLOW_CONN_AIRDUB_WEBHOOK", json.dumps(connection))
        yield server


@pytest.fixture
def catalog(flow: Flow) -> Iterator[Catalog]:
    with open_catalog(load_settings().catalog_url) as opened:
        yield opened


def watch(flow: Flow) -> None:
    flow.run(WatchQueueOperator(task_id="watch"))


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """So late that what was told may be told again."""
    for module in ("operators.watch_queue", "airdub.catalog.notices"):
        monkeypatch.setattr(f"{module}.now", lambda ago=timedelta(): now(ago - HOUR))


def test_a_quiet_queue_is_left_alone(flow: Flow, catalog: Catalog, hook: WebServer) -> None:
    add_titles(catalog, ["a", "b"])
    catalog.enqueue([wanted("a"), wanted("b", due=SOON)], "lane")
    watch(flow)
    assert hook.posts == []


def test_what_is_late_is_told_once(
    flow: Flow, catalog: Catalog, hook: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_titles(catalog, ["a", "b", "c"])
    catalog.enqueue([wanted("a", due=PAST), wanted("b", due=SOON), wanted("c")], "lane")
    watch(flow)
    watch(flow)
    assert [post["headline"] for post in hook.posts] == ["1 dub is overdue"]
    assert hook.posts[0]["lines"] == [f"a > es was due {PAST[:16]}Z and is waiting"]
    later(monkeypatch)
    watch(flow)
    assert hook.posts[1]["lines"] == [f"b > es was due {SOON[:16]}Z and is waiting"]
    assert hook.posts[1]["held_back"] == 0


def test_what_is_dubbed_in_time_is_not_late(flow: Flow, catalog: Catalog, hook: WebServer) -> None:
    add_titles(catalog, ["a"])
    catalog.enqueue([wanted("a", due=PAST)], "lane")
    (request,) = catalog.claim(1)
    catalog.settle(request.request_id, "published", was="claimed")
    watch(flow)
    assert hook.posts == []


def test_each_pause_is_told_once(flow: Flow, catalog: Catalog, hook: WebServer) -> None:
    catalog.pause("EngineFailed", "12 of the last 20 dubs: 60 %")
    watch(flow)
    watch(flow)
    catalog.resume("mia")
    watch(flow)
    assert [post["headline"] for post in hook.posts] == ["the queue is paused: EngineFailed"]
    catalog.pause("asked", "the disk is changed")
    watch(flow)
    assert hook.posts[1]["headline"] == "the queue is paused: asked"


def test_a_plan_that_went_wrong_is_told_each_time_it_is_stopped(
    flow: Flow, catalog: Catalog, hook: WebServer
) -> None:
    plan = Rollout(plan_digest="f" * 64, profile="embedded", language="es", canaries=2)
    catalog.begin_rollout(plan)
    watch(flow)
    assert hook.posts == []
    for _ in range(2):
        catalog.end_rollout(plan.plan_digest, "stopped", was="trying", note="a canary failed")
        watch(flow)
        watch(flow)
        catalog.end_rollout(plan.plan_digest, "trying", was="stopped")
    headline = "a new plan is stopped: embedded, es"
    assert [post["headline"] for post in hook.posts] == [headline, headline]
    assert "why: a canary failed" in hook.posts[0]["text"]


def test_a_dub_that_waits_for_a_person_is_late_too(
    flow: Flow, catalog: Catalog, hook: WebServer
) -> None:
    add_titles(catalog, ["a"])
    catalog.enqueue([wanted("a", due=PAST)], "lane")
    (request,) = catalog.claim(1)
    catalog.settle(request.request_id, "in_review", was="claimed")
    watch(flow)
    assert hook.posts[0]["lines"] == [f"a > es was due {PAST[:16]}Z and is in_review"]


def test_a_notice_that_nobody_took_is_told_by_the_next_look(
    flow: Flow, catalog: Catalog, hook: WebServer
) -> None:
    catalog.pause("EngineFailed", "12 of the last 20 dubs: 60 %")
    hook.status = 503
    watch(flow)
    hook.status = 200
    watch(flow)
    assert len(hook.posts) == 1
    assert hook.posts[0]["held_back"] == 0


def test_numbers_are_sent_where_somebody_counts(
    flow: Flow, catalog: Catalog, statsd: socket.socket
) -> None:
    add_titles(catalog, ["a", "b"])
    catalog.enqueue([wanted("a"), wanted("b")], "lane")
    catalog.claim(1)
    watch(flow)
    lines = [statsd.recv(4096).decode() for _ in range(len(RequestState) + 1)]
    states = {line.partition("state=")[2].partition(",")[0]: line for line in lines[:-1]}
    assert states["waiting"] == "airflow.airdub.queue.requests,state=waiting,language=es:1|g"
    assert states["claimed"].endswith(":1|g")
    assert states["published"].endswith(":0|g")
    assert set(states) == set(RequestState)
    name, _, value = lines[-1].partition(":")
    assert name == "airflow.airdub.queue.age_s"
    assert 0 <= float(value.removesuffix("|g")) < 60
