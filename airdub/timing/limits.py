"""How far timing may be bent."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from airdub.units import ms_to_ticks


@dataclass(frozen=True)
class FitLimits:
    """Bounds of the fit planner. Rates are final speech rate over the voice's natural rate.

    Attributes:
        slowest, fastest: preferred range of the rate.
        cap: hard cap of the rate, by engine and stretch together.
        breath: ticks of silence left before the next onset while the preferred range allows it.
        early: ticks by which an off-screen line may start before its onset.
        late: ticks by which an off-screen line may be delayed by the line before it.
        pause: ticks from which a silence inside a source line counts as a pause.
        tolerance: of a `Shorten` factor.
    """

    slowest: Fraction = Fraction(85, 100)
    fastest: Fraction = Fraction(120, 100)
    cap: Fraction = Fraction(135, 100)
    breath: int = ms_to_ticks(100)
    early: int = ms_to_ticks(400)
    late: int = ms_to_ticks(300)
    pause: int = ms_to_ticks(300)
    tolerance: float = 0.1


DEFAULT_LIMITS = FitLimits()
