"""Do mouths and the dub's voice keep time? Opening against loudness, at every shift.

The opening is the summed parting of the lips by optical flow (`mouth_flow`), the loudness that of
the voice in the decoded deliverable, 200 - 3400 Hz, in dB. Both are freed of what is slower than a
second and correlated while a speaker is seen and heard, at shifts up to a second either way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from airdub.units import CLOCK_HZ, ms_to_ticks
from model_images.evaluate.analysis.on_screen import (
    Face,
    Series,
    Span,
    sounding,
    who_is_on_screen,
)
from model_images.evaluate.analysis.picture import compare_pictures
from model_images.evaluate.analysis.voice import heard_voice
from model_images.evaluate.protocol import Absent

if TYPE_CHECKING:
    from model_images.evaluate.evidence import Evidence

STEP_HZ = 100
METHOD = "DIS optical flow of lips against the dub's loudness, lagged correlation"

LEAST_S = 20.0
"""Seconds of speech on screen from which on right and wrong can be told apart: in 20 s of a clean
dub the margin is 0.09 - 0.42, in 10 s -0.13 - 0.40; of a picture that was left as it was, 0.07."""

NEAR, FAR = 25, 30
"""Steps: shifts up to NEAR are taken for the true one, from FAR on for wrong ones."""

Steps = NDArray[np.int64]

_REACH = STEP_HZ
_STEP = CLOCK_HZ // STEP_HZ
_AROUND = ms_to_ticks(200)
_BAND_HZ = (200, 3400)
_RANGE_DB = 45.0  # below the loudest moment is silence
_SLOW_S = 1.2
_FORGETS_S = 0.65  # what the flow's errors add up to
_PIECE = 20 * CLOCK_HZ


@dataclass(frozen=True)
class Rhythm:
    """How well mouths and voice agree.

    Attributes:
        lag_ms: shift at which they agree best; positive: the lips come later.
        peak: correlation at the best shift up to 250 ms.
        null: greatest correlation at a shift of 300 ms or more.
        frames: of the picture that were used.
        lines: that were.
    """

    lag_ms: int
    peak: float
    null: float
    frames: int
    lines: tuple[str, ...]


def lip_rhythm(evidence: Evidence) -> Rhythm | Absent:
    """Correlate. Use it through `evidence.once`."""
    if unlike := evidence.once(compare_pictures).unlike:
        return Absent(unlike)
    scene = evidence.once(who_is_on_screen)
    spoken: dict[str, list[Span]] = {}
    lines = []
    for line in evidence.placed_lines:
        identity = scene.speakers.get(line.id)
        if line.placement and identity in scene.faces:
            spoken.setdefault(identity, []).extend(sounding(line.placement))
            lines.append(line.id)
    if not lines:
        return Absent("nobody on screen says a line of the dub")
    rate = float(evidence.facts.video.rate)
    frames = sum(int(scene.faces[one].within(spans).sum()) for one, spans in spoken.items())
    if frames / rate < LEAST_S:
        return Absent(
            f"speakers are seen for {frames / rate:.0f} s of the dub: less than {LEAST_S:.0f} s "
            "don't tell right from wrong"
        )
    openings = [_opening(scene.faces[one], spans) for one, spans in spoken.items()]
    steps, opening = (np.concatenate(columns) for columns in zip(*openings, strict=True))
    return compare(steps, opening, loudness(evidence), frames=frames, lines=tuple(lines))


def compare(
    steps: Steps, opening: Series, loud: Series, *, frames: int = 1, lines: tuple[str, ...] = ()
) -> Rhythm:
    """Correlate openings with loudness at every shift.

    Args:
        steps: of 10 ms, at which the mouth of who speaks is seen, (n,).
        opening: freed of its slow part, (n,).
        loud: dB at each step of the title.
    """
    quick = _without_slow_part(loud)
    lags = np.arange(-_REACH, _REACH + 1)
    values = np.array([_correlation(steps, opening, quick, int(lag)) for lag in lags])
    near, far = np.abs(lags) <= NEAR, np.abs(lags) >= FAR
    return Rhythm(
        lag_ms=int(lags[values.argmax()]) * 1000 // STEP_HZ,
        peak=float(values[near].max()),
        null=float(values[far].max()),
        frames=frames,
        lines=lines,
    )


def _correlation(steps: Steps, opening: Series, loud: Series, lag: int) -> float:
    """Correlation of the openings with what was heard `lag` steps before; 0 where one is still."""
    heard = steps - lag
    inside = (heard >= 0) & (heard < len(loud))
    a, b = opening[inside], loud[heard[inside]]
    if len(a) < 2 or a.std() < 1e-9 or b.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _opening(face: Face, spans: list[Span]) -> tuple[Steps, Series]:
    """How open a mouth is while its lines are heard, over its usual deviation: steps, values."""
    steps, values = [], []
    for number in np.unique(face.track):
        rows = face.track == number
        times = (face.ticks[rows] - int(face.ticks[rows][0])) / CLOCK_HZ
        first = int(face.ticks[rows][0])
        clock = np.arange(-(-first // _STEP), int(face.ticks[rows][-1]) // _STEP + 1)
        at = (clock * _STEP - first) / CLOCK_HZ
        quick = _without_slow_part(np.interp(at, times, _summed(times, face.shown[rows])))
        spoken = np.zeros(len(clock), bool)
        for start, end in spans:
            spoken |= (clock * _STEP >= start - _AROUND) & (clock * _STEP < end + _AROUND)
        steps.append(clock[spoken])
        values.append(quick[spoken])
    opening = np.concatenate(values)
    return np.concatenate(steps), opening / max(float(opening.std()) if len(opening) else 0.0, 1e-9)


def _summed(times: Series, speed: Series) -> Series:
    """Speeds added up to a position that slowly forgets: errors don't add up forever."""
    position = np.zeros(len(speed))
    for row in range(1, len(speed)):
        since = times[row] - times[row - 1]
        position[row] = np.exp(-since / _FORGETS_S) * position[row - 1] + speed[row] * since
    return position


def loudness(evidence: Evidence) -> Series:
    """The dub's voice in dB at each step of 10 ms, at most 45 dB below its loudest moment."""
    band = signal.butter(2, _BAND_HZ, "bandpass", fs=CLOCK_HZ, output="sos")
    state = np.zeros((len(band), 2))
    length = evidence.facts.duration_ticks // _STEP * _STEP
    levels = []
    for start in range(0, length, _PIECE):
        voice = heard_voice(evidence, start, min(start + _PIECE, length))
        filtered, state = signal.sosfilt(band, voice, zi=state)
        power = np.square(filtered).reshape(-1, _STEP).mean(axis=1)
        levels.append(10 * np.log10(power + 1e-12))
    level = np.concatenate(levels)
    return np.maximum(level, level.max() - _RANGE_DB)


def _without_slow_part(values: Series) -> Series:
    return values - ndimage.uniform_filter1d(values, round(_SLOW_S * STEP_HZ))
