"""Many processes at once, and processes that are killed in the middle."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import pytest

from airdub.catalog import open_catalog
from airdub.errors import AirdubError
from airdub.gates import Consequence
from tests.unit.airdub.catalog.judged import FORK, TITLE_ID, judgement

MANY = 6


def _work(work: Callable[..., Any], arguments: tuple[Any, ...], answers: Connection) -> None:
    try:
        answers.send(work(*arguments))
    except AirdubError as error:
        answers.send(type(error).__name__)


def at_once(work: Callable[..., Any], *arguments: tuple[Any, ...]) -> list[Any]:
    """What the work answered in processes of its own, one for each of the arguments."""
    pipes = [FORK.Pipe(duplex=False) for _ in arguments]
    processes = [
        FORK.Process(target=_work, args=(work, given, sender))
        for given, (_, sender) in zip(arguments, pipes, strict=True)
    ]
    for process in processes:
        process.start()
    for _, sender in pipes:
        sender.close()
    answers = [receiver.recv() for receiver, _ in pipes]
    for process in processes:
        process.join()
    return answers


def kill(process: BaseProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def test_many_open_an_empty_database_at_once(url: str) -> None:
    def open_it() -> int:
        with open_catalog(url) as catalog:
            return len(catalog.reviews())

    assert at_once(open_it, *[()] * MANY) == [0] * MANY


def test_of_many_judgements_of_a_title_one_review_stays_open(url: str) -> None:
    def record(worker: int) -> str:
        for number in range(5):
            with open_catalog(url) as catalog:
                catalog.record_judgement(judgement(f"run-{worker}-{number}"))
        return "recorded"

    assert at_once(record, *[(worker,) for worker in range(MANY)]) == ["recorded"] * MANY
    with open_catalog(url) as catalog:
        assert len(catalog.verdicts(TITLE_ID, "es-419")) == 5 * MANY
        assert len(catalog.reviews()) == 1
        assert len(catalog.reviews("superseded")) == 5 * MANY - 1
        assert catalog.reviews()[0].run_id == catalog.verdicts(TITLE_ID, "es-419")[0].run.run_id


def test_the_same_judgement_from_many_is_recorded_once(url: str) -> None:
    def record() -> str:
        with open_catalog(url) as catalog:
            catalog.record_judgement(judgement("run", "repair"))
        return "recorded"

    assert at_once(record, *[()] * MANY) == ["recorded"] * MANY
    with open_catalog(url) as catalog:
        assert len(catalog.verdicts(TITLE_ID, "es-419")) == 1
        assert len(catalog.repairs()) == 1


def test_of_two_answers_to_a_review_one_counts(url: str) -> None:
    with open_catalog(url) as catalog:
        catalog.record_judgement(judgement("run"))

    def decide(who: str, decision: str) -> str:
        with open_catalog(url) as catalog:
            catalog.decide_review("run", decision, who, "because")
        return who

    people = [(f"person {number}", ("reject", "redo")[number % 2]) for number in range(MANY)]
    answers = at_once(decide, *people)
    assert sorted(answers)[: MANY - 1] == ["Conflict"] * (MANY - 1)
    with open_catalog(url) as catalog:
        review = catalog.review("run")
        assert review is not None
        assert review.who in answers
        followed = (catalog.quarantine("run") is not None, catalog.repair("run") is not None)
        assert followed == (review.state == "reject", review.state == "redo")


def _hang_in_transaction(url: str, ready: Connection) -> None:
    with open_catalog(url) as catalog, catalog.transaction():
        catalog.record_judgement(judgement("run"))
        ready.send("half-way")
        time.sleep(60)


def test_a_writer_killed_half_way_leaves_nothing_and_blocks_nobody(url: str) -> None:
    receiver, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_hang_in_transaction, args=(url, sender))
    process.start()
    assert receiver.recv() == "half-way"
    kill(process)
    with open_catalog(url) as catalog:
        assert catalog.judgement("run") is None
        assert catalog.reviews() == []
        assert catalog.metrics("evaluation of run") == []
        catalog.record_judgement(judgement("run"))
        assert [review.run_id for review in catalog.reviews()] == ["run"]


def test_what_was_recorded_survives_the_kill_right_after(url: str) -> None:
    def record(ready: Connection) -> None:
        with open_catalog(url) as catalog:
            catalog.record_judgement(judgement("run", "quarantine"))
            ready.send("recorded")
            time.sleep(60)

    receiver, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=record, args=(sender,))
    process.start()
    assert receiver.recv() == "recorded"
    kill(process)
    with open_catalog(url) as catalog:
        found = catalog.judgement("run")
        assert found is not None
        assert found.verdict.consequence is Consequence.QUARANTINE
        assert catalog.quarantine("run") is not None


@pytest.mark.parametrize("after_ms", [5, 15, 30, 60, 90, 120, 160])
def test_an_opener_killed_while_it_makes_the_schema_is_followed_by_one_that_can(
    url: str, after_ms: int
) -> None:
    def open_it() -> None:
        with open_catalog(url):
            time.sleep(60)

    process = FORK.Process(target=open_it)
    process.start()
    time.sleep(after_ms / 1000)
    kill(process)
    with open_catalog(url) as catalog:
        catalog.record_judgement(judgement("run"))
        assert catalog.judgement("run") == judgement("run")
