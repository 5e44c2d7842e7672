"""Moving pictures of portraits: head motion, blinks, shots, camera noise, and the encoder."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from airdub.errors import EngineFailed
from model_images.common.programs import start_program
from tests.media.portrait import Portrait, Pose
from tests.media.still import SIZE, Image

FPS = 25
TICKS_PER_FRAME = 48_000 // FPS
_NOISE_SIGMA = 1.6
_NOISE_FRAMES = 16
_NECK = np.array([256.0, 380.0])


@dataclass(frozen=True)
class Actor:
    """A portrait with its motion through a film.

    Attributes:
        mouth: opening and width per frame, shape (frames, 2).
        lids: 0 (open) .. 1 (shut) per frame.
        sway: per frame shift in x and y (pixels), turn (radians) and log scale, (frames, 4).
    """

    portrait: Portrait
    mouth: NDArray[np.float64]
    lids: NDArray[np.float64]
    sway: NDArray[np.float64]
    mirrored: bool = False

    def frame(self, number: int) -> Image:
        """The face in one frame: BGR, `SIZE` square."""
        opening, width = self.mouth[number]
        image = self.portrait.render(Pose(opening, width, self.lids[number]))
        moved = cv2.remap(
            image,
            _sway_map(self.sway[number]),
            None,
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REFLECT,
        )
        return np.ascontiguousarray(moved[:, ::-1]) if self.mirrored else moved


def blinks(frames: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Lids per frame: a blink of six frames every two to five seconds."""
    lids = np.zeros(frames + 8)
    at = int(rng.integers(20, 60))
    while at < frames:
        lids[at : at + 6] = (0.5, 1.0, 1.0, 0.75, 0.5, 0.25)
        at += int(rng.integers(2 * FPS, 5 * FPS))
    return lids[:frames]


def sway(frames: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Slow head motion: each component a sum of three slow waves."""
    time = np.arange(frames)[:, None] / FPS
    hz = rng.uniform(0.06, 0.4, (4, 3))
    phase = rng.uniform(0, 2 * np.pi, (4, 3))
    waves = [np.sin(2 * np.pi * hz[i] * time + phase[i]).mean(axis=1) for i in range(4)]
    return np.stack(waves, axis=1) * (9.0, 5.0, 0.05, 0.025)


def _head_weight() -> NDArray[np.float32]:
    """1 on the head, 0 on the suit and far background, smooth between: (SIZE, SIZE, 1)."""
    y, x = np.mgrid[:SIZE, :SIZE]
    radius = np.hypot((x - 258) / 160, (y - 200) / 185)
    ramp = np.clip((1.35 - radius) / 0.35, 0, 1)
    return (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)[..., None]


_GRID = np.dstack(np.meshgrid(np.arange(SIZE), np.arange(SIZE))).astype(np.float32)
_WEIGHT = _head_weight()


def _sway_map(sway_: NDArray[np.float64]) -> NDArray[np.float32]:
    """Where each pixel of the moved head comes from."""
    dx, dy, angle, log_scale = sway_
    scale = np.exp(-log_scale)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    inverse = np.array([[cos, sin], [-sin, cos]])
    offset = _NECK - inverse @ (_NECK + np.array([dx, dy]))
    slope = inverse - np.eye(2)  # the shift is linear in x and y
    shift = np.empty_like(_GRID)
    axis = np.arange(SIZE, dtype=np.float32)
    for channel in (0, 1):
        columns = np.float32(slope[channel, 0]) * axis
        rows = np.float32(slope[channel, 1]) * axis + np.float32(offset[channel])
        np.add(columns[None], rows[:, None], out=shift[..., channel])
    shift *= _WEIGHT
    shift += _GRID
    return shift


class Camera:
    """Adds the sensor's grain: one of a few noise pictures, shifted at random."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._rng = rng
        grain = rng.normal(0, _NOISE_SIGMA, (height + 64, width + 64, 1)).round().astype(np.int16)
        self._grain = np.repeat(grain, 3, axis=2)
        self._size = (height, width)

    def shoot(self, image: Image) -> Image:
        """The picture with grain."""
        top, left = (int(v) for v in self._rng.integers(0, 64, 2))
        height, width = self._size
        grain = self._grain[top : top + height, left : left + width]
        return np.asarray(cv2.add(image, grain, dtype=cv2.CV_8U), np.uint8)


class Stage:
    """Frames of two actors at 768x432: both side by side, or one alone."""

    WIDTH, HEIGHT = 768, 432

    def __init__(self, first: Actor, second: Actor) -> None:
        self._actors = (first, second)

    def frame(self, number: int, shot: str) -> Image:
        """One frame; `shot` is `both`, `first` or `second`."""
        if shot == "both":
            return self._side_by_side(*(actor.frame(number) for actor in self._actors))
        chosen = self._actors[shot == "second"]
        return self._alone(chosen, chosen.frame(number))

    def _side_by_side(self, left: Image, right: Image) -> Image:
        half = self.WIDTH // 2
        cut = slice((SIZE - half) // 2 - 10, (SIZE + half) // 2 + 10)
        left, right = (image[20 : 20 + self.HEIGHT, cut] for image in (left, right))
        ramp = np.linspace(0, 1, 20)[:, None]
        seam = left[:, -20:] * (1 - ramp) + right[:, :20] * ramp
        parts = (left[:, 10:-20], seam.round().astype(np.uint8), right[:, 20:-10])
        return np.ascontiguousarray(np.hstack(parts))

    def _alone(self, actor: Actor, face: Image) -> Image:
        frame = self._sets[actor.mirrored].copy()
        left = (self.WIDTH - SIZE) // 2
        frame[:, left : left + SIZE] = face[20 : 20 + self.HEIGHT]
        return frame

    @cached_property
    def _sets(self) -> dict[bool, Image]:
        """The wide background behind each actor, by whether he is mirrored."""
        sets = {}
        for actor in self._actors:
            wide = actor.portrait.surroundings(self.WIDTH)[20 : 20 + self.HEIGHT]
            sets[actor.mirrored] = wide[:, ::-1] if actor.mirrored else wide
        return sets


def encode(
    frames: Iterable[Image], size: tuple[int, int], audio: Path, tags: list[str], target: Path
) -> None:
    """Write frames (BGR) and a WAV as H.264 and AAC in MP4; the same input gives the same bytes.

    Args:
        size: width and height.
        tags: ffmpeg output options (`-metadata:s:a:0 language=spa`).

    Raises:
        EngineFailed: the encoder failed.
    """
    width, height = size
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y"]
    command += ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{width}x{height}", "-r", str(FPS)]
    command += ["-i", "pipe:0", "-i", str(audio), "-map", "0:v", "-map", "1:a"]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-threads", "2", "-g", "50"]
    command += ["-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "160k", *tags]
    command += ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    command += ["-f", "mp4", str(target)]
    with start_program(command, stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin is not None
        for frame in frames:
            encoder.stdin.write(frame.data)
        encoder.stdin.close()
        if encoder.wait():
            raise EngineFailed(f"ffmpeg ended with {encoder.returncode}", where=str(target))
