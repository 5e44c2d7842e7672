"""The runner's lines become readable log records, and its last words the error."""

from __future__ import annotations

import json
import logging

import pytest

from airdub.errors import (
    DependencyUnavailable,
    EngineFailed,
    IncompleteResult,
    InvalidInput,
    ResourceExhausted,
    TemporaryFailure,
)
from operators.reports import StageReport, progress_line


def report(caplog: pytest.LogCaptureFixture, *messages: object) -> StageReport:
    caplog.set_level(logging.DEBUG, logger="stage")
    made = StageReport("mix", logging.getLogger("stage"))
    for message in messages:
        made.line(message if isinstance(message, str) else json.dumps(message))
    return made


def test_progress_says_how_far_and_how_long() -> None:
    message = {"fraction": 0.4, "done": 40, "total": 100, "unit": "frames", "eta_s": 12.3}
    assert progress_line(message) == "Progress: 40 % (40 of 100 frames), 12 s left"
    assert progress_line(message | {"eta_s": None}) == "Progress: 40 % (40 of 100 frames)"


def test_records_keep_their_levels(caplog: pytest.LogCaptureFixture) -> None:
    report(
        caplog,
        {"event": "log", "level": "warning", "message": "quiet take 100 %s"},
        {"event": "progress", "fraction": 1, "done": 2, "total": 2, "unit": "s", "eta_s": 0},
        "a program's own words",
        '"a JSON string"',
        "",
    )
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "quiet take 100 %s"),
        ("INFO", "Progress: 100 % (2 of 2 s)"),
        ("INFO", "a program's own words"),
        ("INFO", '"a JSON string"'),
    ]


def test_a_spark_application_is_named(caplog: pytest.LogCaptureFixture) -> None:
    message = {"event": "application", "id": "app-1", "master": "spark://m:7077", "page": ""}
    report(caplog, message, message | {"page": "http://10.0.0.1:4040"})
    assert [record.getMessage() for record in caplog.records] == [
        "Spark application app-1 on spark://m:7077",
        "Spark application app-1 on spark://m:7077, its page is http://10.0.0.1:4040",
    ]


def test_the_stages_own_words_are_the_error(caplog: pytest.LogCaptureFixture) -> None:
    said = {
        "event": "error",
        "class": "InvalidInput",
        "what": "no audio stream",
        "where": "film.mp4",
        "remedy": "add one",
    }
    error = report(caplog, said).failure(65)
    assert type(error) is InvalidInput
    assert str(error) == "film.mp4: no audio stream. What to do: add one"


@pytest.mark.parametrize(
    ("exit_code", "kind"),
    [
        (0, IncompleteResult),
        (65, InvalidInput),
        (69, DependencyUnavailable),
        (70, EngineFailed),
        (1, EngineFailed),
        (75, TemporaryFailure),
        (-15, TemporaryFailure),
        (-9, ResourceExhausted),
        (137, ResourceExhausted),
    ],
)
def test_an_exit_code_without_words_still_has_its_class(
    caplog: pytest.LogCaptureFixture, exit_code: int, kind: type
) -> None:
    said = {"event": "error", "class": "PolicyRefused", "what": "of another try"}
    assert type(report(caplog, said).failure(exit_code)) is kind


def test_an_error_is_recovered_from_a_copy_of_the_log_and_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    report = StageReport("mix", logging.getLogger("test"))
    report.recover('cut in half"}')
    report.recover('{"event": "log", "level": "info", "message": "hello"}')
    assert report.said == {}
    report.recover('{"event": "error", "class": "InvalidInput", "what": "no audio"}')
    assert str(report.failure(65)) == "no audio"
    again = StageReport("mix", logging.getLogger("test"), said=report.said)
    assert str(again.failure(65)) == "no audio"
    assert caplog.records == []
