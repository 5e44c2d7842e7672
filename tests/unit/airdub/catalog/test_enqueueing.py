"""How requests enter the queue: once, in place of what is older, and not in a person's way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from airdub.catalog import Catalog
from airdub.catalog.session import stamp
from airdub.errors import InvalidInput
from airdub.queue.documents import AskedBy, RequestState
from tests.unit.airdub.catalog.queued import add_titles, names, the, wanted

TEN = [f"t{number}" for number in range(10)]


@pytest.fixture
def library(catalog: Catalog) -> Catalog:
    add_titles(catalog, TEN)
    return catalog


def test_each_is_there_once_however_often_it_is_asked_for(library: Catalog) -> None:
    assert library.enqueue([wanted(name) for name in TEN[:6]], "monday") == 6
    assert library.enqueue([wanted(name) for name in TEN], "tuesday") == 4
    assert library.enqueue([wanted(name) for name in TEN], "tuesday") == 0
    found = library.requests()
    assert names(found) == TEN
    assert [one.lane for one in found] == ["monday"] * 6 + ["tuesday"] * 4
    assert {one.state for one in found} == {"waiting"}


def test_it_is_what_was_asked_for(library: Catalog) -> None:
    asked = wanted("t1", "es-419", priority=7, due="2026-12-01T00:00:00.000000Z")
    library.enqueue([asked], "lane")
    found = the(library, asked)
    assert found.requested_at == found.changed_at != ""
    assert (found.turn, found.lane) == (1, "lane")
    kept = {"requested_at", "changed_at", "turn", "lane"}
    assert found.model_dump(exclude=kept) == asked.model_dump(exclude=kept)
    assert library.request_of_run(asked.run_id) == found


def test_a_title_that_is_not_registered_is_named_and_nothing_enters(library: Catalog) -> None:
    with pytest.raises(InvalidInput, match="no such title") as caught:
        library.enqueue([wanted("t1"), wanted("stranger")], "lane")
    assert caught.value.where == "stranger"
    assert library.requests() == []


@pytest.mark.parametrize("change", [{"version": "v2"}, {"plan_digest": "p2"}])
def test_what_waits_by_an_older_version_or_plan_is_superseded(
    library: Catalog, change: dict[str, str]
) -> None:
    old, new = wanted("t1"), wanted("t1", **change)
    library.enqueue([old, wanted("t2"), wanted("t1", "fr")], "lane")
    library.enqueue([new], "lane")
    assert the(library, old).state is RequestState.SUPERSEDED
    assert the(library, old).ended_at != ""
    waiting = library.requests(state="waiting")
    assert [(one.title_id, one.language) for one in waiting] == [
        ("t1", "es"), ("t1", "fr"), ("t2", "es"),
    ]  # fmt: skip
    assert the(library, new) in waiting


def test_what_runs_already_is_left_alone(library: Catalog) -> None:
    library.enqueue([wanted("t1")], "lane")
    (running,) = library.claim(1)
    library.enqueue([wanted("t1", version="v2")], "lane")
    assert the(library, running).state is RequestState.CLAIMED


def test_what_was_superseded_waits_again_when_it_is_wanted_again(library: Catalog) -> None:
    first, second = wanted("t1"), wanted("t1", version="v2")
    assert library.enqueue([first], "a") == 1
    assert library.enqueue([second], "b") == 1
    assert library.enqueue([first], "c") == 1
    found = the(library, first)
    assert (found.state, found.lane, found.ended_at, found.reason) == ("waiting", "c", "", "")
    gave_way = the(library, second)
    assert gave_way.state is RequestState.SUPERSEDED
    assert found.requested_at > gave_way.requested_at
    assert library.latest_requests("t1") == [found]
    assert [one.request_id for one in library.claim(9)] == [first.request_id]


def test_of_two_wishes_for_a_title_in_one_batch_the_last_counts(library: Catalog) -> None:
    last = wanted("t1", plan_digest="p2")
    library.enqueue([wanted("t1"), last], "lane")
    assert library.requests() == [the(library, last)]


def test_what_no_engine_can_make_enters_as_refused(library: Catalog) -> None:
    words = {"state": RequestState.REFUSED, "reason": "no_engine", "note": "none from Korean"}
    refused = wanted("t1").model_copy(update=words)
    assert library.enqueue([refused, wanted("t2")], "lane") == 2
    found = the(library, refused)
    assert (found.state, found.reason, found.note) == ("refused", "no_engine", words["note"])
    assert found.ended_at == found.requested_at
    assert names(library.claim(9)) == ["t2"]


def test_many_enter_in_batches(library: Catalog) -> None:
    languages = [f"{first}{second}" for first in "abcdefghijklmno" for second in "abcdefgh"]
    asked = [wanted(name, language) for language in languages for name in TEN]
    assert library.enqueue(iter(asked), "lane") == 1200
    found = sorted(library.requests(most=2000), key=lambda one: one.turn)
    assert [one.turn for one in found] == list(range(1, 1201))
    assert [one.request_id for one in found] == [one.request_id for one in asked]


BY_HAND = wanted("t1", profile="release", plan_digest="by hand", priority=90)
ORDERED = wanted("t1", asked_by=AskedBy.ORDER)


def states(catalog: Catalog) -> dict[str, str]:
    """Of all requests, by plan."""
    return {one.plan_digest: str(one.state) for one in catalog.requests()}


@pytest.mark.parametrize("rule", [AskedBy.ORDER, AskedBy.COMPLAINTS])
def test_what_a_person_waits_for_gives_way_to_no_other_profile_of_a_rule(
    library: Catalog, rule: AskedBy
) -> None:
    library.enqueue([BY_HAND], "a person")
    by_rule = wanted("t1", asked_by=rule), wanted("t2", asked_by=rule)
    assert library.enqueue(by_rule, "every night") == 1
    assert [one.title_id for one in library.requests()] == ["t1", "t2"]
    assert the(library, BY_HAND).state is RequestState.WAITING


def test_a_person_takes_the_place_of_what_an_order_waits_for(library: Catalog) -> None:
    library.enqueue([ORDERED], "every night")
    library.enqueue([BY_HAND], "a person")
    assert states(library) == {"plan": "superseded", "by hand": "waiting"}
    other = wanted("t1", profile="draft", plan_digest="later")
    library.enqueue([other], "another person")
    assert states(library)["by hand"] == "superseded"


def test_what_a_person_asks_for_too_is_his(library: Catalog) -> None:
    library.enqueue([ORDERED], "every night")
    library.enqueue([wanted("t1")], "a person")
    assert the(library, ORDERED).asked_by is AskedBy.PERSON
    other = wanted("t1", profile="draft", plan_digest="draft", asked_by=AskedBy.ORDER)
    assert library.enqueue([other], "every night") == 0
    assert states(library) == {"plan": "waiting"}


def test_an_upgrade_of_his_profile_is_his_wish_still(library: Catalog) -> None:
    library.enqueue([BY_HAND], "a person")
    order: dict[str, Any] = {"profile": "release", "asked_by": AskedBy.ORDER}
    upgraded = wanted("t1", plan_digest="upgraded", **order)
    assert library.enqueue([upgraded], "a backfill") == 1
    assert states(library) == {"by hand": "superseded", "upgraded": "waiting"}
    assert library.enqueue([ORDERED], "every night") == 0
    assert the(library, upgraded).state is RequestState.WAITING


@pytest.mark.parametrize(
    ("state", "new"),
    [("running", 0), ("in_review", 0), ("published", 0), ("failed", 1), ("refused", 1),
     ("quarantined", 1), ("cancelled", 1)],
)  # fmt: skip
def test_an_order_goes_on_where_a_person_s_wish_came_to_nothing(
    library: Catalog, state: str, new: int
) -> None:
    library.enqueue([BY_HAND], "a person")
    library.settle(BY_HAND.request_id, state, was="waiting")
    assert library.enqueue([ORDERED], "every night") == new


def test_another_version_is_another_matter(library: Catalog) -> None:
    library.enqueue([BY_HAND], "a person")
    changed = wanted("t1", version="v2", asked_by=AskedBy.ORDER)
    assert library.enqueue([changed], "every night") == 1


def test_asking_again_for_what_failed_is_a_person_s_wish(library: Catalog) -> None:
    library.enqueue([ORDERED], "every night")
    library.settle(ORDERED.request_id, "failed", was="waiting")
    assert library.retry(ORDERED.request_id, "a person").asked_by is AskedBy.PERSON


def test_what_no_engine_can_make_supersedes_nothing(library: Catalog) -> None:
    library.enqueue([BY_HAND], "a person")
    words = {"state": RequestState.REFUSED, "reason": "no_engine", "note": "none from Korean"}
    library.enqueue([wanted("t1").model_copy(update=words)], "a person")
    assert states(library) == {"plan": "refused", "by hand": "waiting"}


def test_an_upgrade_between_claim_and_start_leaves_a_newer_wish_alone(library: Catalog) -> None:
    library.enqueue([ORDERED], "every night")
    (claimed,) = library.claim(1)
    library.enqueue([BY_HAND], "a person")
    upgraded = wanted("t1", plan_digest="upgraded", asked_by=AskedBy.ORDER)
    assert library.replan(claimed, upgraded).state is RequestState.SUPERSEDED
    assert states(library) == {"plan": "superseded", "by hand": "waiting"}
    assert [one.request_id for one in library.claim(9)] == [BY_HAND.request_id]


def test_an_upgrade_takes_what_was_asked_for_by_it_meanwhile(library: Catalog) -> None:
    library.enqueue([ORDERED], "every night")
    (claimed,) = library.claim(1)
    upgraded = wanted("t1", plan_digest="upgraded", asked_by=AskedBy.ORDER)
    library.enqueue([upgraded], "a backfill")
    assert library.replan(claimed, upgraded).state is RequestState.CLAIMED
    assert states(library) == {"plan": "superseded", "upgraded": "claimed"}


def test_a_clock_that_is_late_does_not_make_a_wish_the_older_one(
    library: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.enqueue([ORDERED], "every night")
    late = datetime(2020, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(library._database, "clock", lambda: late)
    library.enqueue([BY_HAND], "a person")
    assert library.latest_requests("t1") == [the(library, BY_HAND)]
    library.settle(BY_HAND.request_id, "superseded", was="waiting")
    assert library.latest_requests("t1") == [the(library, ORDERED)]  # nothing else is there


def test_what_was_asked_for_last_goes_by_the_clock_of_the_database(
    library: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = datetime(2031, 1, 1, 12, tzinfo=UTC)
    monkeypatch.setattr(library._database, "clock", lambda: noon)
    library.enqueue([wanted("t1")], "lane")
    (claimed,) = library.claim(1)
    assert the(library, claimed).requested_at == claimed.claimed_at == stamp(noon)
