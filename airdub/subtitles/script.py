"""What a script file holds once it is read: cues on the media's timeline, their markup gone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from airdub.errors import InvalidInput

MAX_CUES = 50_000
"""More than a day of subtitles."""


class Format(StrEnum):
    """A script's file format."""

    SRT = "SubRip"
    VTT = "WebVTT"
    TTML = "TTML"


@dataclass(frozen=True)
class Run:
    """Text of one voice within a cue.

    Attributes:
        text: lines parted by `\\n`, without markup; labels, dashes and brackets still in it.
        voice: the name that WebVTT's `<v>` or TTML's `ttm:agent` gives, or "".
    """

    text: str
    voice: str = ""


@dataclass(frozen=True)
class Cue:
    """One cue of a file.

    Attributes:
        place: where it stands in the file, for messages: `line 12, cue 3`.
        start, end: ticks.
    """

    place: str
    start: int
    end: int
    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """All its text, whoever speaks."""
        return "\n".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Script:
    """A script on the media's timeline.

    Attributes:
        name: the file's name, for messages.
        encoding: how its bytes were read.
        language: BCP-47.
        offset: ticks subtracted from the file's times (its start time code), 0 for none.
        cues: in the file's order; they may overlap.
    """

    name: str
    format: Format
    encoding: str
    language: str
    offset: int
    cues: tuple[Cue, ...]


def refusal(name: str, place: str, what: str, remedy: str) -> InvalidInput:
    """The error for a script: names the file, the place in it, and the way out."""
    where = f"{name}, {place}" if place else name
    return InvalidInput(what, where=where, remedy=remedy)


def too_many_cues(name: str, count: int) -> InvalidInput:
    """The error for a file that is no script of one title."""
    return refusal(name, "", f"it has {count} cues", f"give a script of at most {MAX_CUES} cues")
