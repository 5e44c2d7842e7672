"""What `lipsync` asks of an engine, and what passes between planning and rendering.

The plan is made of numbers alone (`Edit`), so it is made in one place and rendered in chunks
elsewhere: a chunk needs its pictures, its edits and the pictures of its donors.

An engine is a module in `engines/` whose `load` gives a `LipEngine`; it is called once in each
process. `plan` runs where no picture and perhaps no GPU is, so an engine with weights reads them at
its first `render`. Such an engine draws each mouth from sound and from the frame itself: its edits
name the frame as its own donor, no second pass over the pictures is made, and `render` may gather
as many pictures as fill its batch before it yields the first. What it hears at a frame goes into
the frame's edit and so into the chunk's name (`planning.digest`). What it draws may depend on its
chunk's pictures and edits alone, never on how they were put in batches or on the chunk before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model_images.common.landmarks import Kept
from model_images.common.pictures import Picture, Planes
from model_images.lipsync.targets import Targets

FacePoints = NDArray[np.float32]
"""A face's kept landmarks in one frame: (len(KEPT), 2), x and y in upright pixels."""

MAX_YAW = 0.45
"""Beyond about 45 degrees the far half of the mouth is out of sight: the frame is left alone."""


@dataclass(frozen=True)
class Sound:
    """What is heard of one person while he is seen in a shot.

    Attributes:
        path: the dub's voices, all of them, from the video's first frame on.
        voiced: spans of ticks in which it is this person who speaks, in order.
        onsets: tick at which each frame begins, rising, (frames,).
    """

    path: Path
    voiced: tuple[tuple[int, int], ...]
    onsets: NDArray[np.int64]


@dataclass(frozen=True)
class Scene:
    """One person in one shot: everything a plan may draw on.

    Attributes:
        face: the person, as in `airdub.faces.FaceTrack.identity`.
        frames: frame numbers in which the face is seen, rising, (frames,).
        chunks: number of the chunk that each lies in, rising, (frames,).
        points: its landmarks in them, (frames, len(KEPT), 2).
        wanted: the mouth to show; only frames whose `weight` isn't 0 are changed.
        weight: 0 (leave alone) to 1 (as wanted), (frames,).
        sound: for engines that hear; None where the request has none.
    """

    face: str
    frames: NDArray[np.int64]
    chunks: NDArray[np.int64]
    points: Kept
    wanted: Targets
    weight: NDArray[np.float64]
    sound: Sound | None = None


@dataclass(frozen=True)
class Edit:
    """How one face of one frame is changed.

    Attributes:
        face: the person, as in `airdub.faces.FaceTrack.identity`.
        donor: number of the frame that the lower face is taken from, in the same chunk (it may be
            the same frame).
        points, donor_points: landmarks in the frame and in the donor.
        opening: distance of the inner lips to show, over the distance of the eyes; 0 where the
            engine draws what it hears.
        weight: 0..1 of the change; below 1 at the ends of a changed span.
        method: `rewrite`, `warp` or `draw`, for the report.
        heard: what an engine that hears makes of the sound at this frame; None otherwise.
    """

    frame: int
    face: str
    donor: int
    points: FacePoints
    donor_points: FacePoints
    opening: float
    weight: float
    method: str
    heard: NDArray[np.int16] | None = None


@dataclass(frozen=True)
class Range:
    """How far a mouth goes, over the distance of the eyes.

    Attributes:
        shut, open: opening at the 3rd and 95th percentile.
        narrow, wide: width at the 8th and 92nd.
        spread: standard deviation of the opening.
    """

    shut: float
    open: float
    narrow: float
    wide: float
    spread: float

    @classmethod
    def of(cls, opening: NDArray[np.float64], width: NDArray[np.float64]) -> Range:
        """The range of a series of openings and widths, (frames,); at least one frame."""
        shut, wide_open = np.percentile(opening, (3, 95))
        narrow, wide = np.percentile(width, (8, 92))
        return cls(float(shut), float(wide_open), float(narrow), float(wide), float(opening.std()))


class LipEngine(Protocol):
    """Plans and renders mouths."""

    def plan(self, scene: Scene, usual: Range) -> Sequence[Edit]:
        """Edits of a scene, in order of frames.

        Args:
            usual: how far this person's mouth opens and widens in the whole video.
        """

    def render(
        self,
        pictures: Iterable[Picture],
        donors: Iterable[Picture],
        edits: Mapping[int, Sequence[Edit]],
        scratch: Path,
    ) -> Iterator[tuple[Picture, Planes]]:
        """Every picture with its pixels after the edits; without an edit its pixels are its own.

        Args:
            pictures: of one chunk.
            donors: those from the first to the last frame that lends to another, read separately.
            edits: by frame number.
            scratch: an empty folder.
        """
