"""Whose face is where, and who speaks on screen. Frames are numbered in presentation order."""

from __future__ import annotations

from airdub.model import Document


class Shot(Document):
    """A run of frames between two cuts: `first_frame` up to, not including, `end_frame`."""

    first_frame: int
    end_frame: int


class FaceTrack(Document):
    """One face followed through one shot.

    Attributes:
        id: row group in the landmarks archive: `t0001`, ...
        identity: `face_1`, ...: tracks of the same person share it.
        first_frame, end_frame: half-open span of frames.
        speaking: half-open frame spans in which this face speaks.
    """

    id: str
    identity: str
    first_frame: int
    end_frame: int
    speaking: tuple[tuple[int, int], ...] = ()


class Faces(Document):
    """Shots and face tracks of a video; landmarks lie beside it in an archive (`landmarks`).

    Attributes:
        frames: frames of the video.
        on_screen: half-open tick spans in which a speaking face is visible.
    """

    frames: int
    shots: tuple[Shot, ...] = ()
    tracks: tuple[FaceTrack, ...] = ()
    on_screen: tuple[tuple[int, int], ...] = ()
