"""What a separation engine is given, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from model_images.common.pcm import PcmInfo, Samples

Span = tuple[int, int]
"""Half-open span of samples."""


@dataclass(frozen=True)
class Stem:
    """A stem that lies beside the video; `place` names it in messages."""

    path: Path
    place: str


@dataclass(frozen=True)
class Scene:
    """The sound to separate.

    Attributes:
        original: 48 kHz, sample 0 on the first video frame.
        speech: spans in which somebody may speak, generous at the borders, in order.
        stems: what lies beside the video: `background_stem`, `dialogue_stem`.
        warn, measure: report to the stage's result.
    """

    original: Path
    info: PcmInfo
    speech: tuple[Span, ...]
    stems: dict[str, Stem]
    warn: Callable[[str], None]
    measure: Callable[[str, float], None]


class Separator(Protocol):
    """An engine: a module with this function."""

    def background_blocks(self, scene: Scene, parameters: object) -> Iterator[Samples]:
        """All but the speech, block by block from start to end.

        Blocks are float32 (frames, channels of the original) at 48 kHz, full scale +-1, of any
        length; together as long as the original.
        """
