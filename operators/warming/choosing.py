"""Which requests make up a batch. Pure: looks in, a choice out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from airdub.requests import EngineRef, StageRequest
from airdub.stages import Resources
from operators.warming.standing import Look, Standing

LOOKED_AT = 1000
"""Requests that are looked at at most, so that choosing ends soon."""


@dataclass
class Choice:
    """What is made by one process.

    Attributes:
        requests: of one engine and one size, in the queue's order.
        others: how many others there are, in words.
    """

    requests: list[StageRequest] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    engine: EngineRef | None = None
    resources: Resources | None = None


def choose(looks: Iterable[Look], most: int, engine: str = "") -> Choice:
    """Take what is ready, in the queue's order.

    What is the same for several languages is made once. The first one that is taken decides on the
    engine and on what the process may use; others are left to another batch.

    Args:
        looks: one for each request of the queue, in its order; read as far as needed.
        most: requests of a batch.
        engine: only what asks for this one; "" whichever comes first.
    """
    choice = Choice()
    known = set[str]()
    for number, look in enumerate(looks, 1):
        if look.asked is None:
            choice.others[_words(look)] += 1
        elif look.asked.request.fingerprint in known:
            choice.others["same as another"] += 1
        elif _suits(choice, look, engine):
            choice.requests.append(look.asked.request)
            known.add(look.asked.request.fingerprint)
        else:
            choice.others[f"for {look.asked.request.engine.name}"] += 1
        if len(choice.requests) == most or number == LOOKED_AT:
            break
    return choice


def _suits(choice: Choice, look: Look, engine: str) -> bool:
    """Whether what is ready goes into the batch."""
    assert look.asked is not None  # noqa: S101 - it is ready
    wanted, resources = look.asked.request.engine, look.asked.resources
    if engine not in ("", wanted.name):
        return False
    if choice.engine is None:
        choice.engine, choice.resources = wanted, resources
    return (choice.engine, choice.resources) == (wanted, resources)


def _words(look: Look) -> str:
    return f"wait for {look.why}" if look.standing is Standing.EARLY else str(look.standing)
