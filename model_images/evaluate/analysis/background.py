"""The source's background in the deliverable: where it lies, and at which gain.

In windows of 5 s the dub is explained by the two stems that it was mixed from: the dialogue stem is
found by cross-correlation and taken out by least squares, then the background is looked for in what
is left. First differences stand in for the sounds while lags are searched: they whiten music.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.signal import correlate

from airdub.metrics import NOT_APPLICABLE
from airdub.units import CLOCK_HZ, ms_to_ticks
from model_images.common.pcm import read_span
from model_images.evaluate.protocol import Absent, Measured, Value

if TYPE_CHECKING:
    from model_images.evaluate.evidence import Evidence

Mono = NDArray[np.float32]

WINDOW = 5 * CLOCK_HZ
REACH = CLOCK_HZ // 2
"""Ticks by which a background may be early or late to be found."""

_ALONE = ms_to_ticks(5)  # lags around the peak that are no rivals of it
_LEAST_MATCH = 0.5
_LEAST_LEAD = 1.25  # of the peak over all other lags: a hum fits at many
_SILENT = 1e-10  # mean square: -100 dBFS


@dataclass(frozen=True)
class BedWindow:
    """The background in one window.

    Attributes:
        start, end: ticks of the dub.
        lag: samples by which the dub's background is late.
        gain: of the background in the dub, as an amplitude.
        match: correlation of what isn't voice with the background, 0..1.
    """

    start: int
    end: int
    lag: int
    gain: float
    match: float


@dataclass(frozen=True)
class Bed:
    """The background in the whole dub.

    Attributes:
        windows: those in which it was found, in order.
        sounding: windows in which the source's background sounds at all.
        looked_at: all windows.
    """

    windows: tuple[BedWindow, ...]
    sounding: int
    looked_at: int

    def answer(self, measured: float) -> Measured:
        """A figure of the background as a metric's answer.

        It is not applicable to a title without a background, and absent when the background isn't
        found in the deliverable.
        """
        if not self.sounding:
            return Measured(Value(NOT_APPLICABLE, self.looked_at))
        if not self.windows:
            return Measured(Absent("the source's background is not found in the deliverable"))
        found = len(self.windows)
        return Measured(Value(measured, found, found / self.sounding))

    @property
    def gain(self) -> float:
        """Gain of the background in the dub; 0 when it was not found."""
        return float(np.median([window.gain for window in self.windows])) if self.windows else 0.0

    def lag_at(self, tick: int) -> int:
        """Samples by which it is late around a tick; 0 when it was not found."""
        if not self.windows:
            return 0
        middle = [abs((window.start + window.end) // 2 - tick) for window in self.windows]
        return self.windows[int(np.argmin(middle))].lag


def find_bed(evidence: Evidence) -> Bed:
    """Look for the background everywhere; the last window reaches the title's end."""
    length = evidence.facts.duration_ticks
    starts = [*range(0, max(1, length - WINDOW), WINDOW), max(0, length - WINDOW)]
    places = sorted(set(starts))
    files = (evidence.dub_sound, evidence.path("dialogue_stem"), evidence.path("background"))
    windows, sounding = [], 0
    for start in places:
        end = min(start + WINDOW, length)
        bed = read_mono(files[2], start - REACH, end + REACH)
        if np.mean(np.square(bed)) < _SILENT:
            continue
        sounding += 1
        voice = read_mono(files[1], start - REACH, end + REACH)
        found = _find(read_mono(files[0], start, end), voice, bed)
        if found is not None:
            windows.append(BedWindow(start, end, *found))
    return Bed(tuple(windows), sounding, len(places))


def read_mono(path: Path, start: int, end: int) -> Mono:
    """A span of a sound file, its channels averaged; silence outside of the file."""
    return read_span(path, start, end).mean(axis=1)


def _find(dub: Mono, voice: Mono, bed: Mono) -> tuple[int, float, float] | None:
    """(lag, gain, match) of the background; None when it isn't found.

    Args:
        dub: (n,).
        voice, bed: (n + 2 * REACH,): with what lies around the window.
    """
    said = _at(voice, _best(np.diff(dub), np.diff(voice))[0], len(dub))
    lag, match, lead = _best(np.diff(_without(dub, said)), np.diff(bed))
    if match < _LEAST_MATCH or lead < _LEAST_LEAD:
        return None
    under = _at(bed, lag, len(dub))
    gain = gains_in(dub, under, said)[0]
    return (lag, gain, match) if gain > 0 else None


def gains_in(sound: NDArray[np.floating], *parts: NDArray[np.floating]) -> list[float]:
    """Gains at which parts, (n,) each, explain a sound, (n,), best; a silent part has 0."""
    both = np.stack(parts, axis=1).astype(np.float64)
    found = np.linalg.lstsq(both.T @ both, both.T @ sound.astype(np.float64), rcond=None)[0]
    return [float(gain) for gain in found]


def _best(dub: Mono, other: Mono) -> tuple[int, float, float]:
    """Lag at which a signal lies in the dub, the correlation there, and its lead over other lags.

    Args:
        dub: (n,).
        other: (n + 2 * REACH,).
    """
    products = correlate(other, dub, mode="valid", method="fft").astype(np.float64)
    squares = np.concatenate([[0.0], np.cumsum(np.square(other, dtype=np.float64))])
    energy = squares[len(dub) :] - squares[: -len(dub)]
    floor = max(float(energy.max()) * 1e-6, _SILENT)
    values = products / np.sqrt(np.maximum(energy, floor) * max(float(dub @ dub), _SILENT))
    at = int(np.argmax(values))
    rivals = np.concatenate([values[: max(0, at - _ALONE)], values[at + _ALONE :]])
    lead = float(values[at] / max(rivals.max(initial=0.0), 1e-9))
    return len(values) // 2 - at, float(values[at]), lead


def _at(other: Mono, lag: int, length: int) -> Mono:
    """The part of a signal with surroundings that lies in the window when it is so late."""
    return other[REACH - lag : REACH - lag + length]


def _without(dub: Mono, said: Mono) -> Mono:
    power = float(said @ said)
    return dub - said * np.float32(float(dub @ said) / power) if power > _SILENT else dub
