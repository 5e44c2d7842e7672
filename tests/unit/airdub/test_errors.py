"""The error tree and its table."""

from __future__ import annotations

import pytest

from airdub.errors import (
    RETRY_RULES,
    TOTAL_RETRIES,
    AirdubError,
    Conflict,
    DependencyUnavailable,
    EngineFailed,
    IncompleteResult,
    InvalidInput,
    PolicyRefused,
    ResourceExhausted,
    TemporaryFailure,
    error_class,
)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (0, IncompleteResult),
        (65, InvalidInput),
        (69, DependencyUnavailable),
        (70, EngineFailed),
        (73, Conflict),
        (75, TemporaryFailure),
        (77, PolicyRefused),
        (137, ResourceExhausted),
        (-9, ResourceExhausted),
        (143, TemporaryFailure),
        (-15, TemporaryFailure),
        (1, EngineFailed),
        (-11, EngineFailed),
    ],
)
def test_every_exit_code_has_one_class(code: int, expected: type[AirdubError]) -> None:
    assert error_class(code) is expected


def test_what_can_never_work_is_never_retried() -> None:
    assert RETRY_RULES[InvalidInput].retries == 0
    assert RETRY_RULES[PolicyRefused].retries == 0
    assert RETRY_RULES[Conflict].retries == 0
    assert RETRY_RULES[EngineFailed].retries == 1


def test_a_task_may_retry_as_often_as_all_classes_together() -> None:
    assert sum(rule.retries for rule in RETRY_RULES.values()) == TOTAL_RETRIES


def test_the_message_says_what_where_and_what_to_do() -> None:
    error = InvalidInput("no audio stream", where="film.mp4", remedy="supply one")
    assert str(error) == "film.mp4: no audio stream. What to do: supply one"
    assert str(EngineFailed("boom")) == "boom"
