"""What people decide, and what follows from it."""

from __future__ import annotations

import pytest

from airdub.catalog import Catalog, Decision
from airdub.errors import Conflict, InvalidInput
from airdub.repair.plan import LineRepair, RepairPlan
from tests.unit.airdub.catalog.judged import judgement


@pytest.fixture
def reviewed(catalog: Catalog) -> Catalog:
    """A second attempt that is reviewed; the first was better."""
    catalog.record_judgement(judgement("run", "repair"))
    catalog.record_judgement(
        judgement("run.a2", "review", attempt=2, run={"parent_run_id": "run"}, best_run_id="run")
    )
    return catalog


def test_a_waiver_publishes_the_best_attempt_and_is_kept(reviewed: Catalog) -> None:
    review = reviewed.decide_review(
        "run.a2", Decision.PUBLISH_WITH_WAIVER, "Ana", "the noise is in the source"
    )
    assert (review.state, review.who) == ("publish_with_waiver", "Ana")
    (waiver,) = reviewed.waivers("run")
    assert (waiver.run_id, waiver.review_id) == ("run", "run.a2")
    assert (waiver.who, waiver.why) == ("Ana", "the noise is in the source")
    assert reviewed.waivers("run.a2") == [waiver]
    publication = reviewed.publication("run")
    assert publication is not None
    assert publication.state == "pending"
    assert reviewed.publication("run.a2") is None


def test_redo_queues_the_next_attempt_with_its_notes(reviewed: Catalog) -> None:
    plan = RepairPlan(attempt=3, based_on="run", lines=(LineRepair(segment_id="s1", take=2),))
    reviewed.decide_review("run.a2", "redo", "Ana", notes="line 1 is mumbled", plan=plan)
    (repair,) = reviewed.repairs()
    assert (repair.run_id, repair.next_attempt, repair.plan) == ("run.a2", 3, plan)
    assert repair.note == "line 1 is mumbled"


@pytest.mark.parametrize(("decision", "who"), [("reject", "Ana"), ("timed_out", "")])
def test_a_rejected_or_forgotten_dub_is_held_back(
    reviewed: Catalog, decision: str, who: str
) -> None:
    reviewed.decide_review("run.a2", decision, who, "wrong voice" if who else "")
    quarantine = reviewed.quarantine("run.a2")
    assert quarantine is not None
    assert quarantine.state == "held"
    assert quarantine.reason == ("wrong voice" if who else "nobody reviewed it in time")
    assert reviewed.publication("run.a2") is None
    assert reviewed.publication("run") is None


def test_a_second_answer_is_a_conflict(reviewed: Catalog) -> None:
    reviewed.decide_review("run.a2", "reject", "Ana", "wrong voice")
    with pytest.raises(Conflict, match="already closed by Ana: reject"):
        reviewed.decide_review("run.a2", "publish_with_waiver", "Ben", "sounds fine")
    assert reviewed.waivers("run.a2") == []
    assert reviewed.publication("run") is None


def test_the_same_answer_again_is_fine(reviewed: Catalog) -> None:
    first = reviewed.decide_review("run.a2", "redo", "Ana")
    assert reviewed.decide_review("run.a2", "redo", "Ana") == first
    assert len(reviewed.repairs()) == 1


def test_a_review_that_a_newer_attempt_closed_takes_no_answer(reviewed: Catalog) -> None:
    reviewed.record_judgement(judgement("anew", "publish"))
    with pytest.raises(Conflict, match="superseded"):
        reviewed.decide_review("run.a2", "reject", "Ana", "wrong voice")


@pytest.mark.parametrize(
    ("decision", "who", "why", "missing"),
    [
        ("publish_with_waiver", "Ana", " ", "why"),
        ("publish_with_waiver", "", "fine", "who decides"),
        ("reject", "", "", "who decides and why"),
        ("redo", "", "", "who decides"),
    ],
)
def test_an_answer_says_who_and_why(
    reviewed: Catalog, decision: str, who: str, why: str, missing: str
) -> None:
    with pytest.raises(InvalidInput, match=missing):
        reviewed.decide_review("run.a2", decision, who, why)
    review = reviewed.review("run.a2")
    assert review is not None
    assert review.state == "open"


def test_there_must_be_a_review(catalog: Catalog) -> None:
    with pytest.raises(InvalidInput, match="no review"):
        catalog.decide_review("run", "reject", "Ana", "wrong voice")
