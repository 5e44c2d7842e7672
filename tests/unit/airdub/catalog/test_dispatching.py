"""A dispatcher follows a request through repairs and reviews, and looks at nothing else."""

from __future__ import annotations

from typing import Any

from airdub.catalog import Catalog
from airdub.queue.documents import Request, RequestState
from airdub.queue.runs import first_order, last_run
from airdub.repair.plan import LineRepair, RepairPlan
from tests.unit.airdub.catalog.judged import judgement
from tests.unit.airdub.catalog.queued import add_titles, wanted

LANGUAGE = "es-419"


def running(catalog: Catalog, title_id: str = "film") -> Request:
    """A request whose run was started."""
    add_titles(catalog, [title_id])
    catalog.enqueue([wanted(title_id, LANGUAGE)], "test")
    (request,) = catalog.claim(1)
    catalog.settle(request.request_id, "running", was="claimed")
    return request


def judge(catalog: Catalog, request: Request, attempt: int, consequence: str) -> None:
    run_id = request.run_id if attempt == 1 else f"{request.run_id}.a{attempt}"
    parent = request.run_id if attempt == 2 else f"{request.run_id}.a{attempt - 1}"
    run: dict[str, Any] = {"title_id": request.title_id}
    if attempt > 1:
        run["parent_run_id"] = parent
    catalog.record_judgement(judgement(run_id, consequence, attempt=attempt, run=run))


def unsettled(catalog: Catalog) -> list[str]:
    return [request.title_id for request in catalog.unsettled()]


def test_a_run_without_a_verdict_is_the_last_one(catalog: Catalog) -> None:
    request = running(catalog)
    last = last_run(catalog, request.run_id)
    assert (last.run_id, last.repairs, last.is_decided) == (request.run_id, "", False)
    assert unsettled(catalog) == ["film"]


def test_repairs_are_followed_to_the_attempt_that_decides(catalog: Catalog) -> None:
    request = running(catalog)
    judge(catalog, request, 1, "repair")
    last = last_run(catalog, request.run_id)
    assert (last.run_id, last.repairs) == (f"{request.run_id}.a2", request.run_id)
    judge(catalog, request, 2, "repair")
    judge(catalog, request, 3, "publish")
    last = last_run(catalog, request.run_id)
    assert last.run_id == f"{request.run_id}.a3"
    assert last.publication
    assert last.publication.state == "pending"


def test_a_run_of_somebody_else_overtakes_a_repair(catalog: Catalog) -> None:
    request = running(catalog)
    judge(catalog, request, 1, "repair")
    catalog.record_judgement(judgement("by-hand", "publish", run={"title_id": "film"}))
    assert last_run(catalog, request.run_id).overtaken


def test_a_waiver_publishes_the_best_attempt_and_that_is_the_requests_end(catalog: Catalog) -> None:
    request = running(catalog)
    judge(catalog, request, 1, "repair")
    review = judgement(
        f"{request.run_id}.a2", "review", attempt=2, best_run_id=request.run_id,
        run={"title_id": "film", "parent_run_id": request.run_id},
    )  # fmt: skip
    catalog.record_judgement(review)
    catalog.settle(request.request_id, RequestState.IN_REVIEW, was="running")
    assert unsettled(catalog) == []
    catalog.decide_review(f"{request.run_id}.a2", "publish_with_waiver", "ana", "fine")
    assert unsettled(catalog) == ["film"]
    last = last_run(catalog, request.run_id)
    assert last.publication
    assert (last.publication.run_id, last.publication.state) == (request.run_id, "pending")


def test_a_redo_goes_on_from_the_review(catalog: Catalog) -> None:
    request = running(catalog)
    judge(catalog, request, 1, "review")
    catalog.settle(request.request_id, RequestState.IN_REVIEW, was="running")
    plan = RepairPlan(
        attempt=2, based_on=request.run_id, lines=(LineRepair(segment_id="s0001", take=1),)
    )
    catalog.decide_review(request.run_id, "redo", "ana", notes="s0001", plan=plan)
    assert unsettled(catalog) == ["film"]
    last = last_run(catalog, request.run_id)
    assert (last.run_id, last.repairs) == (f"{request.run_id}.a2", request.run_id)


def redone(catalog: Catalog, request: Request) -> None:
    """A person asks for another attempt."""
    judge(catalog, request, 1, "review")
    catalog.settle(request.request_id, RequestState.IN_REVIEW, was="running")
    catalog.decide_review(request.run_id, "redo", "ana", notes="again")


def test_what_is_reviewed_again_waits_for_that_answer(catalog: Catalog) -> None:
    request = running(catalog)
    redone(catalog, request)
    judge(catalog, request, 2, "review")
    assert unsettled(catalog) == []
    catalog.decide_review(f"{request.run_id}.a2", "reject", "ana", "no")
    assert unsettled(catalog) == ["film"]


def test_however_many_are_redone_none_is_overlooked(catalog: Catalog) -> None:
    for number in range(5):
        redone(catalog, running(catalog, f"film-{number}"))
    assert [one.title_id for one in catalog.unsettled(most=2)] == [f"film-{n}" for n in range(5)]


def test_reviews_of_other_requests_are_not_looked_at(catalog: Catalog) -> None:
    catalog.record_judgement(judgement("by-hand", "review", run={"title_id": "film"}))
    request = running(catalog)
    judge(catalog, request, 1, "review")  # closes the one by hand
    catalog.settle(request.request_id, RequestState.IN_REVIEW, was="running")
    assert unsettled(catalog) == []


def test_what_failed_and_was_mended_by_hand_is_looked_at_again(catalog: Catalog) -> None:
    request = running(catalog)
    judge(catalog, request, 1, "publish")
    catalog.settle(request.request_id, "failed", was="running", reason="DependencyUnavailable")
    assert unsettled(catalog) == []
    catalog.set_state("publication", request.run_id, "published", was="pending", note="r")
    assert unsettled(catalog) == ["film"]


def test_what_was_refused_and_is_published_all_the_same_is_looked_at_again(
    catalog: Catalog,
) -> None:
    request = running(catalog)
    judge(catalog, request, 1, "publish")
    catalog.set_state("publication", request.run_id, "refused", was="pending", note="it is worse")
    catalog.settle(request.request_id, "refused", was="running", reason="publication")
    assert unsettled(catalog) == []
    catalog.set_state("publication", request.run_id, "published", was="refused", note="r")
    assert unsettled(catalog) == ["film"]


def test_the_first_run_is_asked_for_what_the_library_knows(catalog: Catalog) -> None:
    request = running(catalog)
    title = catalog.title("film")
    assert title
    order = first_order(request, title)
    assert (order.title_id, order.source) == ("film", "/films/film.mp4")
    assert (order.source_language, order.target_language) == ("en", LANGUAGE)
    assert (order.profile, order.attempt, order.repair) == ("embedded", 1, None)
