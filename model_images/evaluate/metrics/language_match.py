"""Is the target language heard at all? Share of lines that a language identifier hears in it.

Method: none yet. It takes a spoken-language identifier (VoxLingua107's ECAPA-TDNN, Whisper), which
needs weights that no engine of this stage brings. An English recogniser's score over a phone loop
tells fluent from garbled, not English from Dutch: it would be a guess under a wrong name. Where
there is a recogniser for the language, `word_error_rate` shows a wrong language, line by line.
Source: Valk and Alumaee, "VoxLingua107" (SLT 2021).
Version 1.
"""

from __future__ import annotations

from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured

METHOD = "none"
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """Always absent."""
    del evidence
    return Measured(
        Absent(
            "no identifier of spoken languages is there: Whisper or VoxLingua107's would be one, "
            "in an evaluate engine with their weights"
        )
    )
