"""Share of each line's planned speech in which the dub's voice sounds: it sees lines that are
missing, or cut.

Method: levels (100-8000 Hz, every 5 ms) of the decoded deliverable without its background, where
the take, laid out as planned, is within 15 dB of its loud moments. The voice sounds where it is
within 20 dB of the line's loud moments (no softer than 8 dB below the title's usual line) and 6 dB
above what the encoder leaves of the background, which is measured between the lines. Moments that
the background would drown don't count. The title's value is the mean of its lines.
Source: own.
Version 1.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from airdub.units import CLOCK_HZ, ms_to_ticks
from model_images.evaluate.analysis.places import undisturbed, voices
from model_images.evaluate.analysis.search import Match, find_lines
from model_images.evaluate.analysis.spectra import (
    STEP,
    Levels,
    decibels,
    heard_spectra,
    under_spectra,
)
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured

METHOD = "level of the deliverable's voice where the planned take speaks"
VERSION = "1"

_SPEAKS_DB = 15.0
_SOUNDS_DB = 20.0
_SOFT_LINE_DB = 8.0
_LEAST_DBFS = -45.0  # of a usual line: a title without any voice has no usual line
_OVER_NOISE_DB = 6.0
_AUDIBLE_DB = 9.0
_LOUD = 95  # percentile
_SHORTEST = ms_to_ticks(100)
_GAP = ms_to_ticks(200)
_GAPS = 60
_LONGEST_GAP = CLOCK_HZ


def measure(evidence: Evidence) -> Measured:
    """0..1; a line that was never spoken has 0."""
    found = evidence.once(find_lines)
    usual = _usual(each for each in found.values() if isinstance(each, Match))
    values: dict[str, float | Absent] = {}
    for line in evidence.lines:
        match = found[line.id]
        if line.placement is None or line.take is None:
            values[line.id] = 0.0
        elif isinstance(match, Absent):
            values[line.id] = match
        else:
            values[line.id] = _sounding(match, usual, evidence.once(_noise_db))
    return evidence.of_lines(values, lambda shares: float(np.mean(shares)))


def _usual(matches: Iterable[Match]) -> float:
    """Level of the median line's loud moments, dBFS."""
    levels = [_loud(match.heard_db) for match in matches]
    return max(_LEAST_DBFS, float(np.median(levels))) if levels else _LEAST_DBFS


def _sounding(match: Match, usual: float, noise_db: float) -> float | Absent:
    loud = max(_loud(match.heard_db), usual - _SOFT_LINE_DB)
    expected = match.wanted_db - _loud(match.wanted_db) + loud
    noise = match.under_db + noise_db
    counts = (expected >= loud - _SPEAKS_DB) & (expected >= noise + _AUDIBLE_DB)
    if counts.sum() * STEP < _SHORTEST:
        return Absent("the background drowns the line")
    sounds = match.heard_db >= np.maximum(loud - _SOUNDS_DB, noise + _OVER_NOISE_DB)
    return float(sounds[counts].mean())


def _noise_db(evidence: Evidence) -> float:
    """Level of what is heard between the lines over the background there; 0 without any pause."""
    spoken = [span for _, span in evidence.once(voices)]
    gaps = [
        (start, min(end, start + _LONGEST_GAP))
        for start, end in undisturbed((0, evidence.plan.duration), spoken)
        if end - start >= _GAP
    ]
    heard, under = [np.zeros(0)], [np.zeros(0)]
    for start, end in gaps[:: max(1, len(gaps) // _GAPS)]:
        instants = np.arange(start + STEP, end - STEP, STEP)
        heard.append(decibels(heard_spectra(evidence, instants)))
        under.append(decibels(under_spectra(evidence, instants)))
    differences = np.concatenate(heard) - np.concatenate(under)
    return min(0.0, float(np.percentile(differences, 75))) if len(differences) else 0.0


def _loud(levels: Levels) -> float:
    return float(np.percentile(levels, _LOUD))
