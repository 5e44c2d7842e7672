"""Waiting ends when the review is closed or time is over, and not when the catalogue is away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from airdub.catalog import Catalog, open_catalog
from airdub.settings import load_settings
from operators import review_trigger
from operators.review_trigger import ReviewTrigger
from tests.unit.airdub.catalog.judged import judgement


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalog]:
    monkeypatch.setenv("AIRDUB_VAR", str(tmp_path))
    monkeypatch.delenv("AIRDUB_CATALOG", raising=False)
    monkeypatch.setattr(review_trigger, "_POLL_S", 0.01)
    with open_catalog(load_settings().catalog_url) as opened:
        opened.record_judgement(judgement("run", "review"))
        yield opened


def fired(days_left: float, *, within_s: float = 5, run_id: str = "run") -> Any:
    """What the trigger says; None when it goes on waiting."""
    deadline = datetime.now(UTC) + timedelta(days=days_left)

    async def first() -> Any:
        async for event in ReviewTrigger(run_id, deadline.isoformat()).run():
            return event.payload
        return None

    try:
        return asyncio.run(asyncio.wait_for(first(), within_s))
    except TimeoutError:
        return None


def test_it_waits_as_long_as_the_review_is_open(catalog: Catalog) -> None:
    assert fired(1, within_s=0.3) is None


def test_a_newer_attempt_ends_the_wait(catalog: Catalog) -> None:
    catalog.record_judgement(
        judgement("run.a2", "publish", attempt=2, run={"parent_run_id": "run"})
    )
    assert fired(1) == {"closed": "superseded"}


def test_so_does_the_deadline_and_a_decision_counts_more(catalog: Catalog) -> None:
    assert fired(-1) == {"timed_out": True}
    catalog.decide_review("run", "reject", "Ana", "noise")
    assert fired(-1) == {"closed": "reject"}


def test_a_review_that_is_gone_ends_it(catalog: Catalog) -> None:
    assert fired(1, run_id="other") == {"closed": "gone"}


def test_a_catalogue_that_is_away_is_waited_for(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRDUB_CATALOG", "postgresql://airdub@127.0.0.1:1/catalog")
    assert fired(1, within_s=0.3) is None
    monkeypatch.delenv("AIRDUB_CATALOG")
    catalog.decide_review("run", "reject", "Ana", "noise")
    assert fired(1) == {"closed": "reject"}


def test_airflow_makes_it_anew_from_what_it_keeps() -> None:
    name, arguments = ReviewTrigger("run", "2026-11-21T00:00:00+00:00").serialize()
    module, _, kind = name.rpartition(".")
    assert (module, kind) == (ReviewTrigger.__module__, "ReviewTrigger")
    assert ReviewTrigger(**arguments).serialize() == (name, arguments)
