"""Tracks of a whole video out of those of its chunks.

A track that is there when its chunk ends reaches into the next ones, mostly until the tracker of
the chunk there has followed the same face for a while (`Tracker.hand_over`). So what begins in a
chunk on a face that a track of an earlier one shows is that track.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from model_images.common.face_mesh import overlap
from model_images.track_faces.tracks import SAME_FACE, RawTrack, box, in_order


def join(chunks: Iterable[Iterable[RawTrack]]) -> list[RawTrack]:
    """Tracks over the whole video, in order of appearance.

    Args:
        chunks: tracks of each chunk; they begin in it and may reach beyond its end.
    """
    whole: list[_Whole] = []
    reaching: list[_Whole] = []
    for tracks in filter(None, map(in_order, chunks)):
        reaching = [one for one in reaching if one.end_frame > tracks[0].first_frame]
        new = [_Whole(track) for track in _continued(reaching, tracks)]
        whole += new
        reaching += new
    return in_order(one.track() for one in whole)


class _Whole:
    """A track that grows from chunk to chunk."""

    def __init__(self, track: RawTrack) -> None:
        self.end_frame = track.end_frame
        self._parts = [(track.first_frame, track.points)]
        self._looks, self._samples = track.looks, track.samples

    def likeness(self, later: RawTrack) -> float:
        """Overlap with a later one in their last common frame; 0 if they aren't one face.

        That is: they have no frame in common, or differ where the later one begins.
        """
        first, last = later.first_frame, min(self.end_frame, later.end_frame) - 1
        if first > last:
            return 0.0
        found = [overlap(box(self._at(n)), box(later.points[n - first])) for n in (first, last)]
        return found[-1] if min(found) > SAME_FACE else 0.0

    def go_on(self, later: RawTrack) -> None:
        """From the last frame on it is the later one."""
        last = self.end_frame - 1
        start, points = self._parts[-1]
        self._parts[-1] = start, points[: last - start]
        self._parts.append((last, later.points[last - later.first_frame :]))
        self.end_frame = later.end_frame
        self._looks = self._looks + later.looks
        self._samples += later.samples

    def track(self) -> RawTrack:
        """All of it."""
        points = np.concatenate([points for _, points in self._parts])
        return RawTrack(self._parts[0][0], points, self._looks, self._samples)

    def _at(self, frame: int) -> NDArray[np.int16]:
        start, points = next(part for part in reversed(self._parts) if part[0] <= frame)
        return points[frame - start]


def _continued(earlier: Sequence[_Whole], tracks: Sequence[RawTrack]) -> list[RawTrack]:
    """Let earlier tracks go on as those that begin in a chunk; returns the others.

    The best pairs come first. A track has one heir, which lasts at least as long; whatever else
    was found on its face, and lost while it went on, is dropped.
    """
    found = [(one.likeness(track), one, track) for one in earlier for track in tracks]
    ends = {one: one.end_frame for one in earlier}
    given: set[_Whole] = set()
    known: set[RawTrack] = set()
    for score, one, track in sorted(found, key=lambda pair: -pair[0]):
        heir = track.end_frame >= ends[one]
        if not score or track in known or (heir and one in given):
            continue
        known.add(track)
        if heir:
            given.add(one)
            one.go_on(track)
    return [track for track in tracks if track not in known]
