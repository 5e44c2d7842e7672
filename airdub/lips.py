"""What lip-sync did to the picture, and why where it did nothing."""

from __future__ import annotations

from airdub.model import Document


class ChangedFace(Document):
    """A person whose mouth was changed.

    Attributes:
        identity: as in `airdub.faces.FaceTrack`.
        speakers: voices that this face was given.
        rewritten: frames whose mouth comes from another frame (and was warped by what was left).
        warped: frames whose own mouth was warped.
        drawn: frames whose lower face a network drew from the dub's sound.
    """

    identity: str
    speakers: tuple[str, ...]
    rewritten: int
    warped: int
    drawn: int = 0


class Lips(Document):
    """The picture after lip-sync.

    Attributes:
        engine: that did it, or was asked to.
        frames: frames of the video.
        changed: half-open spans of changed frames; all others are the source's, pixel by pixel,
            before encoding.
        reason: why no frame was changed; empty when some were.
        off_screen: dubbed lines that no visible face speaks.
        without_consent: dubbed lines whose visible speaker didn't agree to be altered.
    """

    engine: str
    frames: int
    changed: tuple[tuple[int, int], ...] = ()
    faces: tuple[ChangedFace, ...] = ()
    reason: str = ""
    off_screen: int = 0
    without_consent: int = 0
