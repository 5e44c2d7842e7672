"""Requests are the same when the same dub is wanted, and only then."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from airdub.queue.documents import ACTIVE, ENDED, OPEN, RETRIED, Quota, RequestState, new_request
from airdub.repair import attempt_run_id

FIVE: dict[str, Any] = {
    "title_id": "maria.2", "language": "es-419", "version": "v1", "plan_digest": "p1", "attempt": 1,
}  # fmt: skip


def test_the_same_five_are_the_same_request_whatever_else_is_said() -> None:
    one = new_request(**FIVE, profile="embedded")
    other = new_request(**FIVE, profile="embedded", priority=90, due="2026-12-01T00:00:00.000000Z")
    assert one.request_id == other.request_id
    assert len(one.request_id) == 32
    assert one.run_id == other.run_id == f"maria.2.es-419.{one.request_id[:12]}"


@pytest.mark.parametrize(
    "change",
    [
        {"title_id": "maria"}, {"language": "es"}, {"version": "v2"}, {"plan_digest": "p2"},
        {"attempt": 2},
    ],
)  # fmt: skip
def test_any_of_the_five_makes_another(change: dict[str, Any]) -> None:
    one = new_request(**FIVE, profile="embedded")
    other = new_request(**FIVE | change, profile="embedded")
    assert one.request_id != other.request_id
    assert one.run_id != other.run_id


def test_parts_that_run_into_each_other_make_different_requests() -> None:
    one = new_request("a", "b-c", "d", "e", profile="p")
    other = new_request("a", "b", "c-d", "e", profile="p")
    assert one.request_id != other.request_id


def test_its_runs_are_told_from_their_repairs() -> None:
    run_id = new_request(**FIVE, profile="embedded").run_id
    assert attempt_run_id(attempt_run_id(run_id, 2), 1) == run_id


def test_every_state_is_open_ended_or_in_review() -> None:
    assert {*OPEN, *ENDED, RequestState.IN_REVIEW} == set(RequestState)
    assert not set(OPEN) & set(ENDED)
    assert set(RETRIED) < set(ENDED)
    assert set(ACTIVE) < set(OPEN)


@pytest.mark.parametrize("scope", ["", "language:", "spanish", "language:es\n"])
def test_a_quota_is_about_something(scope: str) -> None:
    with pytest.raises(ValidationError):
        Quota(scope=scope, per_day=1)


@pytest.mark.parametrize("per_day", [-1, float("nan"), float("inf")])
def test_a_quota_is_a_number(per_day: float) -> None:
    with pytest.raises(ValidationError):
        Quota(scope="all", per_day=per_day)
