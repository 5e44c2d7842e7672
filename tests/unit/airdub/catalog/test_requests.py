"""Requests: moved from state to state, listed, counted, and asked for again."""

from __future__ import annotations

from typing import Any

import pytest

from airdub.catalog import Catalog
from airdub.errors import Conflict, InvalidInput
from airdub.queue.documents import Request, RequestState, StateCount
from tests.unit.airdub.catalog.queued import add_titles, names, the, wanted

TEN = [f"t{number}" for number in range(10)]


@pytest.fixture
def library(catalog: Catalog) -> Catalog:
    add_titles(catalog, TEN)
    return catalog


def bring(catalog: Catalog, request: Request, *states: str, reason: str = "") -> None:
    """Take a request through states."""
    for state in states:
        was = the(catalog, request).state
        catalog.settle(request.request_id, state, was=was, reason=reason, note=f"so {state}")


class TestSettle:
    def test_it_moves_from_the_state_that_it_is_thought_to_have(self, library: Catalog) -> None:
        library.enqueue([wanted("t1")], "lane")
        (claimed,) = library.claim(1)
        library.settle(claimed.request_id, "running", was="claimed")
        assert the(library, claimed).ended_at == ""
        library.settle(claimed.request_id, "failed", was="running", reason="X", note="why")
        found = the(library, claimed)
        assert (found.state, found.reason, found.note) == ("failed", "X", "why")
        assert found.ended_at == found.changed_at > claimed.claimed_at
        library.settle(claimed.request_id, "failed", was="running")  # told twice
        assert the(library, claimed) == found
        with pytest.raises(Conflict, match="is failed, not running"):
            library.settle(claimed.request_id, "published", was="running")

    def test_what_waits_for_a_person_has_not_ended(self, library: Catalog) -> None:
        library.enqueue([wanted("t1")], "lane")
        bring(library, wanted("t1"), "claimed", "running", "in_review")
        assert the(library, wanted("t1")).ended_at == ""
        bring(library, wanted("t1"), "published")
        assert the(library, wanted("t1")).ended_at != ""

    def test_a_claim_that_is_given_back_is_as_if_it_had_never_been(self, library: Catalog) -> None:
        library.enqueue([wanted("t1"), wanted("t2")], "lane")
        (claimed,) = library.claim(1)
        assert library.active() == 1
        library.settle(claimed.request_id, "waiting", was="claimed")
        assert library.active() == 0
        assert the(library, claimed).claimed_at == ""
        (again,) = library.claim(1)
        assert again.request_id == claimed.request_id

    def test_an_unknown_request_is_named(self, library: Catalog) -> None:
        for change in (
            lambda: library.settle("nobody", "failed", was="running"),
            lambda: library.cancel("nobody"),
            lambda: library.set_priority("nobody", 1),
            lambda: library.retry("nobody", "lane"),
        ):
            with pytest.raises(InvalidInput, match="no such request") as caught:
                change()
            assert caught.value.where == "nobody"
        assert library.request("nobody") is None


class TestCancelAndPriority:
    def test_what_is_cancelled_is_not_claimed(self, library: Catalog) -> None:
        library.enqueue([wanted("t1"), wanted("t2")], "lane")
        library.cancel(wanted("t1").request_id, "not ours any more")
        library.cancel(wanted("t1").request_id)
        found = the(library, wanted("t1"))
        assert (found.state, found.note) == ("cancelled", "not ours any more")
        assert names(library.claim(9)) == ["t2"]

    def test_what_runs_can_be_neither_cancelled_nor_moved(self, library: Catalog) -> None:
        library.enqueue([wanted("t1")], "lane")
        (claimed,) = library.claim(1)
        with pytest.raises(Conflict, match="is claimed"):
            library.cancel(claimed.request_id)
        with pytest.raises(Conflict, match="is claimed"):
            library.set_priority(claimed.request_id, 99)

    def test_a_higher_priority_goes_first(self, library: Catalog) -> None:
        library.enqueue([wanted(name) for name in TEN], "lane")
        for name in ("t7", "t3"):
            library.set_priority(wanted(name).request_id, 80)
        library.set_priority(wanted("t0").request_id, 20)
        order = names(library.claim(10))
        assert order == ["t7", "t3", "t1", "t2", "t4", "t5", "t6", "t8", "t9", "t0"]

    def test_a_priority_is_a_number_up_to_100(self, library: Catalog) -> None:
        library.enqueue([wanted("t1")], "lane")
        for wrong in (-1, 101):
            with pytest.raises(InvalidInput, match="no priority"):
                library.set_priority(wanted("t1").request_id, wrong)

    def test_a_lane_that_is_raised_takes_turns_with_the_others_up_there(
        self, library: Catalog
    ) -> None:
        library.enqueue([wanted(name, priority=80) for name in TEN[:4]], "high")
        library.enqueue([wanted(name, "fr") for name in TEN[:3]], "low")
        for name in TEN[:3]:
            library.set_priority(wanted(name, "fr").request_id, 80)
        lanes = [one.lane for one in library.claim(7)]
        assert sorted(lanes[:2]) == sorted(lanes[2:4]) == sorted(lanes[4:6]) == ["high", "low"]


