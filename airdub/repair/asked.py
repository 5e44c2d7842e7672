"""Another attempt, because a person asked for it: the best so far, with some lines anew. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from airdub.metrics import TITLE
from airdub.repair.attempts import Attempt
from airdub.repair.ladders import Ladders
from airdub.repair.plan import RepairPlan
from airdub.repair.planner import history_of
from airdub.repair.remedies import FailingLine, next_repair

REVIEW = "review"
"""What stands where a repaired line names the metrics that it failed: a person heard it."""

_AS_HEARD_WRONG = ("word_error_rate",)  # its remedy is another take


def asked_repair(
    attempts: Sequence[Attempt], best_run_id: str, notes: str, ladders: Ladders
) -> RepairPlan:
    """The plan of the attempt after the last one.

    Everything is made as in the attempt that the person looked at; lines that the notes name get
    their next take or engine that wasn't tried. Without such lines only what lies beside the
    source may make a difference: a corrected script, a glossary.

    Args:
        attempts: at the order, the first one first.
        best_run_id: the attempt that the person looked at.

    Raises:
        ValueError: it is none of the attempts.
    """
    best = next((one for one in attempts if one.run_id == best_run_id), None)
    if best is None:
        raise ValueError(f"{best_run_id} is none of the attempts")
    history, ladders = history_of(attempts), ladders.under(best.stages)
    lines = {line.segment_id: line for line in best.lines}
    known = {scope for rows in best.table.values.values() for scope in rows} - {TITLE}
    for name in named_lines(notes, known):
        tried = {past.line(name).changes for past in history if past.stages == best.stages}
        failing = FailingLine.of(best.line(name), _AS_HEARD_WRONG, best.timing)
        if found := next_repair(failing, ladders, tried):
            lines[name] = found.model_copy(update={"metrics": (REVIEW,)})
    return RepairPlan(
        attempt=attempts[-1].number + 1,
        based_on=best_run_id,
        lines=tuple(lines[name] for name in sorted(lines)),
        stages=best.stages,
        history=history,
    )


def named_lines(notes: str, known: Collection[str]) -> list[str]:
    """The lines that a text names as whole words, in order of their ids."""
    words = set(re.findall(r"[\w.-]*\w", notes))
    return sorted(words & set(known))
