"""What a speech engine is to the stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model_images.common.espeak import Sound


@dataclass(frozen=True)
class Manner:
    """How a take is spoken: by which voice, and at how much of the rate that its place asks for."""

    voice: str
    pace: float = 1.0


@dataclass(frozen=True)
class Speech:
    """What an engine spoke.

    Attributes:
        samples: float32 (n,), full scale +-1, silence at the ends included.
        sounds: phonemes in samples of that rate, in order, without overlap; pauses are gaps
            between them. Empty: nothing was said.
    """

    samples: NDArray[np.float32]
    sample_rate_hz: int
    sounds: tuple[Sound, ...]


class Synthesizer(Protocol):
    """An engine for one language. The same arguments always give the same samples.

    An engine's module has `create(language: str) -> Synthesizer`, which raises InvalidInput for a
    language that it doesn't speak and DependencyUnavailable when something is not installed. A
    model is loaded once for all of them in a process (`functools.cache`).
    """

    notes: tuple[str, ...]
    """What a person should know about this language with this engine."""

    def voice_for(self, pitch_hz: float | None) -> str:
        """The voice for a speaker whose median F0 is this (None: unknown)."""
        ...

    def checked_voice(self, voice: str) -> str:
        """The voice itself. Raises InvalidInput when the engine has none of that name."""
        ...

    def manners(self, voice: str) -> tuple[Manner, ...]:
        """How this engine can speak a line that this voice is for, the usual manner first.

        As many as the registry states as the engine's `takes`; they sound different.
        """
        ...

    def readable(self, text: str) -> str:
        """The text in characters that the engine reads; empty when none are left.

        Raises:
            InvalidInput: the engine would read the text as something else.
        """
        ...

    def speak(self, text: str, voice: str, rate: float) -> Speech:
        """Speak a readable text literally.

        Args:
            rate: speaking rate over the voice's natural one, 0.8..1.4.

        Raises:
            EngineFailed: the engine failed on this text.
        """
        ...
