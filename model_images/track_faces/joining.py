"""Tracks of a whole video out of those of its chunks.

A track that is there when its chunk ends reaches into the next ones, as far as a frame in which the
tracker of the chunk there follows the same face (`Tracker.hand_over`); the two are one track. One
that reaches no such frame ended where the face was lost.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model_images.common.face_mesh import overlap
from model_images.track_faces.tracks import SAME_FACE, RawTrack, box, in_order


def join(chunks: Sequence[Sequence[RawTrack]], ends: Sequence[int]) -> list[RawTrack]:
    """Tracks over the whole video, in order of appearance.

    Args:
        chunks: tracks of each chunk, which begin in it and may reach beyond its end.
        ends: the frame after each chunk's last, rising; the last one is the video's.
    """
    whole: list[RawTrack] = []
    reaching: list[RawTrack] = []
    for tracks, end in zip(chunks, ends, strict=True):
        here = in_order(track for track in reaching if track.end_frame <= end)
        reaching = [track for track in reaching if track.end_frame > end]
        for track in _continued(here, tracks):
            (reaching if track.end_frame > end else whole).append(track)
    return in_order(whole + reaching)


def _continued(before: Sequence[RawTrack], tracks: Sequence[RawTrack]) -> list[RawTrack]:
    """Tracks that reached into a chunk, each with its own continuation, and the chunk's others."""
    found, free = [], list(tracks)
    for track in before:
        heir = next((other for other in free if _goes_on_as(track, other)), None)
        if heir is not None:
            free.remove(heir)
        found.append(track if heir is None else _joined(track, heir))
    return found + free


def _goes_on_as(track: RawTrack, heir: RawTrack) -> bool:
    """Whether another track shows the same face in a track's last frame."""
    last = track.end_frame - 1
    if not heir.first_frame <= last < heir.end_frame:
        return False
    there = heir.points[last - heir.first_frame]
    return overlap(box(track.points[-1]), box(there)) > SAME_FACE


def _joined(track: RawTrack, heir: RawTrack) -> RawTrack:
    """The track up to its last frame; from there on its heir."""
    return RawTrack(
        track.first_frame,
        np.concatenate([track.points[:-1], heir.points[track.end_frame - 1 - heir.first_frame :]]),
        track.looks + heir.looks,
        track.samples + heir.samples,
    )
