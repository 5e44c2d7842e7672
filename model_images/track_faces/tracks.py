"""Faces followed from frame to frame within a shot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model_images.common.face_mesh import OUTER_EYES, Points, RgbFrame, overlap
from model_images.common.landmarks import KEPT, Kept, pack, smooth
from model_images.track_faces.protocol import FaceEngine

_SAME_FACE = 0.5
_MAX_GROWTH = 1.35  # of the distance of the eyes, from one frame to the next
_MAX_STEP = 1.0  # of the middle of the eyes, in distances of the eyes

Sample = Callable[[RgbFrame, Points], NDArray[np.float32]]


@dataclass
class RawTrack:
    """One face in consecutive frames.

    Attributes:
        mesh: in the last frame.
        packed: kept points of all frames so far, int16, unsmoothed.
        looks: sum of appearance vectors; `samples` of them.
    """

    first_frame: int
    mesh: Points
    frames: int = 0
    packed: bytearray = field(default_factory=bytearray)
    looks: NDArray[np.float32] = field(default_factory=lambda: np.zeros(1, np.float32))
    samples: int = 0

    @property
    def end_frame(self) -> int:
        """The frame after the last."""
        return self.first_frame + self.frames

    def unpacked(self) -> NDArray[np.int16]:
        """Packed points as (frames, len(KEPT), 2)."""
        return np.frombuffer(self.packed, np.int16).reshape(-1, len(KEPT), 2)

    def smoothed(self, quantum_px: float) -> NDArray[np.int16]:
        """Packed points after smoothing, (frames, len(KEPT), 2)."""
        points: Kept = self.unpacked().astype(np.float32) * np.float32(quantum_px)
        return pack(smooth(points), quantum_px)


class Tracker:
    """Follows every face of a shot; new ones are looked for now and then, and after a loss.

    Args:
        detect_every: frames between two looks at the whole picture.
        sample: appearance of a face; taken at each such look.
        min_frames: shorter tracks are dropped.
    """

    def __init__(
        self,
        engine: FaceEngine,
        *,
        quantum_px: float,
        detect_every: int,
        min_frames: int,
        sample: Sample,
    ) -> None:
        self._engine = engine
        self._quantum_px = quantum_px
        self._detect_every = detect_every
        self._min_frames = min_frames
        self._sample = sample
        self._active: list[RawTrack] = []
        self._ended: list[RawTrack] = []
        self._next_look = 0

    def step(self, index: int, frame: RgbFrame, *, cut: bool) -> None:
        """Take the next frame; `cut` says that a new shot begins with it."""
        if cut:
            self._end(self._active)
        lost = [track for track in self._active if not self._follow(track, frame)]
        lost += self._converged()
        self._end(lost)
        if cut or lost or index >= self._next_look:
            self._look(index, frame)
            self._next_look = index + self._detect_every

    def finish(self) -> list[RawTrack]:
        """All tracks, in order of appearance, from left to right."""
        self._end(self._active)
        return sorted(self._ended, key=lambda t: (t.first_frame, t.unpacked()[0, 0].tolist()))

    def _follow(self, track: RawTrack, frame: RgbFrame) -> bool:
        mesh = self._engine.follow(frame, track.mesh)
        if mesh is None or not plausible(track.mesh, mesh, frame.shape[:2]):
            return False
        self._append(track, mesh)
        return True

    def _append(self, track: RawTrack, mesh: Points) -> None:
        track.mesh = mesh
        track.packed += pack(mesh[list(KEPT), :2], self._quantum_px).tobytes()
        track.frames += 1

    def _converged(self) -> list[RawTrack]:
        """The younger one of two tracks that follow one face."""
        return [
            young
            for number, young in enumerate(self._active)
            if any(
                overlap(box(old.mesh), box(young.mesh)) > _SAME_FACE
                for old in self._active[:number]
            )
        ]

    def _look(self, index: int, frame: RgbFrame) -> None:
        for mesh in self._engine.find(frame):
            known = (overlap(box(track.mesh), box(mesh)) > _SAME_FACE for track in self._active)
            if not any(known) and _inside(mesh, frame.shape[:2]):
                track = RawTrack(index, mesh)
                self._append(track, mesh)
                self._active.append(track)
        for track in self._active:
            track.looks = track.looks + self._sample(frame, track.mesh)
            track.samples += 1

    def _end(self, tracks: list[RawTrack]) -> None:
        self._ended += [track for track in tracks if track.frames >= self._min_frames]
        ended = {id(track) for track in tracks}
        self._active = [track for track in self._active if id(track) not in ended]


def box(mesh: Points) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 round a mesh, pixels."""
    x0, y0 = mesh[:, :2].min(axis=0)
    x1, y1 = mesh[:, :2].max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


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
