"""Watching a video in chunks, each for itself; `joining` makes their tracks whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from airdub.artifacts import ArtifactRef
from airdub.media import VideoFacts
from model_images.common.arrays import write_arrays
from model_images.common.frames import FrameReader, FrameTable
from model_images.common.landmarks import KEPT, quantum_for
from model_images.common.pictures import Picture, layout_of
from model_images.runner.chunks import ChunkJob, Site, loaded
from model_images.track_faces.identity import looks_of
from model_images.track_faces.protocol import FaceEngine
from model_images.track_faces.shots import ShotReader
from model_images.track_faces.tracks import RawTrack, Tracker


@dataclass(frozen=True, eq=False)
class SeenChunk:
    """What there is to see in the frames `first` up to `end`.

    Attributes:
        ticks: onset of each of them.
        cuts: those of them with which a shot begins.
        tracks: begun in them, in order of appearance; those that went on reach beyond `end`.
    """

    first: int
    ticks: NDArray[np.int64]
    cuts: NDArray[np.int64]
    tracks: Sequence[RawTrack]

    @property
    def end(self) -> int:
        """The frame after the last."""
        return self.first + len(self.ticks)

    def write(self, path: Path) -> None:
        """Write it as an .npz; the same content gives the same bytes."""
        tracks = self.tracks
        none = np.zeros((0, len(KEPT), 2), np.int16)
        arrays = {
            "first": np.array(self.first),
            "ticks": self.ticks,
            "cuts": self.cuts,
            "tracks": np.array([track.first_frame for track in tracks], np.int64),
            "frames": np.array([len(track.points) for track in tracks], np.int64),
            "samples": np.array([track.samples for track in tracks], np.int64),
            "looks": np.array([track.looks for track in tracks], np.float32),
            "points": np.concatenate([none, *(track.points for track in tracks)]),
        }
        write_arrays(path, arrays)

    @classmethod
    def read(cls, path: Path) -> SeenChunk:
        """What `write` wrote."""
        with np.load(path, allow_pickle=False) as archive:
            found = {name: archive[name] for name in archive.files}
        ends = np.cumsum(found["frames"])
        tracks = [
            RawTrack(int(first), found["points"][end - frames : end], looks, int(samples))
            for first, frames, end, looks, samples in zip(
                *(found["tracks"], found["frames"], ends, found["looks"], found["samples"]),
                strict=True,
            )
        ]
        return cls(int(found["first"]), found["ticks"], found["cuts"], tracks)


@dataclass
class _Watch:
    """A chunk that is being watched, from `first` on."""

    first: int
    tracker: Tracker
    ticks: list[int] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)

    @property
    def end(self) -> int:
        return self.first + len(self.ticks)

    def step(self, picture: Picture, cut: bool) -> None:
        self.tracker.step(picture.index, picture.rgb, cut=cut)
        self.ticks.append(picture.tick)
        if cut:
            self.cuts.append(picture.index)

    def seen(self) -> SeenChunk:
        ticks, cuts = np.array(self.ticks, np.int64), np.array(self.cuts, np.int64)
        return SeenChunk(self.first, ticks, cuts, self.tracker.finish())


class Watcher:
    """Watches chunk after chunk. What it sees of one doesn't depend on those before.

    Faces that are there at a chunk's end are followed on beside the next chunk's own tracker until
    that one follows them too, mostly for some frames. That tracker is kept for its own chunk, so
    nothing is looked at twice.

    Args:
        shots: gives the pictures.
        tracker: gives a new tracker.
        chunk_frames: frames of each chunk but the last.
    """

    def __init__(
        self, shots: ShotReader, tracker: Callable[[], Tracker], chunk_frames: int
    ) -> None:
        self._shots = shots
        self._tracker = tracker
        self._chunk_frames = chunk_frames
        self._ahead: _Watch | None = None

    def watch(self, first: int, end: int) -> SeenChunk:
        """Watch the chunk of these frames.

        Raises:
            InvalidInput: a frame can't be decoded.
        """
        ahead, self._ahead = self._ahead, None
        watch = ahead if ahead and ahead.first == first else _Watch(first, self._tracker())
        for index in range(watch.end, end):
            watch.step(*self._shots.at(index))
        self._ahead = self._run_over(watch.tracker, end)
        return watch.seen()

    def _run_over(self, tracker: Tracker, end: int) -> _Watch | None:
        """Follow on until others follow; returns the last chunk that was begun for that."""
        ahead: _Watch | None = None
        for index in range(end, self._shots.frames):
            if not tracker.follows:
                break
            if ahead is None or index == ahead.first + self._chunk_frames:
                ahead = _Watch(index, self._tracker())
            picture, cut = self._shots.at(index)
            tracker.run_over(picture.rgb, cut=cut)
            ahead.step(picture, cut)
            tracker.hand_over(ahead.tracker)
        return ahead


@dataclass(frozen=True)
class FaceChunks:
    """The `ChunkMaker` of this stage.

    Attributes:
        chunk_frames: of each chunk but the last.
        detect_every: frames from one look for new faces to the next.
    """

    source: ArtifactRef
    facts: VideoFacts
    table: FrameTable
    chunk_frames: int
    detect_every: int
    suffix: str = ".npz"
    media_type: str = "application/octet-stream"

    @contextmanager
    def open(self, site: Site) -> Iterator[Callable[[ChunkJob, Path], dict[str, Any]]]:
        """Open the video and load the networks."""
        cv2.setNumThreads(site.threads)
        engine: FaceEngine = loaded(site.engine())
        layout = layout_of(self.facts)
        source = site.fetch(self.source)

        def tracker() -> Tracker:
            return Tracker(
                engine,
                quantum_px=quantum_for(layout.width, layout.height),
                detect_every=self.detect_every,
                sample=looks_of,
            )

        with FrameReader(source, self.facts, self.table) as reader:
            shots = ShotReader(reader.read, len(self.table))
            watcher = Watcher(shots, tracker, self.chunk_frames)

            def make(job: ChunkJob, target: Path) -> dict[str, Any]:
                seen = watcher.watch(*job.span)
                seen.write(target)
                return {"cuts": len(seen.cuts), "tracks": len(seen.tracks)}

            yield make
