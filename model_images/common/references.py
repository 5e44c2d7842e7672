"""Reference recordings of the source's speakers: which spans, and their sound.

Spans depend on the source's times and speakers alone, never on a text: editing a line changes no
reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from airdub.errors import InvalidInput
from airdub.transcript import Kind, Segment
from airdub.units import CLOCK_HZ, ms_to_ticks
from model_images.common.pcm import dialogue_channels, read_info, read_span

Span = tuple[int, int]

REFERENCE_RATE_HZ = 24_000
_SPOKEN = (Kind.DIALOGUE, Kind.NARRATION)
_SHORTEST = ms_to_ticks(300)
_LEVEL_FLOOR = 10 ** (-60 / 20)


def reference_spans(segments: Sequence[Segment], longest: int) -> dict[str, tuple[Span, ...]]:
    """For each speaker the longest of his lines over which nobody else speaks, in order of time.

    Args:
        longest: ticks of reference in all; the last span chosen is cut to it.

    Returns:
        Spans in ticks; no entry for a speaker without a usable line.
    """
    spans: dict[str, list[Span]] = {}
    for segment in _undisturbed(segments):
        if segment.kind in _SPOKEN and segment.end - segment.start >= _SHORTEST:
            spans.setdefault(segment.speaker, []).append((segment.start, segment.end))
    return {speaker: _longest(found, longest) for speaker, found in sorted(spans.items())}


def _undisturbed(segments: Sequence[Segment]) -> list[Segment]:
    """Segments that overlap no other one."""
    alone: list[Segment] = []
    ordered = sorted(segments, key=lambda segment: (segment.start, segment.end))
    reached = 0
    for index, segment in enumerate(ordered):
        following = ordered[index + 1].start if index + 1 < len(ordered) else segment.end
        if reached <= segment.start and segment.end <= following:
            alone.append(segment)
        reached = max(reached, segment.end)
    return alone


def _longest(spans: list[Span], longest: int) -> tuple[Span, ...]:
    chosen, left = [], longest
    for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if left < _SHORTEST:
            break
        chosen.append((start, min(end, start + left)))
        left -= min(end - start, left)
    return tuple(sorted(chosen))


def read_reference(dialogue: Path, spans: Sequence[Span]) -> NDArray[np.float64]:
    """The spans' speech one after the other: float64 mono at 24 kHz, silent spans left out.

    Args:
        dialogue: 48 kHz dialogue stem, any channels; only the spans are read.

    Raises:
        InvalidInput: the stem isn't a 48 kHz audio file.
    """
    info = read_info(dialogue)
    if info.sample_rate_hz != CLOCK_HZ:
        raise InvalidInput(
            f"the stem has {info.sample_rate_hz} Hz, not {CLOCK_HZ}",
            where=dialogue.name,
            remedy="resample it to 48 kHz",
        )
    channels = dialogue_channels(info.channels)
    parts = [read_span(dialogue, *span)[:, channels].mean(axis=1) for span in spans]
    loud = [part for part in parts if np.sqrt(np.mean(np.square(part))) > _LEVEL_FLOOR]
    if not loud:
        return np.zeros(0)
    resampled = [soxr.resample(part, CLOCK_HZ, REFERENCE_RATE_HZ, quality="VHQ") for part in loud]
    return np.concatenate(resampled).astype(np.float64)
