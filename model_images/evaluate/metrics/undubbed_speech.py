"""Does somebody speak in the source for whom nobody speaks in the dub?

Method: speech that the voice activity detector hears in the source and that the transcript doesn't
have, neither to be dubbed nor to be kept: a script that lacks a line, a recogniser that missed one.
The dub has only the background there. The title's value is the longest such stretch. Not applicable
to a title in which nobody speaks.
Source: own; the detector is Silero VAD.
Version 1.
"""

from __future__ import annotations

from airdub.metrics import NOT_APPLICABLE
from airdub.units import ticks_to_seconds
from model_images.evaluate.analysis.places import unlisted_speech
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Measured, Value

METHOD = "Silero VAD on the source, without the transcript's segments"
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """Seconds, 0 and more."""
    spans = evidence.speech.spans
    if not spans:
        return Measured(Value(NOT_APPLICABLE))
    longest = max((end - start for start, end in unlisted_speech(evidence)), default=0)
    return Measured(Value(ticks_to_seconds(longest), len(spans)))
