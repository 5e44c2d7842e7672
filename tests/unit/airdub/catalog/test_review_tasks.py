"""The queue in front of reviewers: worst first, each review shown once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from airdub.catalog import Catalog, open_catalog
from airdub.gates import Consequence
from tests.unit.airdub.catalog.judged import judgement, verdict


@pytest.fixture
def waiting(catalog: Catalog) -> Catalog:
    """Three titles wait; the second is the worst."""
    for name, failing in (("one", 1), ("two", 3), ("three", 2)):
        found = verdict(Consequence.REVIEW, f"evaluation of {name}", 1)
        reasons = found.reasons[:1] * failing
        catalog.record_judgement(
            judgement(
                name,
                "review",
                run={"title_id": name},
                verdict=found.model_copy(update={"reasons": reasons}),
            )
        )
    return catalog


def shown(catalog: Catalog, task_run_id: str) -> str | None:
    review = catalog.show_next_review(task_run_id)
    return review.run_id if review else None


def test_the_worst_is_shown_first_and_each_once(waiting: Catalog) -> None:
    assert [shown(waiting, f"task {n}") for n in range(4)] == ["two", "three", "one", None]


def test_a_task_that_asks_again_keeps_its_review(waiting: Catalog) -> None:
    assert shown(waiting, "task") == shown(waiting, "task") == "two"
    assert [one.run_id for one in waiting.open_review_tasks()] == ["two"]
    waiting.decide_review("two", "reject", "Ana", "noise")
    assert shown(waiting, "task") == "two"
    assert waiting.open_review_tasks() == []


def test_what_a_dead_task_showed_is_shown_by_another(waiting: Catalog) -> None:
    assert shown(waiting, "dead") == "two"
    waiting.unshow_review("two", "somebody else")
    assert shown(waiting, "next") == "three"
    waiting.unshow_review("two", "dead")
    assert shown(waiting, "third") == "two"


def test_a_review_that_a_newer_attempt_closed_is_not_shown(waiting: Catalog) -> None:
    newer = {"title_id": "two", "parent_run_id": "two"}
    waiting.record_judgement(judgement("two.a2", "publish", attempt=2, run=newer))
    assert shown(waiting, "task") == "three"


def test_many_tasks_at_once_show_different_reviews(waiting: Catalog, ready_url: str) -> None:
    def ask(number: int) -> str | None:
        with open_catalog(ready_url) as own:
            return shown(own, f"task {number}")

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(6)))
    assert sorted(filter(None, answers)) == ["one", "three", "two"]


def test_the_list_says_why_each_waits_and_who_shows_it(waiting: Catalog) -> None:
    waiting.show_next_review("task")
    first, *others = waiting.waiting_reviews(most=2)
    assert (first.run_id, first.task_run_id) == ("two", "task")
    assert (first.segment, len(first.reasons)) == ("s0002", 3)
    assert first.reasons[0].startswith("word_error_rate of s0002 is 0.9")
    assert [(one.run_id, one.task_run_id) for one in others] == [("three", None)]


def test_people_look_at_the_best_attempt(catalog: Catalog) -> None:
    catalog.record_judgement(judgement("run", "repair"))
    catalog.record_judgement(
        judgement("run.a2", "review", attempt=2, run={"parent_run_id": "run"}, best_run_id="run")
    )
    about = catalog.review_about("run")
    assert about is not None
    assert about == catalog.review_about("run.a2")
    [waiting] = catalog.waiting_reviews(most=9)
    assert (waiting.run_id, waiting.best_run_id, waiting.attempt) == ("run.a2", "run", 1)
