"""The release gate: one stored verdict with its consequence, and nothing published without both."""

from __future__ import annotations

import math
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import pytest

from airdub.catalog import Catalog, open_catalog
from airdub.drafts import RunSummary, summary_key
from airdub.errors import (
    AirdubError,
    Conflict,
    DependencyUnavailable,
    EngineFailed,
    IncompleteResult,
    InvalidInput,
)
from airdub.gates import Code, Consequence, GateProfile, Verdict
from airdub.gates.suite import Expectation, suite_of
from airdub.judgements import Judgement
from airdub.settings import load_settings
from operators import release_gate

from .conftest import Flow
from .finished import PRINT, changed, finish, gate, rows

GARBLED = {"word_error_rate": {"title": 0.6, "s0001": 0.0, "s0002": 1.0}}
MORE_GARBLED = {"word_error_rate": {"title": 0.9, "s0001": 1.0, "s0002": 1.0}}


def judgement(run_id: str = "run-1") -> Judgement | None:
    with open_catalog(load_settings().catalog_url) as catalog:
        return catalog.judgement(run_id)


def recorded(run_id: str = "run-1") -> Judgement:
    found = judgement(run_id)
    assert found is not None
    return found


def judge_attempt(flow: Flow, number: int, changes: dict[str, Any]) -> Judgement:
    """Finish and judge an attempt as `start_repair` would have started it."""
    if number > 1:
        before = recorded(flow.run_id)
        flow.run_id = f"run-1.a{number}"
        flow.params |= {
            "attempt": number,
            "repair": before.plan.model_dump(mode="json") if before.plan else None,
            "parent_run_id": before.run.run_id,
        }
    print_ = f"{number:064d}"
    table = [row | {"fingerprint": print_} for row in rows(changes)]
    finish(flow, table, fingerprint=print_)
    flow.run(gate())
    return recorded(flow.run_id)


def test_what_passes_is_approved_and_everything_is_stored(flow: Flow) -> None:
    finish(flow, rows())
    assert flow.run(gate()) == {
        "run_id": "run-1",
        "decision": "APPROVED",
        "consequence": "publish",
        "best_run_id": "run-1",
        "verdict_key": "gates/run-1/verdict.json",
    }
    found = recorded()
    assert found.verdict == Verdict.model_validate_json(flow.store.read("gates/run-1/verdict.json"))
    assert (found.verdict.gates, found.run.manifest) == (
        "embedded",
        "drafts/film/en/ab/manifest.json",
    )
    assert [use.stage for use in found.stages] == ["ingest", "mix", "evaluate"]
    assert len(found.table) == len(rows())
    assert found.data_docs == "gates/run-1/docs/index.html"
    assert b"word_error_rate" in flow.store.read(found.data_docs)
    with open_catalog(load_settings().catalog_url) as catalog:
        publication = catalog.publication("run-1")
    assert publication is not None
    assert publication.state == "pending"
    summary = RunSummary.model_validate_json(flow.store.read(summary_key("run-1")))
    assert (summary.decision, summary.cached["evaluate"]) == ("APPROVED", False)


def test_a_garbled_line_gives_a_plan_and_an_attempt_that_passes_ends_it(flow: Flow) -> None:
    found = judge_attempt(flow, 1, GARBLED)
    assert found.verdict.decision == "RETRY"
    assert found.plan is not None
    assert [(line.segment_id, line.metrics) for line in found.plan.lines] == [
        ("s0002", ("word_error_rate",))
    ]
    with open_catalog(load_settings().catalog_url) as catalog:
        repair = catalog.repair("run-1")
    assert repair is not None
    assert (repair.state, repair.next_attempt, repair.plan) == ("queued", 2, found.plan)
    second = judge_attempt(flow, 2, {})
    assert (second.verdict.decision, second.best_run_id) == ("APPROVED", "run-1.a2")


def test_a_worse_last_attempt_puts_the_better_one_before_people(flow: Flow) -> None:
    judge_attempt(flow, 1, GARBLED)
    second = judge_attempt(flow, 2, MORE_GARBLED)
    assert (second.verdict.decision, second.best_run_id) == ("RETRY", "run-1")
    assert second.plan is not None
    assert second.plan.based_on == "run-1"
    third = judge_attempt(flow, 3, MORE_GARBLED)
    assert (third.verdict.decision, third.best_run_id) == ("REVIEW", "run-1")
    assert Code.BETTER_BEFORE in {reason.code for reason in third.verdict.reasons}
    with open_catalog(load_settings().catalog_url) as catalog:
        review = catalog.review("run-1.a3")
    assert review is not None
    assert (review.state, review.best_run_id) == ("open", "run-1")


def test_no_recogniser_for_the_language_ends_at_a_person(flow: Flow) -> None:
    table = [
        one if one["metric"] != "word_error_rate" else one | {"value": None, "n_scored": 0}
        for one in rows({"word_error_rate": {"title": None}})
    ]
    finish(flow, table)
    assert flow.run(gate())["decision"] == "REVIEW"


UNSOUND: dict[str, tuple[list[dict[str, Any]], Code]] = {
    "a missing column": (
        [{name: cell for name, cell in one.items() if name != "coverage"} for one in rows()],
        Code.MALFORMED,
    ),
    "NaN": (changed("psnr", value=math.nan), Code.NOT_A_NUMBER),
    "infinity": (changed("psnr", value=math.inf), Code.NOT_A_NUMBER),
    "no samples": (changed("psnr", n_scored=0), Code.NO_SAMPLES),
    "an unknown metric": (changed("psnr", metric="beauty"), Code.UNKNOWN_METRIC),
    "another evaluation": (changed("psnr", fingerprint="e" * 64), Code.OTHER_FINGERPRINT),
    "an empty table": ([], Code.MISSING),
}


