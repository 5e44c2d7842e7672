"""Who says what, when: the source transcript, the target lines and the spoken takes.

Times are ticks of the 48 kHz clock (see `airdub.units`), measured from the first instant of the
video's timeline. Segments may overlap when their speakers differ.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from airdub.artifacts import ArtifactRef
from airdub.model import Document

Ticks = Annotated[int, Field(ge=0)]


class Kind(StrEnum):
    """What a segment is."""

    DIALOGUE = "dialogue"
    NARRATION = "narration"
    SONG = "song"
    EFFORT = "effort"
    CROWD = "crowd"
    FOREIGN = "foreign"
    ON_SCREEN_TEXT = "on_screen_text"


class Action(StrEnum):
    """What is done with a segment: dub it, keep the original sound, or only subtitle it."""

    DUB = "dub"
    KEEP = "keep"
    SUBTITLE = "subtitle"


class Word(Document):
    """A recognised or aligned word."""

    text: str
    start: Ticks
    end: Ticks
    confidence: float | None = None


class Segment(Document):
    """One utterance of one speaker.

    Attributes:
        id: stable within the title: `s0001`, `s0002`, ... in order of onset.
        start, end: onset and offset of the SPEECH (not of the subtitle cue), in ticks.
        cue_start, cue_end: the cue's own times, where a script gave them.
        speaker: `speaker_1`, or the script's name for the voice.
        text: what is said, never markup, labels or sound descriptions.
    """

    id: str
    start: Ticks
    end: Ticks
    cue_start: Ticks | None = None
    cue_end: Ticks | None = None
    speaker: str = "speaker_1"
    kind: Kind = Kind.DIALOGUE
    action: Action = Action.DUB
    text: str
    words: tuple[Word, ...] = ()

    @model_validator(mode="after")
    def _ends_after_start(self) -> Segment:
        if self.end <= self.start:
            raise ValueError(f"segment {self.id} ends at {self.end}, not after {self.start}")
        return self


class Transcript(Document):
    """The source's speech.

    Attributes:
        language: BCP-47.
        duration: the video timeline's length in ticks.
        method: engine that wrote it, e.g. `script` or `pocketsphinx`.
    """

    language: str
    duration: Ticks
    method: str
    segments: tuple[Segment, ...] = ()


class Line(Document):
    """What is said instead of one segment.

    Attributes:
        segment_id: the `Segment` it replaces.
        text: the target text; empty when the segment is kept or only subtitled without a line.
        syllables: syllables of `text` in the target language.
        syllable_budget: syllables that fit the slot at the preferred rate (None: no estimate).
        method: engine that wrote the line.
    """

    segment_id: str
    text: str
    syllables: int = 0
    syllable_budget: int | None = None
    over_budget: bool = False
    method: str = ""


class Lines(Document):
    """The target script."""

    source_language: str
    target_language: str
    lines: tuple[Line, ...] = ()


class Phoneme(Document):
    """A phoneme of a take in espeak-ng's IPA, the common alphabet of all engines.

    `start` and `end` are ticks from the take's first sample, at the take's own rate.
    """

    symbol: str
    start: Ticks
    end: Ticks


class Take(Document):
    """One spoken line: 48 kHz mono PCM, no leading or trailing silence beyond 20 ms.

    Attributes:
        audio: the WAV (48 kHz, mono, 16-bit or float).
        length: samples at 48 kHz.
        natural_length: samples of the same line at the voice's natural rate.
        rate: speaking rate asked of the engine over its natural rate (1.0 = natural).
    """

    segment_id: str
    voice: str
    audio: ArtifactRef
    length: Ticks
    natural_length: Ticks
    rate: float = 1.0
    phonemes: tuple[Phoneme, ...] = ()


class Takes(Document):
    """All takes of a title in one language, in segment order.

    Attributes:
        without_consent: speakers who keep the engine's own voice because they agreed to no other.
    """

    language: str
    takes: tuple[Take, ...] = ()
    without_consent: tuple[str, ...] = ()
