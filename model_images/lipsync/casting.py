"""Which face speaks which dubbed line, and in which frames its mouth is to be changed."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from airdub.faces import Faces, FaceTrack
from airdub.timing import FitPlan, Placement
from airdub.transcript import Phoneme
from airdub.units import ms_to_ticks

Frames = tuple[int, int]

_AROUND = ms_to_ticks(150)
"""A mouth opens before its sound and closes after it."""

_REACH = ms_to_ticks(300)
"""How far a source line's mouth movement may lie outside the line's speech."""

_GAP = ms_to_ticks(400)
"""Shorter pauses between two changed spans are changed too."""

_LOCAL = 0.25
"""What a face's movement during a line counts for, however rarely the speaker had this face."""


@dataclass(frozen=True)
class Role:
    """What one face says in the dub.

    Attributes:
        identity: the person, as in `FaceTrack`.
        lines: ids of the segments that it speaks.
        speakers: voices that were given to it.
        phonemes: of all its lines, on the title's timeline, by onset.
        frames: spans in which the dub decides how the mouth stands, in order, apart.
        voiced: spans of ticks in which its lines sound, in order of the lines.
    """

    identity: str
    lines: tuple[str, ...]
    speakers: tuple[str, ...]
    phonemes: tuple[Phoneme, ...]
    frames: tuple[Frames, ...]
    voiced: tuple[tuple[int, int], ...]


def cast_roles(
    plan: FitPlan,
    faces: Faces,
    ticks: Sequence[int],
    speakers: Container[str] | None = None,
) -> list[Role]:
    """Give every on-screen line to a face.

    A line goes to the face that spoke during its source line; between several, to the one that
    also spoke during the speaker's other lines. A line during which no face spoke is off-screen; a
    line without phoneme times can't be shown.

    Args:
        ticks: onset of every frame of the video.
        speakers: only their lines are given to faces, and only to their own faces; None gives
            everybody's.
    """
    spoken = [_spoken_frames(placement, faces, ticks) for placement in plan.placements]
    shares = _shares(plan.placements, spoken)
    owners = _owners(plan.placements, spoken)
    lines: dict[str, list[Placement]] = defaultdict(list)
    for placement, counts in zip(plan.placements, spoken, strict=True):
        allowed = speakers is None or placement.speaker in speakers
        if allowed and counts and placement.phonemes:
            share = shares[placement.speaker]
            face = max(sorted(counts), key=lambda face: counts[face] * (_LOCAL + share[face]))
            if speakers is None or owners[face] in speakers:
                lines[face].append(placement)
    kept = [(span.start, span.end) for span in plan.kept]
    return [_role(face, lines[face], faces, kept, ticks) for face in sorted(lines)]


def _spoken_frames(placement: Placement, faces: Faces, ticks: Sequence[int]) -> dict[str, int]:
    """Frames in which each face speaks during a source line."""
    line = _frames_of((placement.source_start, placement.source_end), ticks)
    counts: dict[str, int] = defaultdict(int)
    for track in faces.tracks:
        for span in track.speaking:
            counts[track.identity] += _common(line, span)
    return {face: count for face, count in counts.items() if count}


def _shares(
    placements: Sequence[Placement], spoken: Sequence[dict[str, int]]
) -> dict[str, dict[str, float]]:
    """For each speaker the share of each face in the frames of all his lines."""
    totals: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for placement, counts in zip(placements, spoken, strict=True):
        for face, count in counts.items():
            totals[placement.speaker][face] += count
    return {
        speaker: {face: count / sum(counts.values()) for face, count in counts.items()}
        for speaker, counts in totals.items()
    }


def _owners(placements: Sequence[Placement], spoken: Sequence[dict[str, int]]) -> dict[str, str]:
    """For each face the speaker during whose lines it speaks most: whose face it is."""
    frames: dict[str, Counter[str]] = defaultdict(Counter)
    for placement, counts in zip(placements, spoken, strict=True):
        for face, count in counts.items():
            frames[face][placement.speaker] += count
    return {face: max(sorted(own), key=own.__getitem__) for face, own in frames.items()}


def _role(
    face: str,
    lines: Sequence[Placement],
    faces: Faces,
    kept: Sequence[tuple[int, int]],
    ticks: Sequence[int],
) -> Role:
    """The face's sounds, and the frames of its dub and of the speech that the dub replaces."""
    tracks = [track for track in faces.tracks if track.identity == face]
    active = np.zeros(len(ticks), bool)
    for line in lines:
        source = _frames_of((line.source_start - _REACH, line.source_end + _REACH), ticks)
        for span in _speaking(tracks):
            _mark(active, (max(span[0], source[0]), min(span[1], source[1])))
    for span in kept:
        active[slice(*_frames_of(span, ticks))] = False
    for line in lines:
        for start, end in _voiced(line):
            _mark(active, _frames_of((start - _AROUND, end + _AROUND), ticks))
    _close_gaps(active, ticks)
    return Role(
        identity=face,
        lines=tuple(line.segment_id for line in lines),
        speakers=tuple(sorted({line.speaker for line in lines})),
        phonemes=tuple(
            sorted((p for line in lines for p in line.phonemes), key=lambda p: (p.start, p.end))
        ),
        frames=_spans(active),
        voiced=tuple(span for line in lines for span in _voiced(line)),
    )


def _voiced(line: Placement) -> list[tuple[int, int]]:
    """A line's spans of sound: pauses put into it part it."""
    spans: list[tuple[int, int]] = []
    for phoneme in line.phonemes:
        if spans and phoneme.start - spans[-1][1] < _GAP:
            spans[-1] = (spans[-1][0], max(spans[-1][1], phoneme.end))
        else:
            spans.append((phoneme.start, phoneme.end))
    return spans


def _speaking(tracks: Iterable[FaceTrack]) -> list[Frames]:
    return [span for track in tracks for span in track.speaking]


def _frames_of(span: tuple[int, int], ticks: Sequence[int]) -> Frames:
    """Frames that begin within a span of ticks."""
    return bisect_left(ticks, span[0]), bisect_left(ticks, span[1])


def _common(a: Frames, b: Frames) -> int:
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def _mark(active: NDArray[np.bool_], span: Frames) -> None:
    active[span[0] : max(span)] = True


def _spans(active: NDArray[np.bool_]) -> tuple[Frames, ...]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
    return tuple((int(first), int(end)) for first, end in edges.reshape(-1, 2))


def _close_gaps(active: NDArray[np.bool_], ticks: Sequence[int]) -> None:
    """Make one of spans whose pause is short."""
    spans = _spans(active)
    for (_, end), (first, _) in pairwise(spans):
        if ticks[first] - ticks[end] < _GAP:
            active[end:first] = True
