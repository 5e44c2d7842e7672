"""Attempts at a title: which run follows a run, and what a command knows of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from airdub.catalog import Catalog
from airdub.cli.watch import DubRun, RunState
from airdub.gates import Consequence
from airdub.judgements import Judgement
from airdub.repair import attempt_run_id

_STARTED = ("started", "done")


@dataclass(frozen=True)
class Attempt:
    """A run that was watched.

    Attributes:
        judgement: None when it wasn't judged.
    """

    run: DubRun
    state: RunState
    judgement: Judgement | None


@dataclass(frozen=True)
class Title:
    """A title on its way into one language: its attempts, the first one first."""

    attempts: tuple[Attempt, ...]

    @property
    def last(self) -> Attempt:
        """The attempt that decided."""
        return self.attempts[-1]

    @property
    def label(self) -> str:
        """Title and target language."""
        order = self.last.run.order
        return f"{order.title_id} > {order.target_language}"


def titles(
    catalog: Catalog, runs: Iterable[DubRun], states: dict[str, RunState]
) -> tuple[Title, ...]:
    """The runs as attempts at titles, in the order in which the titles were ordered."""
    found: dict[str, list[Attempt]] = {}
    for run in runs:
        judgement = catalog.judgement(run.run_id)
        attempt = Attempt(run, states[run.run_id], judgement)
        found.setdefault(attempt_run_id(run.run_id, 1), []).append(attempt)
    return tuple(Title(tuple(attempts)) for attempts in found.values())


def next_run(catalog: Catalog, run: DubRun) -> DubRun | None:
    """The run that repairs an ended one; None when none was started."""
    judgement, repair = catalog.judgement(run.run_id), catalog.repair(run.run_id)
    if judgement is None or judgement.verdict.consequence is not Consequence.REPAIR:
        return None
    if repair is None or repair.state not in _STARTED:
        return None
    order = run.order.model_copy(update={"attempt": repair.next_attempt, "repair": repair.plan})
    return DubRun(order, attempt_run_id(run.run_id, repair.next_attempt))
