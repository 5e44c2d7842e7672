"""How far each line's voice lies from its speaker's in the source, in pitch.

Method: geometric mean of F0 by WORLD's DIO and StoneMask (Morise et al. 2009, 2016), octave errors
left out: of the line in the dialogue stem where nobody else speaks, and of up to 30 s of the
speaker in the source's separated dialogue. The title's value is the mean. Speakers who didn't agree
to a copy of their voice are neither measured nor compared with.
Source: own; F0 as Morise et al., "WORLD" (IEICE Transactions, 2016).
Version 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from airdub.metrics import NOT_APPLICABLE
from airdub.metrics import Value as Number
from airdub.units import CLOCK_HZ, ms_to_ticks
from model_images.common.pitch import PitchStatistics, quick_contour, statistics
from model_images.common.references import (
    REFERENCE_RATE_HZ,
    Span,
    read_reference,
    reference_spans,
)
from model_images.evaluate.analysis.places import others, undisturbed
from model_images.evaluate.evidence import DubbedLine, Evidence
from model_images.evaluate.protocol import Absent, Measured

METHOD = "WORLD DIO + StoneMask, geometric means"
VERSION = "1"

_LONGEST = 30 * CLOCK_HZ
_SHORTEST_VOICED_MS = 200
_SHORTEST = ms_to_ticks(100)


def measure(evidence: Evidence) -> Measured:
    """Semitones, higher or lower alike."""
    speakers = evidence.once(_speakers)
    values: dict[str, Number | Absent] = {}
    for line in evidence.lines:
        speaker = line.segment.speaker
        stock = speaker in evidence.stock_speakers  # isn't to sound like himself
        values[line.id] = (
            NOT_APPLICABLE if stock else _distance(evidence, line, speakers.get(speaker))
        )
        evidence.progress(len(values), len(evidence.lines), "lines")
    return evidence.of_lines(values, lambda distances: float(np.mean(distances)))


def _speakers(evidence: Evidence) -> dict[str, PitchStatistics | None]:
    spans = reference_spans(evidence.transcript.segments, _LONGEST)
    return {
        speaker: _pitch(evidence, "dialogue", chosen)
        for speaker, chosen in spans.items()
        if speaker not in evidence.stock_speakers
    }


def _distance(
    evidence: Evidence, line: DubbedLine, speaker: PitchStatistics | None
) -> float | Absent:
    if line.placement is None:
        return Absent("the line was never spoken")
    if speaker is None:
        return Absent("the speaker has no clear voiced speech in the source")
    span = (line.placement.start, min(line.placement.end, line.placement.start + _LONGEST))
    alone = _long(undisturbed(span, others(evidence, line)))
    pitch = _pitch(evidence, "dialogue_stem", alone)
    if pitch is None:
        return Absent("the line has too little voiced speech")
    return abs(12 * float(np.log2(pitch.mean_hz / speaker.mean_hz)))


def _pitch(evidence: Evidence, stem: str, spans: Sequence[Span]) -> PitchStatistics | None:
    sound = read_reference(evidence.path(stem), spans)
    found = statistics(quick_contour(sound, REFERENCE_RATE_HZ)) if len(sound) else None
    return found if found and found.voiced_ms >= _SHORTEST_VOICED_MS else None


def _long(spans: Iterable[Span]) -> list[Span]:
    return [span for span in spans if span[1] - span[0] >= _SHORTEST]
