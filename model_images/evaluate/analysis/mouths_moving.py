"""How much mouths move: while they speak, and while they should not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from airdub.lips import Lips
from airdub.units import ms_to_ticks
from model_images.evaluate.analysis.on_screen import Face, Span, sounding, who_is_on_screen
from model_images.evaluate.protocol import Absent

if TYPE_CHECKING:
    from model_images.evaluate.evidence import DubbedLine, Evidence

Frames = NDArray[np.bool_]

LEAST_MOTION = 0.04
"""Eye distances per second that a mouth moves at least while it speaks. Real speakers reach 0.15 -
0.35; a mouth at rest is measured at 0.01 - 0.03."""

_LEAST_FRAMES = 5
_IN_VIEW = 0.5  # of a line's frames
_ENOUGH_OWN = 0.5  # of a line's frames must have a mouth of their own for it to count in full

PAUSE = ms_to_ticks(400)
"""Shorter silences aren't looked at."""

_AROUND = ms_to_ticks(300)
"""A mouth opens before its sound and comes to rest after it."""


def usual_motions(evidence: Evidence) -> dict[str, float]:
    """How fast each person's lips part and close on the average while he speaks in the source.

    Whoever says no line, or doesn't move his mouth measurably, isn't there. Use it through
    `evidence.once`.
    """
    scene = evidence.once(who_is_on_screen)
    spans: dict[str, list[Span]] = defaultdict(list)
    for line in evidence.lines:
        if line.id in scene.speakers:
            spans[scene.speakers[line.id]].append((line.segment.start, line.segment.end))
    found = {}
    for identity, face in scene.faces.items():
        speaking = face.within(spans[identity])
        motion = float(np.abs(face.source[speaking]).mean()) if speaking.any() else 0.0
        if motion >= LEAST_MOTION:
            found[identity] = motion
    return found


def speaking_motion(evidence: Evidence, line: DubbedLine) -> float | Absent:
    """Motion of the mouth that says a line over its motion in the source; 0 is a frozen mouth.

    A mouth that moves as it did in the source says the source's words: where less than half of a
    line's frames have a mouth of their own, the motion counts for less, down to nothing.
    """
    scene = evidence.once(who_is_on_screen)
    identity = scene.speakers.get(line.id, "")
    if line.placement is None:
        return Absent("the line was never spoken")
    if reason := _why_not(evidence, line, identity):
        return Absent(reason)
    face, spans = scene.faces[identity], sounding(line.placement)
    said = face.within(spans)
    frames = sum(np.count_nonzero((scene.ticks >= s) & (scene.ticks < e)) for s, e in spans)
    if said.sum() < max(_LEAST_FRAMES, _IN_VIEW * frames):
        return Absent("the speaker is in view for less than half of the line")
    own = min(1.0, float(face.own[said].mean()) / _ENOUGH_OWN)
    return own * float(np.abs(face.shown[said]).mean()) / evidence.once(usual_motions)[identity]


def _why_not(evidence: Evidence, line: DubbedLine, identity: str) -> str:
    """Why the motion of a line's speaker can't be told; "" when it can."""
    lips = evidence.lips
    if not identity:
        return "nobody on screen says the line"
    if not was_altered(lips, identity, line.segment.speaker):
        refused = ": not every speaker agreed to be altered" if lips.without_consent else ""
        return f"lip-sync left the speaker's face as it is{refused}"
    if identity not in evidence.once(who_is_on_screen).faces:
        return "the speaker's face is too small to tell"
    if identity not in evidence.once(usual_motions):
        return "the speaker's mouth doesn't move in the source either"
    return ""


def was_altered(lips: Lips, identity: str, speaker: str) -> bool:
    """Whether lip-sync says that it gave this face the speaker's dub."""
    return any(face.identity == identity and speaker in face.speakers for face in lips.faces)


@dataclass(frozen=True)
class Pause:
    """A stretch in which a face has nothing to say in the dub.

    Attributes:
        motion: of its mouth over that of a mouth that speaks.
        frames: in it.
    """

    identity: str
    start: int
    end: int
    motion: float
    frames: int


def silent_motion(evidence: Evidence) -> list[Pause]:
    """Every pause of every face. Use it through `evidence.once`."""
    scene, usual = evidence.once(who_is_on_screen), evidence.once(usual_motions)
    if not usual:
        return []
    others = float(np.median(list(usual.values())))
    kept = [(span.start, span.end) for span in evidence.plan.kept]
    pauses = []
    for identity, face in scene.faces.items():
        talk = kept + [
            span
            for line in evidence.placed_lines
            if line.placement and scene.speakers.get(line.id) in (None, identity)
            for span in sounding(line.placement)
        ]
        altered = any(one.identity == identity for one in evidence.lips.faces)
        counted = face.own | _near(face.spoke) if altered else face.own
        motion = np.abs(face.shown) * counted / usual.get(identity, others)
        pauses += _pauses(identity, face, talk, motion)
    return pauses


def _pauses(
    identity: str, face: Face, talk: Sequence[Span], motion: NDArray[np.floating]
) -> list[Pause]:
    """A face's pauses: no line of its own sounds, nor one whose speaker isn't known.

    Args:
        motion: of its mouth in each frame; 0 where it is the source's mouth and doesn't speak
            there, or isn't to be altered: actors smile.
    """
    silent = ~face.within(talk, _AROUND)
    breaks = np.flatnonzero((np.diff(silent) != 0) | (np.diff(face.track) != 0)) + 1
    found = []
    for first, end in pairwise([0, *breaks.tolist(), len(silent)]):
        start, last = int(face.ticks[first]), int(face.ticks[end - 1])
        if silent[first] and end - first > 1 and last - start >= PAUSE:
            # The first frame's motion is that since a frame outside of the pause.
            mean = float(motion[first + 1 : end].mean())
            found.append(Pause(identity, start, last, mean, end - first))
    return found


def _near(frames: Frames, reach: int = 5) -> Frames:
    """Those frames and their neighbours."""
    return np.convolve(frames, np.ones(2 * reach + 1), "same") > 0
