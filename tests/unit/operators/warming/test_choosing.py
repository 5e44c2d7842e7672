"""Which of the queue's requests make up a batch."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from airdub.requests import EngineRef, build_request
from airdub.stages import Resources
from operators.stage_requests import Asked
from operators.warming.choosing import LOOKED_AT, Choice, choose
from operators.warming.standing import Look, Standing

SMALL, LARGE = Resources(), Resources(memory_mb=9000)
CONSENTS: Any = None  # nothing of them is looked at


def ready(
    title: str, engine: str = "sphinx", version: str = "1", resources: Resources = SMALL
) -> Look:
    ref = EngineRef(name=engine, version=version)
    request = build_request("transcribe", ref, {}, attempt_id="a", parameters={"title": title})
    return Look(Standing.READY, asked=Asked(request, CONSENTS, resources))


def titles(choice: Choice) -> list[Any]:
    return [request.parameters["title"] for request in choice.requests]


def test_the_queues_order_is_kept_and_no_more_are_taken_than_asked_for() -> None:
    looks = iter([ready("c"), ready("a"), ready("b"), ready("d")])
    assert titles(choose(looks, 2)) == ["c", "a"]
    assert titles(choose(looks, 2)) == ["b", "d"], "no more were looked at than needed"


def test_the_first_one_decides_on_engine_version_and_size() -> None:
    others = [ready("b", "script"), ready("c", version="2"), ready("d", resources=LARGE)]
    choice = choose([ready("a"), *others, ready("e")], 32)
    assert titles(choice) == ["a", "e"]
    assert choice.others == {"for script": 1, "for sphinx": 2}
    assert (choice.engine, choice.resources) == (EngineRef(name="sphinx", version="1"), SMALL)


def test_an_engine_can_be_asked_for() -> None:
    looks = [ready("a", "script"), ready("b"), ready("c", "script")]
    assert titles(choose(looks, 32, "script")) == ["a", "c"]
    assert titles(choose(looks, 32, "whisper")) == []


def test_what_several_languages_share_is_made_once() -> None:
    choice = choose([ready("a"), ready("a"), ready("b"), ready("a")], 2)
    assert titles(choice) == ["a", "b"]
    assert choice.others == {"same as another": 1}


def test_others_are_counted_by_what_they_wait_for() -> None:
    looks = [
        Look(Standing.EARLY, "separate"),
        Look(Standing.DONE),
        Look(Standing.EARLY, "separate"),
        Look(Standing.EARLY, "ingest"),
        Look(Standing.IN_WORK),
        Look(Standing.REFUSED, "its rights window is closed"),
    ]
    assert choose(looks, 5).others == {
        "wait for separate": 2,
        "wait for ingest": 1,
        "done": 1,
        "in work": 1,
        "refused": 1,
    }


@given(
    st.lists(st.sampled_from(["ready", "same", "other", "done"]), max_size=60), st.integers(1, 9)
)
def test_every_look_is_counted_once(kinds: list[str], most: int) -> None:
    makers = {
        "ready": lambda number: ready(f"t{number}"),
        "same": lambda _: ready("t0"),
        "other": lambda number: ready(f"t{number}", "script"),
        "done": lambda _: Look(Standing.DONE),
    }
    read = []
    looks = (read.append(number) or makers[kind](number) for number, kind in enumerate(kinds))
    choice = choose(looks, most)
    assert len(choice.requests) + choice.others.total() == len(read)
    assert len(choice.requests) <= most
    assert len({one.fingerprint for one in choice.requests}) == len(choice.requests)
    assert len(read) == len(kinds) or len(choice.requests) == most


def test_choosing_ends_however_long_the_queue_is() -> None:
    def endless() -> Any:
        while True:
            yield Look(Standing.DONE)

    assert choose(endless(), 1).others == {"done": LOOKED_AT}