class TestRetry:
    @pytest.mark.parametrize("state", ["failed", "refused", "quarantined", "cancelled"])
    def test_it_is_another_attempt_that_waits(self, library: Catalog, state: str) -> None:
        asked = wanted("t1", priority=70)
        library.enqueue([asked], "lane")
        bring(library, asked, state)
        again = library.retry(asked.request_id, "by hand")
        assert (again.attempt, again.state, again.priority) == (2, "waiting", 70)
        assert (again.lane, again.reason) == ("by hand", "")
        assert again.run_id != asked.run_id
        assert the(library, asked).state == state  # what happened stays
        assert library.retry(asked.request_id, "by hand") == again
        bring(library, again, "failed")
        assert library.retry(again.request_id, "by hand").attempt == 3

    @pytest.mark.parametrize("state", ["running", "published", "in_review", "superseded"])
    def test_what_has_not_failed_is_not_retried(self, library: Catalog, state: str) -> None:
        library.enqueue([wanted("t1")], "lane")
        bring(library, wanted("t1"), state)
        with pytest.raises(Conflict, match=f"is {state}"):
            library.retry(wanted("t1").request_id, "lane")

    def test_an_old_plan_is_not_retried_in_the_place_of_a_new_one(self, library: Catalog) -> None:
        old, new = wanted("t1"), wanted("t1", plan_digest="p2")
        library.enqueue([old], "lane")
        bring(library, old, "failed")
        library.enqueue([new], "lane")
        with pytest.raises(Conflict, match="another version or plan"):
            library.retry(old.request_id, "lane")
        assert the(library, new).state is RequestState.WAITING

    def test_a_plan_that_is_wanted_again_is_retried(self, library: Catalog) -> None:
        asked, other = wanted("t1"), wanted("t1", plan_digest="p2")
        for one in (asked, other, asked):
            library.enqueue([one], "lane")
        bring(library, asked, "failed")
        assert library.retry(asked.request_id, "lane").state is RequestState.WAITING

    def test_a_failure_is_retried_once_what_was_wanted_in_its_place_gave_way(
        self, library: Catalog
    ) -> None:
        asked, other = wanted("t1"), wanted("t1", plan_digest="p2")
        library.enqueue([asked], "lane")
        bring(library, asked, "failed")
        library.enqueue([other], "lane")
        bring(library, other, "superseded")
        assert library.retry(asked.request_id, "lane").attempt == 2

    def test_an_old_version_is_not_retried(self, library: Catalog) -> None:
        old = wanted("t1", version="before")
        library.enqueue([old], "lane")
        bring(library, old, "failed")
        with pytest.raises(Conflict, match="another version or plan"):
            library.retry(old.request_id, "lane")

    def test_enqueueing_it_again_does_not_ask_again(self, library: Catalog) -> None:
        library.enqueue([wanted("t1")], "lane")
        bring(library, wanted("t1"), "failed")
        assert library.enqueue([wanted("t1")], "lane") == 0
        assert library.claim(9) == []


