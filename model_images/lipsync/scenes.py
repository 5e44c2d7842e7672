"""A video in shots, which are planned as a whole, and in chunks, which are rendered apart."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from operator import itemgetter
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

    @cached_property
    def shots(self) -> list[Span]:
        """The shots, in order; they cover the video."""
        return [(shot.first_frame, shot.end_frame) for shot in self.faces.shots]

    @cached_property
    def chunks(self) -> list[Span]:
        """Shots, each cut evenly into chunks; a chunk's number is its place."""
        return [chunk for shot in self.shots for chunk in _cut(shot)]

    def chunks_of(self, frames: NDArray[np.int64]) -> NDArray[np.int64]:
        """Number of the chunk in which each frame lies."""
        return np.searchsorted(self._chunk_firsts, frames, side="right") - 1

    def tracks(self, face: str, shot: Span) -> list[FaceTrack]:
        """Tracks of a person that are seen in one of the shots."""
        return self._tracks.get((face, shot), [])

    @cached_property
    def _chunk_firsts(self) -> NDArray[np.int64]:
        return np.array([first for first, _ in self.chunks], np.int64)

    @cached_property
    def _tracks(self) -> dict[tuple[str, Span], list[FaceTrack]]:
        found: dict[tuple[str, Span], list[FaceTrack]] = defaultdict(list)
        for track in self.faces.tracks:
            for shot in _meeting(self.shots, (track.first_frame, track.end_frame)):
                found[track.identity, shot].append(track)
        return found


def scene_of(film: Film, role: Role, shot: Span) -> Scene | None:
    """What a role shows in a shot; None when it changes nothing there."""
    tracks = film.tracks(role.identity, shot)
    changed = _meeting(role.frames, shot)
    if not any(_meeting(changed, _part(track, shot)) for track in tracks):
        return None
    frames, points = [], []
    for track in tracks:
        first, end = _part(track, shot)
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
        weight=ramped(changed, middles, film.edges),
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


def _part(track: FaceTrack, shot: Span) -> Span:
    """The frames of a track that lie in a shot."""
    return max(track.first_frame, shot[0]), min(track.end_frame, shot[1])


def _meeting(spans: Sequence[Span], one: Span) -> Sequence[Span]:
    """Those of some spans, in order and apart, that have a frame in common with another."""
    first = bisect_right(spans, one[0], key=itemgetter(1))
    return spans[first : bisect_left(spans, one[1], key=itemgetter(0))]
