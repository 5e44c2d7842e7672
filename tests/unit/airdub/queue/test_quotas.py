"""Quotas: how much of a day is left for a language and a profile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.queue.documents import Quota
from airdub.queue.quotas import Budget, Group

SPANISH = ("es", "embedded")
MEXICAN = ("es-MX", "release")
FRENCH = ("fr", "release")

GROUPS = st.sampled_from([SPANISH, MEXICAN, FRENCH])


def quota(scope: str, per_day: float, unit: str = "dubs") -> Quota:
    return Quota.model_validate({"scope": scope, "unit": unit, "per_day": per_day})


@pytest.mark.parametrize(
    ("scope", "admitted"),
    [
        ("all", []),
        ("language:es", [FRENCH]),
        ("language:es-MX", [SPANISH, FRENCH]),
        ("language:e", [SPANISH, MEXICAN, FRENCH]),
        ("profile:release", [SPANISH]),
    ],
)
def test_a_quota_of_nothing_stops_what_it_is_about(scope: str, admitted: list[Group]) -> None:
    budget = Budget([quota(scope, 0)])
    assert [group for group in (SPANISH, MEXICAN, FRENCH) if budget.admits(group)] == admitted


def test_without_quotas_everything_goes() -> None:
    budget = Budget([])
    budget.take(SPANISH)
    assert budget.admits(SPANISH)


def test_what_was_used_before_counts_over_all_that_a_quota_is_about() -> None:
    used = {"dubs": {SPANISH: 2.0, MEXICAN: 2.0, FRENCH: 100.0}}
    budget = Budget([quota("language:es", 5)], used)
    assert budget.admits(SPANISH)
    budget.take(MEXICAN)
    assert not budget.admits(SPANISH)
    assert budget.admits(FRENCH)


def test_gpu_seconds_admit_while_any_are_left() -> None:
    seconds = quota("all", 10, "gpu_s")
    assert Budget([seconds], {"gpu_s": {FRENCH: 9.9}}).admits(SPANISH)
    assert not Budget([seconds], {"gpu_s": {FRENCH: 10.0}}).admits(SPANISH)
    assert Budget([seconds], {"dubs": {FRENCH: 1000.0}}).admits(SPANISH)


@given(st.integers(0, 8), st.integers(0, 8), st.lists(GROUPS, max_size=40))
def test_no_more_is_admitted_than_every_quota_allows(
    all_: int, spanish: int, asked: list[Group]
) -> None:
    budget = Budget([quota("all", all_), quota("language:es", spanish)])
    taken = []
    for group in asked:
        if budget.admits(group):
            budget.take(group)
            taken.append(group)
    in_spanish = [group for group in taken if group[0].startswith("es")]
    assert len(taken) <= all_
    assert len(in_spanish) <= spanish
    wanted_spanish = sum(group[0].startswith("es") for group in asked)
    room = min(all_, min(spanish, wanted_spanish) + len(asked) - wanted_spanish)
    assert len(taken) == room  # nothing is refused that had room
