"""What a reviewer reads is readable, plays the worst lines, and can't be bent by what was said."""

from __future__ import annotations

from airdub.gates import Check, Code, Consequence, Outcome, Reason
from airdub.judgements import Judgement
from operators.review_text import body, escape, link, subject, worst_lines
from tests.unit.airdub.catalog.judged import judgement


def reason(scope: str, metric: str = "line_match", *, blocking: bool = True) -> Reason:
    return Reason(
        code=Code.OUT_OF_BOUNDS, metric=metric, scope=scope, text=f"{metric} of {scope} is bad",
        consequence=Consequence.REVIEW, blocking=blocking,
    )  # fmt: skip


def check(metric: str, outcome: Outcome, worst: str = "", *, blocking: bool = True) -> Check:
    return Check(
        metric=metric, unit="ratio", value="0.5", bound=">= 0.8", worst="0.1" if worst else "",
        worst_segment=worst, outcome=outcome, blocking=blocking,
    )  # fmt: skip


def judged(reasons: tuple[Reason, ...], checks: tuple[Check, ...] = ()) -> Judgement:
    found = judgement("the run+1", "review")
    verdict = found.verdict.model_copy(update={"reasons": reasons, "checks": checks})
    return found.model_copy(update={"verdict": verdict})


def test_the_subject_says_which_dub_and_how_bad() -> None:
    found = judged((reason("s0001"), reason("title"), reason("s0002", blocking=False)))
    assert subject(found) == "the-tower (en > es-419), attempt 1: 2 reasons against it"
    assert subject(judged((reason("title"),))).endswith("1 reason against it")


def test_what_viewers_complain_of_is_a_reason_of_its_own() -> None:
    asked = "viewers complain of sync (7)"
    assert subject(judged(()), asked).endswith("1 reason against it")
    assert "**Why**\n\n- viewers complain of sync \\(7\\)\n" in body(judged(()), "/", asked)


def test_the_page_has_reasons_table_and_links_that_play_the_worst_lines() -> None:
    found = judged(
        (reason("s0002"), reason("title", "loudness", blocking=False)),
        (check("line_match", Outcome.FAIL, "s0002"), check("loudness", Outcome.ABSENT)),
    )
    text = body(found, "/airflow/")
    console = "/airflow/plugin/dub-reviews/airdub/?run_id=the+run%2B1"
    assert f"- [s0002]({console}&segment=s0002): line match" in text
    assert f"[Watch the dub]({console})" in text
    assert "- line\\_match of s0002 is bad\n" in text
    assert "loudness of title is bad (advisory)" in text
    assert "| line match | 0.5 ratio | \\>= 0.8 | **fail** | s0002 0.1 |" in text
    assert "| loudness |  | \\>= 0.8 | **not measured** |  |" in text


def test_lines_that_fail_most_come_first_and_advice_is_none_of_them() -> None:
    verdict = judged(
        (
            reason("s0005"),
            reason("s0003", "mos"),
            reason("s0003"),
            reason("s0001", blocking=False),
            reason("title", "mos"),
        ),
        (
            check("bleu", Outcome.FAIL, "s0009"),
            check("psnr", Outcome.FAIL, "s0008", blocking=False),
        ),
    ).verdict
    assert worst_lines(verdict) == [
        ("s0003", ("mos", "line_match")),
        ("s0005", ("line_match",)),
        ("s0009", ("bleu",)),
    ]


def test_many_reasons_are_counted_not_listed() -> None:
    text = body(judged(tuple(reason(f"s{n:04d}") for n in range(400))), "/")
    assert "- and 388 more" in text
    assert len(text) < 5000


def test_quoted_speech_is_shown_as_it_is() -> None:
    evil = "[click](http://evil) | <img src=x>\n# big `code` *x* &lt; ~~no~~ $x$"
    shown = escape(evil)
    assert "\n" not in shown
    for mark in "[]()|<>#`*&~$":
        assert mark not in shown.replace(f"\\{mark}", "")


def test_links_keep_run_ids_with_signs() -> None:
    assert link("/", "a.es+b:1", "s0001") == (
        "/plugin/dub-reviews/airdub/?run_id=a.es%2Bb%3A1&segment=s0001"
    )