class TestLists:
    @pytest.fixture
    def full(self, catalog: Catalog) -> Catalog:
        add_titles(catalog, ["maria-1", "maria-2", "maria-22", "mar_a-1"], series="maria")
        add_titles(catalog, ["tower"])
        every = ["mar_a-1", "maria-1", "maria-2", "maria-22", "tower"]
        catalog.enqueue([wanted(name, to) for to in ("es", "fr") for name in every], "lane")
        bring(catalog, wanted("maria-2"), "failed", reason="disk")
        return catalog

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({"titles": "maria-?"}, ["maria-1", "maria-1", "maria-2", "maria-2"]),
            ({"titles": "maria-*", "language": "es"}, ["maria-1", "maria-2", "maria-22"]),
            ({"titles": "maria-?", "language": "fr"}, ["maria-1", "maria-2"]),
            ({"titles": "mar_a-1"}, ["mar_a-1", "mar_a-1"]),
            ({"titles": "nobody"}, []),
            ({"series": "maria", "language": "es"}, ["mar_a-1", "maria-1", "maria-2", "maria-22"]),
            ({"state": "failed"}, ["maria-2"]),
            ({"state": "waiting", "series": "maria", "titles": "m*-1", "language": "es"},
             ["mar_a-1", "maria-1"]),
            ({"state": "failed", "language": "fr"}, []),
        ],
    )  # fmt: skip
    def test_they_are_found(self, full: Catalog, asked: dict[str, Any], found: list[str]) -> None:
        assert names(full.requests(**asked)) == found

    @pytest.mark.parametrize("state", [None, "waiting"])
    def test_pages_follow_each_other(self, full: Catalog, state: str | None) -> None:
        whole = full.requests(state=state)
        pages: list[Request] = []
        while page := full.requests(state=state, after=pages[-1] if pages else None, most=2):
            pages += page
        assert pages == whole
        assert len(whole) == (9 if state else 10)

    def test_an_unknown_state_is_refused(self, full: Catalog) -> None:
        with pytest.raises(ValueError, match="nowhere"):
            full.requests(state="nowhere")

    def test_they_are_counted_by_state_and_language(self, full: Catalog) -> None:
        assert full.counts() == [
            StateCount(state=RequestState.FAILED, language="es", count=1),
            StateCount(state=RequestState.WAITING, language="es", count=4),
            StateCount(state=RequestState.WAITING, language="fr", count=5),
        ]

    def test_failures_are_grouped_by_their_reasons(self, full: Catalog) -> None:
        bring(full, wanted("tower"), "failed", reason="disk")
        bring(full, wanted("maria-1"), "refused", reason="rights")
        found = full.failure_reasons()
        assert [(one.state, one.reason, one.count) for one in found] == [
            ("failed", "disk", 2), ("refused", "rights", 1),
        ]  # fmt: skip
        assert found[1].example == wanted("maria-1").request_id

    def test_what_came_to_people_has_ended_well(self, library: Catalog) -> None:
        library.enqueue([wanted(name) for name in TEN[:3]], "lane")
        reviewed, failed, redone = library.claim(9)
        bring(library, reviewed, "running", "in_review")
        bring(library, failed, "failed", reason="disk")
        bring(library, redone, "running", "in_review", "running")
        ends = library.recent_ends("2000")
        assert [(end.state, end.reason) for end in ends] == [("failed", "disk"), ("in_review", "")]
        assert ends[1].ended_at == the(library, reviewed).changed_at
        assert library.recent_ends(ends[0].ended_at) == ends[:1]
        assert library.recent_ends("2000", most=1) == ends[:1]

    def test_of_what_was_started_the_latest_ends_come_first(self, library: Catalog) -> None:
        refused = {"state": RequestState.REFUSED, "reason": "no_engine"}
        library.enqueue([wanted("t9").model_copy(update=refused)], "lane")
        library.enqueue([wanted(name) for name in TEN[:3]], "lane")
        failed, published, cancelled = library.claim(9)
        bring(library, failed, "failed", reason="disk")
        bring(library, published, "published")
        bring(library, cancelled, "cancelled")
        ends = library.recent_ends("2000")
        assert [(end.state, end.reason) for end in ends] == [("published", ""), ("failed", "disk")]
        assert library.recent_ends(ends[0].ended_at) == ends[:1]
        assert library.recent_ends("2000", most=1) == ends[:1]
