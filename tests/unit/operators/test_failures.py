"""Retries are bounded by the class of failure, whatever else went wrong before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from airflow.sdk.definitions.retry_policy import RetryAction
from airflow.sdk.exceptions import AirflowTaskTimeout

from airdub.errors import (
    RETRY_RULES,
    AirdubError,
    DependencyUnavailable,
    EngineFailed,
    Interrupted,
    InvalidInput,
    PolicyRefused,
    ResourceExhausted,
    TemporaryFailure,
)
from airdub.failures import failures
from operators.failures import RetryByErrorClass, decide

from .conftest import Flow


def fail(flow: Flow, error: BaseException, try_number: int, max_tries: int = 15) -> RetryAction:
    decision = RetryByErrorClass().evaluate(error, try_number, max_tries, flow.context("mix"))
    return decision.action


@pytest.mark.parametrize("kind", [InvalidInput, PolicyRefused])
def test_what_can_never_work_fails_at_once(flow: Flow, kind: type[AirdubError]) -> None:
    assert fail(flow, kind("bad"), 1) is RetryAction.FAIL


@pytest.mark.parametrize("kind", [kind for kind, rule in RETRY_RULES.items() if rule.retries])
def test_each_class_is_retried_as_often_as_its_rule_says(
    flow: Flow, kind: type[AirdubError]
) -> None:
    bound = RETRY_RULES[kind].retries
    actions = [fail(flow, kind("bad"), number) for number in range(1, bound + 2)]
    assert actions == [RetryAction.RETRY] * bound + [RetryAction.FAIL]


def test_classes_are_counted_apart(flow: Flow) -> None:
    for number, kind in enumerate((TemporaryFailure, ResourceExhausted, TemporaryFailure), 1):
        assert fail(flow, kind("elsewhere"), number) is RetryAction.RETRY
    assert fail(flow, EngineFailed("first bug"), 4) is RetryAction.RETRY
    assert fail(flow, EngineFailed("second bug"), 5) is RetryAction.FAIL


def test_clearing_a_task_counts_afresh(flow: Flow) -> None:
    assert fail(flow, EngineFailed("bug"), 1) is RetryAction.RETRY
    assert fail(flow, EngineFailed("bug"), 2) is RetryAction.FAIL
    assert fail(flow, EngineFailed("bug"), 3, max_tries=17) is RetryAction.RETRY


@pytest.mark.parametrize("error", [KeyError("x"), AirflowTaskTimeout("6 h")])
def test_an_unknown_exception_is_a_bug(flow: Flow, error: BaseException) -> None:
    assert fail(flow, error, 1) is RetryAction.RETRY
    assert fail(flow, error, 2) is RetryAction.FAIL


def test_pauses_grow_by_the_rule() -> None:
    delays = [decide(DependencyUnavailable("down"), count).retry_delay for count in (1, 2, 3)]
    assert delays == [timedelta(seconds=10), timedelta(seconds=20), timedelta(seconds=40)]


def test_what_waits_for_room_is_patient_for_more_than_an_hour() -> None:
    delays = [decide(Interrupted("quota"), count).retry_delay for count in range(1, 11)]
    assert sum((one for one in delays if one), timedelta()) > timedelta(hours=1)
    assert delays[0] == timedelta(seconds=5)


def test_a_failed_try_leaves_its_words(flow: Flow) -> None:
    fail(flow, InvalidInput("no audio", where="film.mp4", remedy="add sound"), 1)
    [record] = failures(flow.store, "run-1", "mix")
    assert (record.error, record.exit_code, record.what) == ("InvalidInput", 65, "no audio")
    assert (record.where, record.remedy, record.try_number) == ("film.mp4", "add sound", 1)
