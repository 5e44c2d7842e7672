"""Where each line is in the deliverable, and how well it matches its take.

The take's log-mel spectra, laid out as the plan says, are slid over those of the heard voice, and
correlated over time and bands at each shift; every band's own mean is taken out first, because
any speech agrees with any other in its average spectrum. Another line's words correlate by up to
0.35, the line itself, encoded at 192 kbit/s over music, by 0.99.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from airdub.units import TICKS_PER_MS, ms_to_ticks
from model_images.evaluate.analysis.places import others, outside
from model_images.evaluate.analysis.spectra import (
    STEP,
    Levels,
    Spectra,
    decibels,
    heard_spectra,
    instants_of,
    take_spectra,
    under_spectra,
)
from model_images.evaluate.protocol import Absent

if TYPE_CHECKING:
    from model_images.evaluate.evidence import DubbedLine, Evidence

REACH = ms_to_ticks(500)
"""Ticks by which a line may be early or late to be found."""

_SHORTEST = ms_to_ticks(300)
_DEPTH = 1e-3  # 30 dB below a line's loud moments: what lies deeper is silence
_LOUD = 95  # percentile


@dataclass(frozen=True)
class Match:
    """A line at its best shift, and how loud it should be and is at its planned place.

    Attributes:
        correlation: -1..1.
        late_ms: how much later than planned it is; negative is early.
        wanted_db, heard_db, under_db: levels of the take, of the heard voice and of the background
            under it (100-8000 Hz) every 5 ms of the line in which nobody else speaks, (n,); the
            take's have a scale of their own.
    """

    correlation: float
    late_ms: float
    wanted_db: Levels
    heard_db: Levels
    under_db: Levels


def find_lines(evidence: Evidence) -> dict[str, Match | Absent]:
    """Look for every line around its place; by segment id."""
    found: dict[str, Match | Absent] = {}
    for line in evidence.lines:
        found[line.id] = _find(evidence, line)
        evidence.progress(len(found), len(evidence.lines), "lines")
    return found


def _find(evidence: Evidence, line: DubbedLine) -> Match | Absent:
    if line.placement is None or line.take is None:
        return Absent("the line was never spoken")
    instants = instants_of(line.placement)
    alone = outside(line.placement.start + instants, others(evidence, line))
    if alone.sum() * STEP < _SHORTEST:
        return Absent("too little of the line is spoken alone")
    wanted = take_spectra(evidence, line, instants)
    if not wanted[alone].any():
        return Absent("the line's take is silent")
    start = line.placement.start
    heard = heard_spectra(evidence, start + instants_of(line.placement, REACH))
    before = REACH // STEP
    place = slice(before, before + len(wanted))
    correlations = slide(
        logarithms(wanted, wanted[alone]), logarithms(heard, heard[place][alone]), alone
    )
    at = int(np.argmax(correlations))
    shift = at - before + _between(correlations, at)
    return Match(
        correlation=float(correlations[at]),
        late_ms=float(shift * STEP / TICKS_PER_MS),
        wanted_db=decibels(wanted[alone]),
        heard_db=decibels(heard[place][alone]),
        under_db=decibels(under_spectra(evidence, (start + instants)[alone])),
    )


def logarithms(spectra: Spectra, loud: Spectra) -> Spectra:
    """Levels in units of 10 dB; what lies 30 dB below the loud moments of `loud` is the floor."""
    reference = float(np.percentile(loud.mean(axis=1), _LOUD)) + 1e-20
    return np.log10(spectra / reference + _DEPTH)


def slide(wanted: Spectra, heard: Spectra, alone: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Correlation at each shift of `wanted` over `heard`, over the instants that count.

    Args:
        wanted: (n, bands).
        heard: (n + shifts - 1, bands).
        alone: (n,) instants that count.
    """
    line = _centred(wanted[alone])
    own = float(np.square(line).sum())
    values = np.zeros(len(heard) - len(wanted) + 1)
    for shift in range(len(values)):
        there = _centred(heard[shift : shift + len(wanted)][alone])
        power = own * float(np.square(there).sum())
        values[shift] = float((line * there).sum()) / np.sqrt(power) if power > 0 else 0.0
    return values


def _centred(levels: Spectra) -> Spectra:
    return levels - levels.mean(axis=0)


def _between(values: NDArray[np.float64], at: int) -> float:
    """Where the parabola through a peak and its neighbours is highest, -0.5..0.5 steps from it."""
    if not 0 < at < len(values) - 1:
        return 0.0
    before, peak, after = values[at - 1 : at + 2]
    bend = before - 2 * peak + after
    return float(0.5 * (before - after) / bend) if bend < 0 else 0.0
