"""Tiny checkpoints of the profile `neural`: `python -m tests.neural.tiny_weights FOLDER`.

They lie in the folder by their names, for `airdub weights import`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from model_images.separate.engines.demucs import WEIGHTS
from model_images.transcribe.engines import faster_whisper
from tests.neural.separate.tiny_demucs import tiny_package, write_repository
from tests.neural.translate import checkpoints
from tests.neural.whisper_checkpoints import model_that_says, said
from tests.neural.whisper_conversion import convert

SPOKEN = "Good morning."
"""Which the translator knows by heart."""


def write_all(folder: Path) -> None:
    """Write each engine's files; whatever is spoken, the recogniser hears `SPOKEN`."""
    write_repository(folder / "demucs", tiny_package()).rename(folder / "demucs" / WEIGHTS)
    hears = model_that_says(said(f" {SPOKEN}", 1.2), language="en")
    convert(hears, folder / faster_whisper.FOLDER)
    checkpoints.m2m100(folder / "m2m100_418M")


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
