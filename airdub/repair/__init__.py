"""Selective repair: what the next attempt at a title changes, and nothing else.

A dub that fails its gate is made again only where it failed: another take of a line, another
engine for it, a shorter line, no stretching, or, where no line is to blame, another engine for a
stage. All else is found in the store.
"""

from airdub.repair.parameters import repair_parameters
from airdub.repair.plan import LineRepair, PastAttempt, RepairPlan, attempt_run_id

__all__ = ["LineRepair", "PastAttempt", "RepairPlan", "attempt_run_id", "repair_parameters"]