@pytest.mark.parametrize("case", UNSOUND)
def test_whatever_is_not_sound_is_quarantined(flow: Flow, case: str) -> None:
    table, code = UNSOUND[case]
    finish(flow, table)
    assert flow.run(gate())["decision"] == "REJECTED"
    found = recorded()
    assert code in {reason.code for reason in found.verdict.reasons if reason.blocking}
    with open_catalog(load_settings().catalog_url) as catalog:
        assert catalog.publication("run-1") is None
        quarantine = catalog.quarantine("run-1")
    assert quarantine is not None
    assert quarantine.state == "held"


def lose_the_file(flow: Flow) -> None:
    flow.store.delete(f"work/evaluate/{PRINT}/metrics")


def spoil_the_file(flow: Flow) -> None:
    path = flow.store.local_path(f"work/evaluate/{PRINT}/metrics")
    path.write_bytes(path.read_bytes().replace(b"0.", b"1."))


def lose_the_result(flow: Flow) -> None:
    flow.store.delete(f"work/evaluate/{PRINT}/result.json")


def lose_the_draft(flow: Flow) -> None:
    del flow.xcoms["draft"]


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lose_the_file, InvalidInput),
        (spoil_the_file, InvalidInput),
        (lose_the_result, IncompleteResult),
        (lose_the_draft, IncompleteResult),
    ],
)
def test_without_a_whole_table_there_is_no_verdict(
    flow: Flow, spoil: Callable[[Flow], None], error: type[AirdubError]
) -> None:
    finish(flow, rows())
    spoil(flow)
    with pytest.raises(error):
        flow.run(gate())
    assert judgement() is None


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"rows": 7}', b'{"rows": ["psnr"]}', b"\xff\xfe"]
)
def test_what_is_no_table_is_an_error(flow: Flow, content: bytes) -> None:
    finish(flow, content)
    with pytest.raises(IncompleteResult, match="not a table of metrics"):
        flow.run(gate())
    assert judgement() is None


def test_without_great_expectations_there_is_no_verdict(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(flow, rows())
    with monkeypatch.context() as gone:
        gone.setitem(sys.modules, "great_expectations", None)
        with pytest.raises(EngineFailed, match="nothing is published without it"):
            flow.run(gate())
        assert judgement() is None
        assert flow.store.list("gates") == []
    assert flow.run(gate())["decision"] == "APPROVED"


def test_without_a_catalogue_there_is_no_verdict(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(flow, rows())
    monkeypatch.setenv("AIRDUB_CATALOG", "postgresql://nobody@127.0.0.1:9/nothing")
    with pytest.raises(DependencyUnavailable):
        flow.run(gate())


def test_one_judge_alone_publishes_nothing(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    def stricter(gates: GateProfile, fingerprint: str) -> tuple[Expectation, ...]:
        """The suite of thresholds that psnr can't meet."""
        demanding = [
            one.model_copy(update={"least": 99.0}) if one.metric == "psnr" else one
            for one in gates.thresholds
        ]
        return suite_of(gates.model_copy(update={"thresholds": tuple(demanding)}), fingerprint)

    monkeypatch.setattr(release_gate, "suite_of", stricter)
    finish(flow, rows())
    assert flow.run(gate())["decision"] == "REJECTED"
    [reason] = [one for one in recorded().verdict.reasons if one.blocking]
    assert (reason.code, reason.metric) == (Code.DISAGREEMENT, "psnr")


def test_a_run_that_was_judged_on_other_work_keeps_its_verdict(flow: Flow) -> None:
    finish(flow, rows())
    flow.run(gate())
    before = recorded()
    other = "e" * 64
    finish(flow, [row | {"fingerprint": other} for row in rows(GARBLED)], fingerprint=other)
    with pytest.raises(Conflict, match="start a new run"):
        flow.run(gate())
    assert recorded() == before


def killed(flow: Flow) -> None:
    """Run the gate in a process that dies by signal 9."""
    child = os.fork()
    if not child:
        try:
            flow.run(gate())
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def stored(flow: Flow) -> dict[str, bytes]:
    return {key: flow.store.read(key) for key in flow.store.list("gates")}


@pytest.mark.parametrize("committed", [True, False])
def test_a_kill_beside_the_transaction_is_made_good_by_a_retry(
    flow: Flow, monkeypatch: pytest.MonkeyPatch, *, committed: bool
) -> None:
    record = Catalog.record_judgement

    def record_and_die(catalog: Catalog, made: Judgement) -> None:
        if committed:
            record(catalog, made)
        os.kill(os.getpid(), signal.SIGKILL)

    finish(flow, rows(GARBLED))
    with monkeypatch.context() as dying:
        dying.setattr(Catalog, "record_judgement", record_and_die)
        killed(flow)
    before, kept = stored(flow), judgement()
    assert (kept is not None) is committed
    if committed:
        monkeypatch.setitem(sys.modules, "great_expectations", None)  # it isn't asked again
    answer = flow.run(gate())
    assert (answer["decision"], stored(flow)) == ("RETRY", before)
    assert recorded().verdict.consequence is Consequence.REPAIR
    if kept:
        assert recorded() == kept
    assert flow.store.exists(summary_key("run-1"))
