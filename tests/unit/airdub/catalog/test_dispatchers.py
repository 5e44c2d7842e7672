"""Several dispatchers, people and enqueuers at the same queue at once: processes of their own."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest

from airdub.catalog import open_catalog
from airdub.errors import Conflict
from airdub.queue.documents import Quota, Request, Rollout
from tests.postgres import PostgresServer
from tests.unit.airdub.catalog.judged import FORK
from tests.unit.airdub.catalog.queued import NOON, add_titles, wanted
from tests.unit.airdub.catalog.test_concurrency import at_once, kill

TITLES = [f"t{number:02}" for number in range(60)]
LANGUAGES = ("es", "fr", "de")
EVERY = len(TITLES) * len(LANGUAGES)


@pytest.fixture
def full(ready_url: str) -> str:
    """The URL of a catalogue whose queue is full."""
    with open_catalog(ready_url) as catalog:
        add_titles(catalog, TITLES)
        catalog.enqueue([wanted(name, to) for to in LANGUAGES for name in TITLES], "lane")
    return ready_url


def drain(url: str, most: int) -> list[str]:
    """Claim until nothing is left; the ids in their order."""
    found: list[str] = []
    with open_catalog(url) as catalog:
        nothing = 0
        while nothing < 3:  # what others hold is passed over: look again
            some = catalog.claim(most, now=NOON)
            nothing = 0 if some else nothing + 1
            found += [one.request_id for one in some]
    return found


def test_no_two_dispatchers_ever_claim_the_same_request(full: str) -> None:
    found = at_once(drain, *[(full, most) for most in (1, 3, 7, 20)])
    ids = [request_id for each in found for request_id in each]
    assert len(ids) == len(set(ids)) == EVERY
    with open_catalog(full) as catalog:
        assert catalog.active() == EVERY
        assert catalog.claim(1) == []


def enqueue_slowly(url: str, names: list[str], profile: str = "embedded") -> int:
    """Put titles into the queue, and take some time over it."""
    plan = {"profile": profile, "plan_digest": "plan" if profile == "embedded" else profile}
    with open_catalog(url) as catalog, catalog.transaction():
        new = catalog.enqueue([wanted(name, **plan) for name in names], names[0])
        time.sleep(0.2)
        return new


def test_of_all_who_enqueue_at_once_one_wish_remains_for_a_title(ready_url: str) -> None:
    with open_catalog(ready_url) as catalog:
        add_titles(catalog, TITLES)
    profiles = ("embedded", "release", "draft")
    shares = [(ready_url, TITLES, profile) for profile in profiles]
    assert at_once(enqueue_slowly, *shares) == [60] * 3
    with open_catalog(ready_url) as catalog:
        found = Counter((one.profile, str(one.state)) for one in catalog.requests())
    assert sorted(found.values()) == [60, 60, 60]
    assert sorted(state for _, state in found) == ["superseded", "superseded", "waiting"]


def test_enqueuers_together_keep_the_number_of_canaries(ready_url: str) -> None:
    with open_catalog(ready_url) as catalog:
        add_titles(catalog, TITLES)
        rollout = Rollout(plan_digest="plan", profile="embedded", language="es", canaries=5)
        catalog.begin_rollout(rollout)
    shares = [(ready_url, TITLES[first::4]) for first in range(4)]
    assert at_once(enqueue_slowly, *shares) == [15] * 4
    with open_catalog(ready_url) as catalog:
        assert catalog.plan_counts("plan") == {"waiting": 5, "held": 55}


def test_dispatchers_together_keep_the_quotas(full: str) -> None:
    with open_catalog(full) as catalog:
        catalog.set_quota(Quota(scope="all", per_day=40))
        catalog.set_quota(Quota(scope="language:es", per_day=9))
    at_once(drain, *[(full, most) for most in (2, 3, 5, 50)])
    with open_catalog(full) as catalog:
        claimed = Counter(one.language for one in catalog.requests(state="claimed"))
        assert claimed.total() == 40
        assert claimed["es"] == 9


def test_a_dispatcher_killed_while_it_claims_leaves_nothing_claimed(full: str) -> None:
    def hang(ready: Connection) -> None:
        with open_catalog(full) as catalog, catalog.transaction():
            ready.send(len(catalog.claim(50)))
            time.sleep(60)

    receiver, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=hang, args=(sender,))
    process.start()
    assert receiver.recv() == 50
    kill(process)
    assert len(drain(full, 50)) == EVERY


def test_on_postgresql_a_dispatcher_does_not_wait_for_another_one(
    postgres: PostgresServer, postgres_schema: str
) -> None:
    ready_url = postgres.new_database(like=postgres_schema)
    with open_catalog(ready_url) as catalog:
        add_titles(catalog, TITLES[:20])
        catalog.enqueue([wanted(name) for name in TITLES[:20]], "lane")
    with open_catalog(ready_url) as one, open_catalog(ready_url) as other, one.transaction():
        first = {claimed.request_id for claimed in one.claim(4)}
        second = {claimed.request_id for claimed in other.claim(4)}
        assert len(first) == len(second) == 4
        assert not first & second


def test_what_is_claimed_is_not_cancelled_and_what_is_cancelled_not_claimed(full: str) -> None:
    def cancel_all() -> list[str]:
        done = []
        with open_catalog(full) as catalog:
            for one in reversed(catalog.requests(most=EVERY)):
                try:
                    catalog.cancel(one.request_id)
                except Conflict:
                    continue
                done.append(one.request_id)
        return done

    def work(what: str) -> list[str]:
        return cancel_all() if what == "cancel" else drain(full, 2)

    cancelled, *claimed = at_once(work, ("cancel",), ("claim",), ("claim",))
    taken = [request_id for each in claimed for request_id in each]
    assert not set(taken) & set(cancelled)
    assert len(taken) + len(cancelled) == EVERY


def test_the_same_requests_from_many_enter_once(ready_url: str) -> None:
    with open_catalog(ready_url) as catalog:
        add_titles(catalog, TITLES)

    def enqueue(worker: int) -> int:
        order = TITLES if worker % 2 else TITLES[::-1]
        with open_catalog(ready_url) as catalog:
            return catalog.enqueue([wanted(name) for name in order], f"lane {worker}")

    counts = at_once(enqueue, *[(worker,) for worker in range(4)])
    assert sum(counts) == len(TITLES)
    with open_catalog(ready_url) as catalog:
        assert len(catalog.requests()) == len(TITLES)


def test_an_enqueuer_killed_between_two_batches_is_finished_by_a_retry(ready_url: str) -> None:
    languages = [f"{first}{second}" for first in "abcdefg" for second in "abcdefg"]
    asked = [wanted(name, to) for to in languages[:40] for name in TITLES]
    with open_catalog(ready_url) as catalog:
        add_titles(catalog, TITLES)

    def hang(ready: Connection) -> None:
        def slowly() -> Iterator[Request]:
            for number, one in enumerate(asked):
                if number == 1500:  # the first thousand are in
                    ready.send("half-way")
                    time.sleep(60)
                yield one

        with open_catalog(ready_url) as catalog:
            catalog.enqueue(slowly(), "lane")

    receiver, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=hang, args=(sender,))
    process.start()
    assert receiver.recv() == "half-way"
    kill(process)
    with open_catalog(ready_url) as catalog:
        assert catalog.enqueue(asked, "lane") == len(asked) - 1000
        turns = sorted(one.turn for one in catalog.requests(most=9999))
        assert turns == list(range(1, len(asked) + 1))


def test_no_title_ever_has_two_runs_whoever_asks_claims_and_gives_back(full: str) -> None:
    def ask(plan: str) -> None:
        with open_catalog(full) as catalog:
            for number in range(12):
                catalog.enqueue([wanted(name, plan_digest=plan) for name in TITLES[:20]], "lane")
                catalog.enqueue(
                    [wanted(name, plan_digest=f"{plan} {number}") for name in TITLES[:20]], "lane"
                )

    def dispatch(most: int) -> None:
        with open_catalog(full) as catalog:
            for _ in range(25):
                for number, one in enumerate(catalog.claim(most, now=NOON)):
                    state = ("waiting", "running", "waiting", "published")[number % 4]
                    catalog.settle(one.request_id, state, was="claimed")

    def work(what: str | int) -> None:
        ask(what) if isinstance(what, str) else dispatch(what)

    at_once(work, ("p1",), ("p2",), (5,), (9,))
    with open_catalog(full) as catalog:
        rows = catalog.requests(most=99_999)
    for states in (("held", "waiting"), ("claimed", "running")):
        found = Counter((one.title_id, one.language) for one in rows if one.state in states)
        assert set(found.values()) == {1}
