"""Tells when a recogniser is unsure of what it heard."""

from __future__ import annotations

from collections.abc import Sequence

from airdub.transcript import Word
from model_images.transcribe.protocol import Job

UNSURE = 0.3
"""Probability; words below it are wrong as often as not."""

_MOST_UNSURE = 0.2


def tell_doubts(words: Sequence[Word], job: Job) -> None:
    """Warn when many words are doubtful."""
    unsure = sum((word.confidence or 0) < UNSURE for word in words)
    if unsure > _MOST_UNSURE * len(words):
        job.warn(
            f"the recogniser is unsure of {unsure} of {len(words)} words: read them over, or put a "
            "script beside the video"
        )
