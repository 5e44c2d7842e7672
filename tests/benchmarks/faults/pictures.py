"""Faults in the picture of a finished dub, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from airdub.faces import Faces
from airdub.media import MediaFacts
from airdub.timing import FitPlan
from airdub.units import CLOCK_HZ, rescale
from model_images.common.landmarks import Landmarks, rows
from model_images.common.pictures import Picture, Planes, plane_view, read_pictures
from model_images.lipsync.encode import ChunkWriter, ColourTags, edges_of, scale_of
from model_images.lipsync.stitch import Part, stitch

Rgb = NDArray[np.uint8]
Edit = Callable[[int, Rgb], Rgb | None]
"""A frame's new pixels (the same array: untouched); None drops the frame."""

_MOUTH = rows((61, 291, 13, 14, 152, 2))
_NOSE = rows((2,))
_FEATHER_PX = 6
_BLURRED_S = 5.0


@dataclass(frozen=True)
class Film:
    """A finished dub's picture with one face in it, and where its mouth is in the source."""

    video: Path
    facts: MediaFacts
    faces: Faces
    landmarks: Landmarks
    plan: FitPlan

    def points(self) -> NDArray[np.float32]:
        """(frames, points, 2) of the face; frames without it repeat the one before."""
        found = np.zeros(
            (self.faces.frames, len(self.landmarks.points(self.faces.tracks[0].id)[0]), 2)
        )
        for track in self.faces.tracks:
            found[track.first_frame : track.end_frame] = self.landmarks.points(track.id)
        return found.astype(np.float32)

    def frame(self, tick: int) -> int:
        """The frame that is shown at a tick."""
        return min(self.faces.frames - 1, rescale(tick, CLOCK_HZ, self.facts.video.rate))

    def lines_in(self, first: int, end: int) -> tuple[str, ...]:
        """Lines that are spoken for the most part in a span of frames."""
        return tuple(
            line.segment_id
            for line in self.plan.placements
            if (min(end, self.frame(line.end)) - max(first, self.frame(line.start)))
            > 0.5 * (self.frame(line.end) - self.frame(line.start))
        )


def frozen_mouth(
    film: Film, rng: np.random.Generator, seconds: float
) -> tuple[Edit, tuple[str, ...]]:
    """The mouth stands still while the dub goes on."""
    line = film.plan.placements[int(rng.integers(5, len(film.plan.placements) - 15))]
    first = film.frame(line.start)
    end = first + round(seconds * film.facts.video.rate)
    points = film.points()
    still: list[Rgb] = []

    def edit(index: int, picture: Rgb) -> Rgb:
        if not first <= index < end:
            return picture
        if not still:
            still.append(picture)
        return paste(picture, still[0], points[index], points[first])

    return edit, film.lines_in(first, end)


def silent_face(film: Film, rng: np.random.Generator, gaps: float) -> tuple[Edit, tuple[str, ...]]:
    """The mouth moves on between lines, as it moved on the line before."""
    lines = film.plan.placements
    chosen = sorted(rng.choice(np.arange(1, len(lines) - 1), round(gaps), replace=False))
    points = film.points()
    donors: dict[int, int] = {}
    for number in chosen:
        first, end = film.frame(lines[number].end), film.frame(lines[number + 1].start)
        for index in range(first, end):
            donors[index] = first - (index - first) - 1
    kept: dict[int, Rgb] = {}

    def edit(index: int, picture: Rgb) -> Rgb:
        kept[index] = picture
        kept.pop(index - 200, None)
        donor = donors.get(index)
        if donor is None or donor not in kept:
            return picture
        return paste(picture, kept[donor], points[index], points[donor])

    return edit, ()


def blur(film: Film, rng: np.random.Generator, sigma: float) -> tuple[Edit, tuple[str, ...]]:
    """Five seconds are out of focus."""
    length = round(_BLURRED_S * film.facts.video.rate)
    first = int(rng.integers(0, film.faces.frames - length))

    def edit(index: int, picture: Rgb) -> Rgb:
        if not first <= index < first + length:
            return picture
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)

    return edit, ()


def dropped_frames(
    film: Film, rng: np.random.Generator, frames: float
) -> tuple[Edit, tuple[str, ...]]:
    """Some frames in a row are gone; the one before is shown for longer."""
    first = int(rng.integers(50, film.faces.frames - 50 - round(frames)))
    return lambda i, picture: None if first <= i < first + round(frames) else picture, ()


def paste(picture: Rgb, donor: Rgb, here: NDArray[np.float32], there: NDArray[np.float32]) -> Rgb:
    """The donor's mouth on the picture, moved by the nose, with a soft border."""
    shift = (here[_NOSE] - there[_NOSE]).mean(axis=0)
    moved = cv2.warpAffine(
        donor,
        np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float64),
        (picture.shape[1], picture.shape[0]),
    )
    left, top = here[_MOUTH].min(axis=0) - 2 * _FEATHER_PX
    right, bottom = here[_MOUTH].max(axis=0) + 2 * _FEATHER_PX
    mask = np.zeros(picture.shape[:2], np.float32)
    mask[max(0, int(top)) : int(bottom), max(0, int(left)) : int(right)] = 1
    soft = cv2.GaussianBlur(mask, (0, 0), _FEATHER_PX)[..., None]
    return np.asarray(np.rint(moved * soft + picture * (1 - soft)), np.uint8)


def edited(film: Film, edit: Edit, output: Path) -> Path:
    """Write the picture with an edit; frames that it leaves alone keep their decoded pixels."""
    facts, part, shown = film.facts.video, output.with_suffix(".part.mp4"), []
    tags = ColourTags.of(next(read_pictures(film.video, facts)))
    with ChunkWriter(part, facts, tags) as writer:
        for picture in read_pictures(film.video, facts):
            pixels = picture.rgb
            new = edit(picture.index, pixels)
            if new is not None:
                writer.write(picture, picture.planes if new is pixels else _planes(picture, new))
                shown.append(picture.pts)
    edges = edges_of(np.array(shown, np.int64), facts, film.facts.duration_ticks)
    whole = Part(part, (0, len(shown)))
    stitch([whole], output, edges, scale=scale_of(facts), delay=writer.delay)
    part.unlink()
    return output


def _planes(picture: Picture, rgb: Rgb) -> Planes:
    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
    frame = frame.reformat(
        format=picture.layout.pixel_format,
        dst_colorspace=picture.frame.colorspace,
        dst_color_range=picture.frame.color_range,
    )
    y, u, v = (plane_view(plane).copy() for plane in frame.planes)
    return y, u, v
