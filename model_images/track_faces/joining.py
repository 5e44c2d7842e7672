"""Tracks of a whole video out of those of its chunks.

A track that is there when its chunk ends reaches into the next ones, mostly until the tracker of
the chunk there has followed the same face for a while (`Tracker.hand_over`). So what begins in a
chunk on a face that a track of an earlier one shows is that track.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from model_images.common.face_mesh import overlap
from model_images.track_faces.tracks import SAME_FACE, RawTrack, box, in_order


def join(chunks: Iterable[Iterable[RawTrack]]) -> list[RawTrack]:
    """Tracks over the whole video, in order of appearance.

    Args:
        chunks: tracks of each chunk; they begin in it and may reach beyond its end.
    """
    whole: list[RawTrack] = []
    for tracks in map(in_order, chunks):
        new = []
        for track in tracks:
            known = next((n for n, one in enumerate(whole) if _are_one(one, track)), None)
            if known is None:
                new.append(track)
            else:
                whole[known] = _joined(whole[known], track)
        whole += new
    return in_order(whole)


def _are_one(track: RawTrack, later: RawTrack) -> bool:
    """Whether a track shows the face on which a later one begins, and both stay on it."""
    first, last = later.first_frame, min(track.end_frame, later.end_frame) - 1
    return first <= last and all(
        overlap(_box_at(track, frame), _box_at(later, frame)) > SAME_FACE for frame in (first, last)
    )


def _box_at(track: RawTrack, frame: int) -> tuple[float, ...]:
    return box(track.points[frame - track.first_frame])


def _joined(track: RawTrack, later: RawTrack) -> RawTrack:
    """The track up to its last frame, from there on the later one, if that goes on for longer."""
    last = track.end_frame - 1
    if later.end_frame <= last:
        return track
    return RawTrack(
        track.first_frame,
        np.concatenate([track.points[:-1], later.points[last - later.first_frame :]]),
        track.looks + later.looks,
        track.samples + later.samples,
    )
