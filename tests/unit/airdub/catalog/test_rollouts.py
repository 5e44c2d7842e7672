"""Plans that are tried on some titles first."""

from __future__ import annotations

import pytest

from airdub.catalog import Catalog
from airdub.errors import Conflict, InvalidInput
from airdub.queue.canaries import Outlook, outlook
from airdub.queue.documents import RightsWindow, Rollout
from tests.unit.airdub.catalog.queued import add_titles, names, wanted

TEN = [f"t{number}" for number in range(10)]
NEW = Rollout(plan_digest="p2", profile="embedded", language="es", canaries=3)


@pytest.fixture
def library(catalog: Catalog) -> Catalog:
    add_titles(catalog, TEN)
    catalog.begin_rollout(NEW)
    return catalog


def ask(catalog: Catalog, *titles: str) -> None:
    catalog.enqueue([wanted(name, plan_digest="p2") for name in titles], "lane")


def test_beyond_its_canaries_a_plan_is_held(library: Catalog) -> None:
    ask(library, *TEN[:2])
    ask(library, *TEN)
    assert library.plan_counts("p2") == {"waiting": 3, "held": 7}
    held = library.requests(state="held")
    assert {one.reason for one in held} == {"rollout"}
    assert names(library.claim(99)) == TEN[:3]
    ask(library, *TEN)  # those that run are canaries still
    assert library.plan_counts("p2") == {"claimed": 3, "held": 7}


def test_other_plans_go_on(library: Catalog) -> None:
    ask(library, *TEN[:5])
    library.enqueue([wanted(name, "fr") for name in TEN[:5]], "lane")
    assert len(library.claim(99)) == 8


def test_a_canary_that_is_cancelled_makes_room_for_another(library: Catalog) -> None:
    ask(library, *TEN[:3])
    library.cancel(wanted("t0", plan_digest="p2").request_id)
    ask(library, *TEN[3:5])
    assert library.plan_counts("p2") == {"cancelled": 1, "waiting": 3, "held": 1}


def test_canaries_that_came_to_nothing_are_replaced_by_what_is_held(library: Catalog) -> None:
    ask(library, *TEN)
    changed = wanted("t1", version="v2", plan_digest="p2")
    library.enqueue([changed], "library")  # it is held, as t1 was still a canary
    library.cancel(wanted("t0", plan_digest="p2").request_id)
    yet = {"opens_at": "2900-01-01T00:00:00.000000Z", "closes_at": "2901-01-01T00:00:00.000000Z"}
    library.set_rights(RightsWindow(window_id="w", title_id="t2", **yet))
    assert library.claim(99) == []
    assert library.replace_canaries("p2") == 3
    assert library.replace_canaries("p2") == 0
    assert names(library.claim(99)) == ["t1", "t3", "t4"]
    library.end_rollout("p2", "stopped", was="trying")
    assert library.replace_canaries("p2") == 0


def test_a_canary_whose_rights_are_over_says_nothing_of_the_plan(library: Catalog) -> None:
    over = {"opens_at": "2020-01-01T00:00:00.000000Z", "closes_at": "2021-01-01T00:00:00.000000Z"}
    library.set_rights(RightsWindow(window_id="w", title_id="t0", **over))
    ask(library, *TEN[:3])
    assert names(library.claim(99)) == TEN[1:3]
    assert library.plan_counts("p2") == {"claimed": 2}


def test_when_it_is_open_all_may_go_in_their_turns(library: Catalog) -> None:
    ask(library, *TEN)
    assert library.end_rollout("p2", "open", was="trying") == 7
    assert library.end_rollout("p2", "open", was="trying") == 0  # told twice
    assert names(library.claim(99)) == TEN
    add_titles(library, ["later"])
    ask(library, "later")
    assert names(library.claim(99)) == ["later"]


def test_when_it_is_stopped_nothing_more_goes(library: Catalog) -> None:
    ask(library, *TEN[:4])
    library.claim(99)
    library.end_rollout("p2", "stopped", was="trying", note="t0 failed")
    ask(library, *TEN)
    assert library.plan_counts("p2") == {"claimed": 3, "held": 7}
    assert [one.note for one in library.rollouts("stopped")] == ["t0 failed"]
    library.end_rollout("p2", "open", was="stopped", note="it was the disk")
    assert len(library.claim(99)) == 7


def test_what_is_held_can_be_cancelled_and_superseded(library: Catalog) -> None:
    ask(library, *TEN[:5])
    library.cancel(wanted("t3", plan_digest="p2").request_id)
    library.enqueue([wanted("t4", plan_digest="p3")], "lane")
    assert library.plan_counts("p2") == {"waiting": 3, "cancelled": 1, "superseded": 1}


def test_a_plan_is_tried_once(library: Catalog) -> None:
    library.end_rollout("p2", "open", was="trying")
    again = library.begin_rollout(NEW.model_copy(update={"canaries": 99}))
    assert (again.state, again.canaries) == ("open", 3)
    assert library.rollouts() == []


def test_a_rollout_that_is_not_as_thought_is_told(library: Catalog) -> None:
    with pytest.raises(InvalidInput, match="no rollout"):
        library.end_rollout("unknown", "open", was="trying")
    with pytest.raises(Conflict, match="is trying, not stopped"):
        library.end_rollout("p2", "open", was="stopped")


@pytest.mark.parametrize("state", ["failed", "refused", "quarantined"])
def test_a_canary_that_is_tried_again_counts_by_its_last_attempt(
    library: Catalog, state: str
) -> None:
    ask(library, *TEN)
    first, second, third = library.claim(3)
    for one, became in ((first, state), (second, "published"), (third, "published")):
        library.settle(one.request_id, became, was="claimed")
    assert outlook(library.plan_counts("p2")) is Outlook.STOP
    library.end_rollout("p2", "stopped", was="trying", note="t0 failed")
    again = library.retry(first.request_id, "a person")
    assert again.state == "held"
    library.end_rollout("p2", "trying", was="stopped")
    assert library.replace_canaries("p2") == 1
    assert outlook(library.plan_counts("p2")) is Outlook.WAIT
    assert library.plan_counts("p2") == {"published": 2, "waiting": 1, "held": 7}
    (claimed,) = library.claim(9)
    library.settle(claimed.request_id, "published", was="claimed")
    assert outlook(library.plan_counts("p2")) is Outlook.OPEN
