"""Moves a script's cues to the speech under them. Pure.

Subtitle cues start early, end late and run on for reading; a dub must start and end with the
speech itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from airdub.speech import SpeechSpans
from airdub.transcript import Action, Segment
from airdub.units import ms_to_ticks

LEAD = ms_to_ticks(400)
"""Speech may begin this long before its cue."""

TAIL = ms_to_ticks(600)
"""Speech may go on this long after its cue."""

SPILL = ms_to_ticks(150)
"""A shorter piece at a cue's edge is a neighbour's speech, if there is other speech in the cue."""

SHORTEST = ms_to_ticks(200)
"""What would be snapped to less keeps the cue's times: the detector missed most of it."""

Span = tuple[int, int]


def snap(
    segments: Sequence[Segment], speech: SpeechSpans, duration: int
) -> tuple[tuple[Segment, ...], list[str]]:
    """Segments with the times of their speech, in the same order, and ids of those without any.

    Onset and offset move to the speech in the cue, up to LEAD before and TAIL after it, but never
    into a neighbour's cue. Where speech goes on across a cue's edge, the edge stays: only the cue
    says where one line ends and the next begins. Kept and subtitled segments aren't touched.
    """
    snapped: list[Segment] = []
    silent: list[str] = []
    for index, segment in enumerate(segments):
        if segment.action is not Action.DUB:
            snapped.append(segment)
            continue
        first, last = _reach(index, segments, duration)
        times = speech_times((segment.start, segment.end), (first, last), speech)
        if times is None:
            silent.append(segment.id)
        start, end = times or (segment.start, segment.end)
        snapped.append(segment.model_copy(update={"start": start, "end": end}))
    return tuple(snapped), silent


def speech_times(cue: Span, reach: Span, speech: SpeechSpans) -> Span | None:
    """Onset and offset of the speech of one cue; None when there is none to speak of.

    Args:
        reach: the window that the speech may lie in; holds the cue.
    """
    pieces = list(speech.within(*reach))
    if not any(start < cue[1] and end > cue[0] for start, end in pieces):
        return None
    while len(pieces) > 1 and _is_spill(pieces[0], reach[0], at_start=True):
        pieces.pop(0)
    while len(pieces) > 1 and _is_spill(pieces[-1], reach[1], at_start=False):
        pieces.pop()
    onset, offset = pieces[0][0], pieces[-1][1]
    # speech that fills the reach up to its edge began (or goes on) outside of it
    start = cue[0] if onset == reach[0] < cue[0] else onset
    end = cue[1] if offset == reach[1] > cue[1] else offset
    return (start, end) if end - start >= SHORTEST else None


def _is_spill(piece: Span, edge: int, *, at_start: bool) -> bool:
    touches = piece[0] <= edge if at_start else piece[1] >= edge
    return touches and piece[1] - piece[0] < SPILL


def _reach(index: int, segments: Sequence[Segment], duration: int) -> Span:
    """The cue, widened as far as its neighbours' cues and the timeline allow."""
    segment = segments[index]
    others = [other for at, other in enumerate(segments) if at != index]
    before = [other.end for other in others if other.end <= segment.start]
    after = [other.start for other in others if other.start >= segment.end]
    first = max([segment.start - LEAD, 0, *before])
    last = min([segment.end + TAIL, duration, *after])
    return first, max(last, segment.end)
