"""Faces followed from frame to frame within a shot.

A video is watched in chunks, each by a `Tracker` of its own. Faces that are there when a chunk ends
are followed on until the next chunk's tracker follows them too; see `joining`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_images.common.face_mesh import OUTER_EYES, Points, RgbFrame, overlap
from model_images.common.landmarks import KEPT, Kept, pack, smooth
from model_images.track_faces.protocol import FaceEngine

SAME_FACE = 0.5
"""Overlap of the boxes of two faces of one frame from which they are one."""

SETTLED_FRAMES = 6
"""Frames after which a mesh is where it would be had its face been followed for long. At first some
points are off by 2 pixels, after 6 frames by less than they move from frame to frame."""

_MAX_GROWTH = 1.35  # of the distance of the eyes, from one frame to the next
_MAX_STEP = 1.0  # of the middle of the eyes, in distances of the eyes

Sample = Callable[[RgbFrame, Points], NDArray[np.float32]]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class RawTrack:
    """One face in consecutive frames, unsmoothed.

    Attributes:
        points: kept points, int16 (frames, len(KEPT), 2), in quanta.
        looks: sum of appearance vectors; `samples` of them.
    """

    first_frame: int
    points: NDArray[np.int16]
    looks: NDArray[np.float32]
    samples: int

    @property
    def end_frame(self) -> int:
        """The frame after the last."""
        return self.first_frame + len(self.points)

    def smoothed(self, quantum_px: float) -> NDArray[np.int16]:
        """Points after smoothing, (frames, len(KEPT), 2)."""
        points: Kept = self.points.astype(np.float32) * np.float32(quantum_px)
        return pack(smooth(points), quantum_px)


@dataclass
class _Followed:
    """A track that grows: mesh in its last frame, packed points of all of them."""

    first_frame: int
    mesh: Points
    points: list[NDArray[np.int16]] = field(default_factory=list)
    looks: NDArray[np.float32] = field(default_factory=lambda: np.zeros(1, np.float32))
    samples: int = 0

    def track(self) -> RawTrack:
        return RawTrack(self.first_frame, np.stack(self.points), self.looks, self.samples)


class Tracker:
    """Follows every face of a shot; new ones are looked for now and then, and after a loss.

    Args:
        detect_every: frames between two looks at the whole picture.
        sample: appearance of a face; taken at each such look.
    """

    def __init__(
        self, engine: FaceEngine, *, quantum_px: float, detect_every: int, sample: Sample
    ) -> None:
        self._engine = engine
        self._quantum_px = quantum_px
        self._detect_every = detect_every
        self._sample = sample
        self._active: list[_Followed] = []
        self._ended: list[RawTrack] = []
        self._next_look = 0

    @property
    def follows(self) -> bool:
        """Whether a face is there."""
        return bool(self._active)

    def step(self, index: int, frame: RgbFrame, *, cut: bool) -> None:
        """Take the next frame; `cut` says that a new shot begins with it."""
        lost = self.run_over(frame, cut=cut)
        if cut or lost or index >= self._next_look:
            self._look(index, frame)
            self._next_look = index + self._detect_every

    def run_over(self, frame: RgbFrame, *, cut: bool) -> bool:
        """Take the next frame and look for no new face; returns whether one was lost."""
        if cut:
            self._end(self._active)
        lost = [track for track in self._active if not self._follow(track, frame)]
        self._end(lost)
        converged = self._converged()
        self._end(converged)
        return bool(lost or converged)

    def hand_over(self, successor: Tracker) -> None:
        """End the tracks of faces which a tracker that has taken the same frame follows by now."""
        settled = [track for track in successor._active if len(track.points) > SETTLED_FRAMES]
        known = [box(track.points[-1]) for track in settled]
        self._end([track for track in self._active if _any_is(box(track.points[-1]), known)])

    def finish(self) -> list[RawTrack]:
        """All tracks, in order of appearance."""
        self._end(self._active)
        return in_order(self._ended)

    def _follow(self, track: _Followed, frame: RgbFrame) -> bool:
        mesh = self._engine.follow(frame, track.mesh)
        if mesh is None or not plausible(track.mesh, mesh, frame.shape[:2]):
            return False
        self._append(track, mesh)
        return True

    def _append(self, track: _Followed, mesh: Points) -> None:
        track.mesh = mesh
        track.points.append(pack(mesh[list(KEPT), :2], self._quantum_px))

    def _converged(self) -> list[_Followed]:
        """The younger one of two tracks that follow one face."""
        boxes = [box(track.mesh) for track in self._active]
        return [
            young
            for number, young in enumerate(self._active)
            if _any_is(boxes[number], boxes[:number])
        ]

    def _look(self, index: int, frame: RgbFrame) -> None:
        for mesh in self._engine.find(frame):
            known = [box(track.mesh) for track in self._active]
            if not _any_is(box(mesh), known) and _inside(mesh, frame.shape[:2]):
                track = _Followed(index, mesh)
                self._append(track, mesh)
                self._active.append(track)
        for track in self._active:
            track.looks = track.looks + self._sample(frame, track.mesh)
            track.samples += 1

    def _end(self, tracks: list[_Followed]) -> None:
        self._ended += [track.track() for track in tracks]
        ended = {id(track) for track in tracks}
        self._active = [track for track in self._active if id(track) not in ended]


def in_order(tracks: Iterable[RawTrack]) -> list[RawTrack]:
    """Tracks in order of appearance, from left to right."""
    return sorted(tracks, key=lambda track: (track.first_frame, track.points[0, 0].tolist()))


def box(points: NDArray[Any]) -> Box:
    """x0, y0, x1, y1 round points (points, 2 or more)."""
    x0, y0 = points[:, :2].min(axis=0)
    x1, y1 = points[:, :2].max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _any_is(face: Box, others: Iterable[Box]) -> bool:
    return any(overlap(face, other) > SAME_FACE for other in others)


def plausible(before: Points, after: Points, size: tuple[int, ...]) -> bool:
    """Whether one face can be here in one frame and there in the next.

    Args:
        size: height and width of the frame.
    """
    eyes_before, eyes_after = before[list(OUTER_EYES), :2], after[list(OUTER_EYES), :2]
    distance = float(np.hypot(*(eyes_before[1] - eyes_before[0])))
    growth = float(np.hypot(*(eyes_after[1] - eyes_after[0]))) / max(distance, 1e-6)
    step = float(np.hypot(*(eyes_after.mean(axis=0) - eyes_before.mean(axis=0))))
    steady = 1 / _MAX_GROWTH < growth < _MAX_GROWTH and step < _MAX_STEP * distance
    return steady and _inside(after, size)


def _inside(mesh: Points, size: tuple[int, ...]) -> bool:
    """Whether the middle of a face lies in the frame."""
    x, y = mesh[:, :2].mean(axis=0)
    return bool(0 <= x < size[1] and 0 <= y < size[0])
