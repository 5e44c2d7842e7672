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
        dialogue: the same sound without its background, 48 kHz, where it was separated.
        script: script in the spoken language, where one lies beside the video.
        language: BCP-47.
        scratch: folder for temporary files.
        warn: told what the person who asked for the dub should know.
        progress: called with (done, total, unit).
    """

    audio: Path
    facts: MediaFacts
    speech: SpeechSpans
    dialogue: Path | None
    script: Path | None
    language: str
    scratch: Path
    warn: Callable[[str], None]
    progress: Callable[[int, int, str], None]


class Transcriber(Protocol):
    """A module under `engines/`.

    A model is loaded once for all calls of a process (`functools.cache`), and no call changes what
    another one gives.
    """

    def transcribe(self, job: Job) -> tuple[Segment, ...]:
        """Segments `s0001`, `s0002`, ... in order of onset, within the timeline.

        Raises:
            InvalidInput: the language, or the script, can't be used.
        """
        ...
