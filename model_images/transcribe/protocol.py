"""What every recognition engine offers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from airdub.media import MediaFacts
from airdub.speech import SpeechSpans
from airdub.transcript import Segment


@dataclass(frozen=True)
class Job:
    """What is to be written down.

    Attributes:
        audio: WAV, 16 kHz, mono, 16-bit, on the picture's timeline.
        speech: where the voice activity detector found speech.
        script: script in the spoken language, where one lies beside the video.
        language: BCP-47.
        warn: told what the person who asked for the dub should know.
        progress: called with (done, total, unit).
    """

    audio: Path
    facts: MediaFacts
    speech: SpeechSpans
    script: Path | None
    language: str
    warn: Callable[[str], None]
    progress: Callable[[int, int, str], None]


class Transcriber(Protocol):
    """A module under `engines/`."""

    def transcribe(self, job: Job) -> tuple[Segment, ...]:
        """Segments `s0001`, `s0002`, ... in order of onset, within the timeline.

        Raises:
            InvalidInput: the language, or the script, can't be used.
        """
        ...
