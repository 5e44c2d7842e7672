"""A video in shots, which are planned as a whole, and in chunks, which are rendered apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from airdub.faces import Faces, FaceTrack
from airdub.units import ms_to_ticks
from model_images.common import mouth
from model_images.common.landmarks import Landmarks
from model_images.lipsync.casting import Role
from model_images.lipsync.protocol import Range, Scene, Sound
from model_images.lipsync.shapes import Table
from model_images.lipsync.targets import mouth_targets

LONGEST = 240
"""Frames of a chunk at most, about ten seconds."""

Span = tuple[int, int]
"""Half-open frames."""

_RAMP = ms_to_ticks(120)
_NEAR = ms_to_ticks(500)


@dataclass(frozen=True)
class Film:
    """What is known of a video's faces, and how its target language moves lips.

    Attributes:
        end_tick: where the last frame ends.
        sound: the dub's voices, where the engine hears them.
    """

    faces: Faces
    landmarks: Landmarks
    table: Table
    end_tick: int
    sound: Path | None = None

    @cached_property
    def edges(self) -> NDArray[np.int64]:
        """Onset of each frame and the end of the last, ticks, (frames + 1,)."""
        return np.append(self.landmarks.ticks, self.end_tick)

    @cached_property
    def usual(self) -> dict[str, Range]:
        """How far each person's mouth goes in the whole video."""
        openings: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
        widths: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
        for track in self.faces.tracks:
            points = self.landmarks.points(track.id)
            openings[track.identity].append(mouth.opening(points))
            widths[track.identity].append(mouth.width(points))
        return {
            face: Range.of(np.concatenate(openings[face]), np.concatenate(widths[face]))
            for face in openings
        }

    @property
    def shots(self) -> list[Span]:
        """The shots, in order; they cover the video."""
        return [(shot.first_frame, shot.end_frame) for shot in self.faces.shots]

    @cached_property
    def chunks(self) -> list[Span]:
        """Shots, each cut evenly into chunks; a chunk's number is its place."""
        return [chunk for shot in self.shots for chunk in _cut(shot)]

    def chunks_of(self, frames: NDArray[np.int64]) -> NDArray[np.int64]:
        """Number of the chunk in which each frame lies."""
        return np.searchsorted([first for first, _ in self.chunks], frames, side="right") - 1

    def tracks(self, face: str, span: Span) -> list[FaceTrack]:
        """Tracks of a person that are seen in a span."""
        return [
            track
            for track in self.faces.tracks
            if track.identity == face and _common(_span(track), span)
        ]


def scene_of(film: Film, role: Role, shot: Span) -> Scene | None:
    """What a role shows in a shot; None when it changes nothing there."""
    tracks = film.tracks(role.identity, shot)
    changed = [_common(span, shot) for span in role.frames]
    if not any(span and _common(_span(track), span) for track in tracks for span in changed):
        return None
    frames, points = [], []
    for track in tracks:
        first, end = max(track.first_frame, shot[0]), min(track.end_frame, shot[1])
        frames.append(np.arange(first, end))
        points.append(
            film.landmarks.points(track.id, first - track.first_frame, end - track.first_frame)
        )
    numbers = np.concatenate(frames)
    order = np.argsort(numbers, kind="stable")
    numbers = numbers[order]
    middles = (film.edges[numbers] + film.edges[numbers + 1]) // 2
    low, high = int(middles[0]) - _NEAR, int(middles[-1]) + _NEAR
    near = [phoneme for phoneme in role.phonemes if phoneme.end > low and phoneme.start < high]
    return Scene(
        face=role.identity,
        frames=numbers,
        chunks=film.chunks_of(numbers),
        points=np.concatenate(points)[order],
        wanted=mouth_targets(near, film.table, middles),
        weight=ramped(role.frames, middles, film.edges),
        sound=Sound(film.sound, role.voiced, film.edges[numbers]) if film.sound else None,
    )


def _cut(shot: Span) -> Iterator[Span]:
    """Equal parts of a shot, none longer than a chunk may be."""
    length = shot[1] - shot[0]
    count = -(-length // LONGEST)
    return pairwise(shot[0] + length * number // count for number in range(count + 1))


def ramped(
    spans: Sequence[Span], middles: NDArray[np.int64], edges: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Weight of the change at each middle of a frame: 1 within spans, rising over 120 ms."""
    weight = np.zeros(len(middles))
    for first, end in spans:
        inside = np.minimum(middles - edges[first], edges[end] - middles)
        weight = np.maximum(weight, np.clip(inside / _RAMP, 0, 1))
    return weight


def _span(track: FaceTrack) -> Span:
    return track.first_frame, track.end_frame


def _common(a: Span, b: Span) -> Span | None:
    first, end = max(a[0], b[0]), min(a[1], b[1])
    return (first, end) if first < end else None
