"""Who says a line on screen, when his mouth is in view, and how it moves in both films."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from airdub.faces import Faces
from airdub.timing.plan import Placement
from airdub.units import CLOCK_HZ, ms_to_ticks
from model_images.common.landmarks import Landmarks
from model_images.evaluate.analysis.mouth_flow import STEPS
from model_images.evaluate.analysis.picture import Mouth, compare_pictures

if TYPE_CHECKING:
    from model_images.evaluate.evidence import DubbedLine, Evidence

Series = NDArray[np.float64]
Span = tuple[int, int]
"""Half-open ticks."""

_LEAST_SPOKEN = 0.25
"""Share of a source line in which a face must speak to be the line's."""

_HABIT = 0.25
"""What a face's movement during one line counts for, however rarely the speaker had this face."""

_LONGEST_BREATH = ms_to_ticks(300)
"""Longer pauses inside a line are silence: the mouth may rest."""


@dataclass(frozen=True)
class Face:
    """A person's mouth, over all tracks in which it is large enough, in order; frames in rows.

    Attributes:
        ticks: onset of each frame, int64.
        track: number of the track that the frame belongs to.
        source, shown: speed at which the lips part (negative: close), in eye distances per second,
            in the source and in the deliverable.
        own: the deliverable's mouth isn't the source's.
        spoke: the person speaks in the source.
    """

    ticks: NDArray[np.int64]
    track: NDArray[np.int64]
    source: Series
    shown: Series
    own: NDArray[np.bool_]
    spoke: NDArray[np.bool_]

    def within(self, spans: Iterable[Span], margin: int = 0) -> NDArray[np.bool_]:
        """Frames that begin within any of the spans, or so many ticks before or after."""
        inside = np.zeros(len(self.ticks), bool)
        for start, end in spans:
            inside |= (self.ticks >= start - margin) & (self.ticks < end + margin)
        return inside


@dataclass(frozen=True)
class OnScreen:
    """Everybody on screen.

    Attributes:
        faces: by identity.
        speakers: identity by line, for lines that somebody says on screen in the source.
        ticks: onset of every frame of the source.
    """

    faces: dict[str, Face]
    speakers: dict[str, str]
    ticks: NDArray[np.int64]


def who_is_on_screen(evidence: Evidence) -> OnScreen:
    """Cast the lines and gather the mouths. Use it through `evidence.once`."""
    with Landmarks(evidence.path("landmarks")) as landmarks:
        ticks = landmarks.ticks
    mouths = evidence.once(compare_pictures).mouths
    return OnScreen(
        _faces(evidence.faces, mouths, ticks),
        cast(evidence.lines, evidence.faces, ticks),
        ticks,
    )


def sounding(placement: Placement) -> list[Span]:
    """When a line is heard: long pauses that were put into it part it."""
    spans: list[Span] = []
    start, waited = placement.start, 0
    for pause in placement.pauses:
        at = placement.start + pause.at + waited
        waited += pause.length
        if pause.length > _LONGEST_BREATH:
            spans.append((start, at))
            start = at + pause.length
    return [*spans, (start, placement.end)]


def cast(lines: Sequence[DubbedLine], faces: Faces, ticks: NDArray[np.int64]) -> dict[str, str]:
    """The face of each line: the one that speaks during the source line.

    Between several, the one that also speaks during the speaker's other lines.
    """
    spoken = {line.id: _spoken(line, faces, ticks) for line in lines}
    habits: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        habits[line.segment.speaker].update(spoken[line.id])
    found = {}
    for line in lines:
        habit = habits[line.segment.speaker]
        frames = _frames(line.segment.start, line.segment.end, ticks)
        shares = {
            face: count * (_HABIT + habit[face] / habit.total())
            for face, count in sorted(spoken[line.id].items())
            if count >= _LEAST_SPOKEN * (frames[1] - frames[0])
        }
        if shares:
            found[line.id] = max(shares, key=shares.__getitem__)
    return found


def _spoken(line: DubbedLine, faces: Faces, ticks: NDArray[np.int64]) -> Counter[str]:
    """Frames of a source line in which each person speaks."""
    first, end = _frames(line.segment.start, line.segment.end, ticks)
    counts: Counter[str] = Counter()
    for track in faces.tracks:
        for start, stop in track.speaking:
            counts[track.identity] += max(0, min(end, stop) - max(first, start))
    return +counts


def _frames(start: int, end: int, ticks: NDArray[np.int64]) -> tuple[int, int]:
    first, last = np.searchsorted(ticks, (start, end))
    return int(first), int(last)


def _faces(faces: Faces, mouths: dict[str, Mouth], ticks: NDArray[np.int64]) -> dict[str, Face]:
    parts: dict[str, list[Face]] = defaultdict(list)
    for number, track in enumerate(faces.tracks):
        if track.id in mouths:
            part = _part(mouths[track.id], number, track.speaking, ticks)
            parts[track.identity].append(part)
    return {identity: _joined(ones) for identity, ones in parts.items()}


def _part(mouth: Mouth, number: int, speaking: Sequence[Span], ticks: NDArray[np.int64]) -> Face:
    """One track; frames that were never decoded are left out."""
    frames = np.arange(mouth.first_frame, mouth.first_frame + len(mouth.source))
    since = np.diff(ticks[frames], prepend=ticks[frames[0]] - CLOCK_HZ) / CLOCK_HZ
    own, spoke = (
        sum(
            ((frames >= start) & (frames < end) for start, end in spans),
            np.zeros(len(frames), bool),
        )
        for spans in (mouth.own, speaking)
    )
    return Face(
        ticks=ticks[frames],
        track=np.full(len(frames), number),
        source=np.array(mouth.source) / STEPS / since,
        shown=np.array(mouth.shown) / STEPS / since,
        own=own,
        spoke=spoke,
    )


def _joined(parts: Sequence[Face]) -> Face:
    ordered = sorted(parts, key=lambda part: int(part.ticks[0]))
    names = ("ticks", "track", "source", "shown", "own", "spoke")
    return Face(*(np.concatenate([getattr(part, name) for part in ordered]) for name in names))
