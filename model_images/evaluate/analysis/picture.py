"""The deliverable's picture beside the source's: one pass over both, remembered by what they show.

Nothing here depends on sound, so a dub with new sound costs no second look.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from airdub.model import Document
from airdub.units import CLOCK_HZ
from model_images.common.landmarks import Landmarks
from model_images.common.pictures import Picture, Plane
from model_images.evaluate.analysis.face_crops import TrackedEyes, tracked_eyes
from model_images.evaluate.analysis.film import THREADS, Film, read_film
from model_images.evaluate.analysis.frame_errors import Mask, psnr_db, small_luma, ssim
from model_images.evaluate.analysis.frame_pairs import Pair, pair_up, same_pixels
from model_images.evaluate.analysis.frames_shown import FramesShown
from model_images.evaluate.analysis.mouth_flow import MouthSeries, MouthWatch
from model_images.evaluate.analysis.mouth_masks import Ellipse, MouthMasks, counted_pixels

if TYPE_CHECKING:
    from model_images.evaluate.evidence import Evidence

Series = NDArray[np.float64]

VERSION = "1"

WINDOW = 60 * CLOCK_HZ
"""The first percentile is taken within a minute, and the worst minute counts: seconds that are
wrong are as wrong in a long film as in a short one."""

_REPORT_EVERY = 50
_JAW = 1.5  # times a mouth's mask


class Mouth(Document):
    """A tracked mouth, frame by frame from `first_frame` on; see `mouth_flow.MouthSeries`.

    Attributes:
        own: half-open spans of the film's frames in which it isn't the source's.
    """

    first_frame: int
    source: tuple[int, ...]
    shown: tuple[int, ...]
    own: tuple[tuple[int, int], ...]


class PictureReport(Document):
    """What one pass over both films gave.

    Attributes:
        unlike: why their pictures can't be compared; "" when they can.
        frames: of the source.
        missing: of them, those that aren't shown at their time.
        compared: of them, those that were compared outside of mouths.
        unseen: of them, those that weren't: a face is there that the masks' detector doesn't see.
        psnr_db, ssim: outside of mouths, see `worst_percentile`; None: no frame differs there.
        mouths: by track; faces that are too small have none.
    """

    unlike: str = ""
    frames: int = 0
    missing: int = 0
    compared: int = 0
    unseen: int = 0
    psnr_db: float | None = None
    ssim: float | None = None
    mouths: dict[str, Mouth] = Field(default_factory=dict)


def compare_pictures(evidence: Evidence) -> PictureReport:
    """Look at both films, or remember having looked. Use it through `evidence.once`."""
    cv2.setNumThreads(THREADS)
    source, shown = evidence.once(films)
    key = {"analysis": "picture", "version": VERSION, **pictures_key(evidence)}
    note = evidence.remember(key, lambda: _look(evidence, source, shown).model_dump(mode="json"))
    return PictureReport.model_validate(note)


def films(evidence: Evidence) -> tuple[Film, Film]:
    """The source's moving picture and the deliverable's. Use it through `evidence.once`."""
    video = evidence.facts.video
    source = read_film(evidence.path("source"), video, index=video.index)
    return source, read_film(evidence.path("deliverable"), video, index=0)


def pictures_key(evidence: Evidence) -> dict[str, str]:
    """All that both films and their faces depend on."""
    _, shown = evidence.once(films)
    inputs = {name: evidence.sha256(name) for name in ("source", "faces", "landmarks")}
    return {**inputs, "shown": shown.digest}


def paired(source: Film, shown: Film) -> Iterator[Pair]:
    """Frame by frame; what is the same throughout is decoded once."""
    if source.digest == shown.digest:
        return (Pair(picture, picture) for picture in source.pictures())
    return pair_up(source.pictures(), shown.pictures())


def _look(evidence: Evidence, source: Film, shown: Film) -> PictureReport:
    if unlike := _unlike(source, shown):
        return PictureReport(unlike=unlike)
    with Landmarks(evidence.path("landmarks")) as landmarks:
        look = _Look(tracked_eyes(evidence.faces, landmarks))
    frames = evidence.facts.video.frames
    for pair in paired(source, shown):
        look.add(pair)
        if look.frames % _REPORT_EVERY == 0:
            evidence.progress(look.frames, max(look.frames, frames), "frames")
    return look.report()


def _unlike(source: Film, shown: Film) -> str:
    before, after = source.layout, shown.layout
    if (before.width, before.height) != (after.width, after.height):
        sizes = f"{after.width}x{after.height}, the source's {before.width}x{before.height}"
        return f"the deliverable's picture is {sizes}"
    if before.pixel_format != after.pixel_format:
        formats = f"{after.pixel_format}, not the source's {before.pixel_format}"
        return f"the deliverable's colours are stored as {formats}"
    return ""


class _Look:
    """The pass, pair by pair."""

    def __init__(self, faces: list[TrackedEyes]) -> None:
        self.frames = 0
        self._faces = {face.track.id: face.track for face in faces}
        self._masks, self._watch = MouthMasks(faces), MouthWatch(faces)
        self._order = FramesShown()
        self._gone = self._compared = self._unseen = 0
        self._errors: list[tuple[int, float, float]] = []  # tick, PSNR, SSIM of what differs
        self._on_screen: Picture | None = None

    def add(self, pair: Pair) -> None:
        """Take the next pair."""
        self.frames += 1
        source = pair.source
        seen = pair.shown or self._on_screen or source
        same = pair.shown is not None and same_pixels(source, seen)
        shown = source if same else seen
        self._watch.add(source.index, source.planes[0], shown.planes[0])
        if pair.shown is None:
            self._gone += 1
            return
        self._on_screen = shown
        luma = source.planes[0]
        mouths = self._masks.mouths(source.index, luma)
        small = small_luma(luma)
        other = small if same else small_luma(shown.planes[0])
        zoom = small.shape[0] / luma.shape[0]
        self._order.add(small, other, _still_pixels(small, mouths, zoom))
        if mouths is None and not same:
            self._unseen += 1
            return
        self._compared += 1
        if same or mouths is None:
            return
        error = psnr_db(source.planes, shown.planes, counted_pixels(luma.shape, mouths))
        if error < math.inf:
            counted = counted_pixels(small.shape, [mouth.zoomed(zoom) for mouth in mouths])
            self._errors.append((source.tick, error, ssim(small, other, counted)))

    def report(self) -> PictureReport:
        """What was found."""
        ticks, psnrs, likenesses = np.array(self._errors, np.float64).reshape(-1, 3).T
        return PictureReport(
            frames=self.frames,
            missing=self._gone + self._order.finish(),
            compared=self._compared,
            unseen=self._unseen,
            psnr_db=worst_percentile(ticks, psnrs),
            ssim=worst_percentile(ticks, likenesses),
            mouths={
                id_: _mouth(self._faces[id_].first_frame, series)
                for id_, series in self._watch.series.items()
            },
        )


def _still_pixels(small: Plane, mouths: list[Ellipse] | None, zoom: float) -> Mask:
    """Pixels that lip-sync has nothing to do with: jaws and necks move with a mouth."""
    if mouths is None:
        return np.zeros(small.shape, np.uint8)
    return counted_pixels(small.shape, [mouth.zoomed(zoom).scaled(_JAW) for mouth in mouths])


def _mouth(first_frame: int, series: MouthSeries) -> Mouth:
    edges = np.flatnonzero(np.diff(np.array([0, *series.own, 0], np.int8))) + first_frame
    return Mouth(
        first_frame=first_frame,
        source=tuple(series.source),
        shown=tuple(series.shown),
        own=tuple((int(start), int(end)) for start, end in edges.reshape(-1, 2)),
    )


def worst_percentile(ticks: Series, values: Series) -> float | None:
    """The first percentile of the worst minute; None without values.

    Of the frames that differ within a minute it is the one that a hundredth of them are not better
    than, so up to a hundred frames it is the worst. The last minute ends with the last frame.

    Args:
        ticks: of the frames, rising, (frames,).
        values: of each; higher is better; NaN is the best.
    """
    if not len(values):
        return None
    last = int(ticks[-1]) + 1
    starts = [*range(int(ticks[0]), max(int(ticks[0]) + 1, last - WINDOW), WINDOW), last - WINDOW]
    minutes = (values[(ticks >= start) & (ticks < start + WINDOW)] for start in starts)
    return min(_first_percentile(minute) for minute in minutes if len(minute))


def _first_percentile(values: Series) -> float:
    return float(np.sort(values)[math.ceil(len(values) / 100) - 1])
