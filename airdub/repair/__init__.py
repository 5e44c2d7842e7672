"""Selective repair: what the next attempt at a title changes, and nothing else.

A dub that fails its gate is made again only where it failed: another take of a line, another
engine for it, a shorter line, no stretching, or, where no line is to blame, another engine for a
stage. All else is found in the store.
"""

from airdub.repair.attempts import Attempt, best_attempt
from airdub.repair.history import attempts_of
from airdub.repair.ladders import Ladders, ladders_of
from airdub.repair.parameters import repair_parameters
from airdub.repair.plan import LineRepair, PastAttempt, RepairPlan, attempt_run_id
from airdub.repair.planner import plan_repair

__all__ = [
    "Attempt",
    "Ladders",
    "LineRepair",
    "PastAttempt",
    "RepairPlan",
    "attempt_run_id",
    "attempts_of",
    "best_attempt",
    "ladders_of",
    "plan_repair",
    "repair_parameters",
]
