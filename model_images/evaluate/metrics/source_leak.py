"""How much of the source's voice is left in the deliverable: words of the original under a line, or
where the dub is silent.

Method: in windows of a second, the decoded dub without its dialogue stem is projected on the
source's separated dialogue; what unrelated speech gives by chance (the same at wrong lags of 100 to
400 ms) is taken off, and the windows' powers are added up. Lines are measured where their originals
were; the title's value has besides all speech of the source that no line stands for. Spans in which
the original is kept on purpose don't count.
Source: own.
Version 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import correlate

from airdub.units import CLOCK_HZ, ms_to_ticks
from model_images.evaluate.analysis.background import find_bed
from model_images.evaluate.analysis.places import Span, undisturbed, unlisted_speech
from model_images.evaluate.analysis.voice import Mono, read_voice
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured, Value

METHOD = "projection of the deliverable on the source's dialogue, against wrong lags"
VERSION = "1"

_WINDOW = CLOCK_HZ
_SHORTEST = ms_to_ticks(200)
_NEAR = ms_to_ticks(1)
_WRONG = (ms_to_ticks(100), ms_to_ticks(400))
_SILENT = 10 ** (-60 / 10)  # mean square
_FLOOR_DB = -60.0


@dataclass(frozen=True)
class Leak:
    """Energies: of the source's voice, and of what is left of it in the dub."""

    source: float = 0.0
    left: float = 0.0

    def __add__(self, other: Leak) -> Leak:
        return Leak(self.source + other.source, self.left + other.left)

    @property
    def level_db(self) -> float:
        """Level of what is left over the source's voice."""
        ratio = self.left / self.source
        return max(_FLOOR_DB, 10 * float(np.log10(max(ratio, 1e-12))))


def measure(evidence: Evidence) -> Measured:
    """dB, -60 and more; 0: the original is there as it was."""
    leaks: dict[str, Leak] = {}
    kept = [(span.start, span.end) for span in evidence.plan.kept]
    for line in evidence.lines:
        span = (line.segment.start, line.segment.end)
        leaks[line.id] = _of_spans(evidence, undisturbed(span, kept))
        evidence.progress(len(leaks), len(evidence.lines), "lines")
    values = {
        id_: leak.level_db if leak.source else Absent("the source is silent there")
        for id_, leak in leaks.items()
    }
    lines = evidence.of_lines(values, max)
    if isinstance(lines.title, Absent):
        return lines
    total = sum(leaks.values(), _of_spans(evidence, unlisted_speech(evidence)))
    return Measured(Value(total.level_db), lines.lines)


def _of_spans(evidence: Evidence, spans: list[Span]) -> Leak:
    leak = Leak()
    for first, last in spans:
        for start in range(first, last, _WINDOW):
            end = min(start + _WINDOW, last)
            if end - start >= _SHORTEST:
                leak += _of_window(evidence, start, end)
    return leak


def _of_window(evidence: Evidence, start: int, end: int) -> Leak:
    reach = _WRONG[1]
    source = read_voice(evidence.path("dialogue"), start - reach, end + reach)
    voice = source[reach:-reach].astype(np.float64)
    energy = float(voice @ voice)
    if energy < _SILENT * len(voice):
        return Leak()
    rest = _without_stem(evidence, start, end)
    gains = correlate(source, rest, mode="valid", method="fft") / energy
    distance = np.abs(np.arange(len(gains)) - reach)
    found = float(np.square(gains[distance <= _NEAR]).max())
    chance = float(np.square(gains[distance >= _WRONG[0]]).mean())
    return Leak(energy, max(0.0, found - chance) * energy)


def _without_stem(evidence: Evidence, start: int, end: int) -> Mono:
    """The dub where this span of the source lies in it, less the dub's own dialogue."""
    lag = evidence.once(find_bed).lag_at((start + end) // 2)
    dub = read_voice(evidence.dub_sound, start + lag, end + lag)
    said = read_voice(evidence.path("dialogue_stem"), start, end)
    power = float(said @ said)
    return dub - said * np.float32(float(dub @ said) / power) if power > 0 else dub
