"""The fit planner: when each dubbed line is spoken, how fast, and what could not be met.

Pure and deterministic, in integer ticks. It never sees sound: re-timing never re-runs synthesis.

The rules, in the order in which they give way when a line is too long for its place:

1. A line starts at its source onset at the take's own rate, brought into 0.85..1.2 of the voice's
   natural rate. It borrows the silence after it, up to a breath before the next onset of the
   scene. A line that is shorter than its place keeps its speed.
2. It is sped up to 1.2.
3. It gives up the breath, then (off-screen lines) starts up to 0.4 s early, then delays a
   following off-screen line by up to 0.3 s.
4. It is sped up to 1.35: the hard cap, however it is reached.
5. What is left is `overflow`: the next line waits, no longer than it has to, and returns to its
   own onset at the next silence. At the title's end lines start earlier instead. A line with
   overflow gets a `Shorten` entry.

A line that must not be stretched has one length only: its take's.

Never, whatever the input: speech cut, one speaker over himself, speech beyond the title, a rate
over the cap (but a take's own, where it must not be stretched). Different speakers overlap by no
more than they did in the source, unless the title has no room for anything else; that is measured
as `collision`. If even that is not enough (one speaker's lines are longer than the whole title at
the cap), the plan is refused.
"""

from airdub.timing.limits import DEFAULT_LIMITS, FitLimits
from airdub.timing.plan import FitPlan, Kept, Pause, Placement, Shorten
from airdub.timing.planner import plan_fit
from airdub.timing.scenes import scene_cuts

__all__ = [
    "DEFAULT_LIMITS",
    "FitLimits",
    "FitPlan",
    "Kept",
    "Pause",
    "Placement",
    "Shorten",
    "plan_fit",
    "scene_cuts",
]
