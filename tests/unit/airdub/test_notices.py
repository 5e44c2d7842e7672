"""Notices say what, where and what to do, in words that nothing quoted can break."""

from __future__ import annotations

import pytest

from airdub.errors import EngineFailed, InvalidInput
from airdub.gates import Consequence
from airdub.notices import (
    NoticeKind,
    Overdue,
    failed_task,
    late_run,
    overdue_requests,
    paused_queue,
    refused_dub,
)
from tests.unit.airdub.catalog.judged import judgement

DUE = "2026-11-21T10:00:00.000000Z"
OF = {"title": "the-tower", "language": "es-419", "run": "run-1"}


def late_dub(title_id: str) -> Overdue:
    return Overdue(title_id=title_id, language="es", due=DUE, state="waiting")


def test_a_failure_says_what_where_and_what_to_do() -> None:
    error = InvalidInput("no audio stream", where="film.mp4", remedy="give it one")
    notice = failed_task(OF, "dub_video", "prepare.probe", error, "http://a/dags/dub_video")
    assert notice.subject == "airdub: the-tower > es-419: prepare.probe failed"
    assert notice.text.splitlines() == [
        "the-tower > es-419: prepare.probe failed",
        "",
        "title: the-tower",
        "language: es-419",
        "run: run-1",
        "error: InvalidInput",
        "what: no audio stream",
        "where: film.mp4",
        "what to do: give it one",
        "http://a/dags/dub_video",
    ]


def test_failures_of_one_kind_are_about_the_same_whichever_title_has_them() -> None:
    one = failed_task(OF, "dub_video", "mux", EngineFailed("a"))
    other = failed_task(OF | {"title": "b"}, "dub_video", "mux", EngineFailed("b"))
    another = failed_task(OF, "dub_video", "mux", InvalidInput("a"))
    assert one.about == other.about != another.about


def test_a_task_of_no_title_is_named_by_its_dag() -> None:
    of = {"title": "", "language": "", "run": "r"}
    notice = failed_task(of, "sweep_artifacts", "sweep", EngineFailed("full"))
    assert notice.headline == "sweep_artifacts: sweep failed"


def test_what_is_quoted_stays_words() -> None:
    error = EngineFailed(
        "line one\r\nBcc: all@example.org\x00 {{ 7 * 7 }} <script>alert(1)</script>"
    )
    notice = failed_task(OF | {"title": "a\nb"}, "dub_video", "mux", error)
    assert "\n" not in notice.subject
    assert "\r" not in notice.text
    assert "line one  Bcc: all@example.org  {{ 7 * 7 }}" in notice.text
    assert "<script>" not in notice.html
    assert "&lt;script&gt;alert(1)" in notice.html


def test_long_words_and_many_lines_are_cut() -> None:
    notice = failed_task(OF, "dub_video", "mux", EngineFailed("x" * 10_000))
    assert len(notice.text) < 1000
    late = [late_dub(f"title-{number}") for number in range(40)]
    lines = overdue_requests(40, late).text.splitlines()
    assert lines[-1] == "and 30 more"
    assert "title-0 > es was due 2026-11-21T10:00Z and is waiting" in lines


@pytest.mark.parametrize(
    ("consequence", "decision"),
    [(Consequence.REVIEW, "REVIEW"), (Consequence.QUARANTINE, "REJECTED")],
)
def test_a_refusal_says_why(consequence: Consequence, decision: str) -> None:
    notice = refused_dub(judgement("run-1", consequence))
    assert notice is not None
    assert notice.kind is NoticeKind.REFUSAL
    assert notice.headline == f"the-tower > es-419: the gate says {decision}"
    assert notice.lines == ("word_error_rate of s0002 is 0.9 — «¿qué?»",)


@pytest.mark.parametrize("consequence", [Consequence.PUBLISH, Consequence.REPAIR])
def test_what_goes_on_by_itself_is_no_refusal(consequence: Consequence) -> None:
    assert refused_dub(judgement("run-1", consequence)) is None


def test_each_pause_is_told_of_by_itself() -> None:
    one = paused_queue("p1", "EngineFailed", "12 of 20 failed")
    assert one.about != paused_queue("p2", "EngineFailed", "12 of 20 failed").about
    assert "12 of 20 failed" in one.text
    assert "airdub queue resume" in one.text


def test_lateness_counts_properly() -> None:
    assert late_run("dub_video", "run-1", 24).headline == "dub_video has not ended after 24 hours"
    one = overdue_requests(1, [late_dub("a")])
    assert one.headline == "1 dub is overdue"


def test_what_was_held_back_is_counted() -> None:
    notice = failed_task(OF, "dub_video", "mux", EngineFailed("a"))
    told = notice.model_copy(update={"held_back": 41})
    assert "41 more like it since the last notice" in told.text
