"""Do the mouths say what is heard?

Method: correlation of the opening of the speaker's mouth, by optical flow in the finished picture,
with the loudness of the dub's voice in the decoded deliverable: the best at a shift up to 250 ms,
less the best at a wrong shift of 300 ms to 1 s. Absent where speakers are seen for less than 20 s.
Source: own; the lagged correlation is that of audio-visual synchrony measures (Slaney and Covell
2000), the flow is DIS (Kroeger et al. 2016). The face mesh, which drives lip-sync, sees no lips
here; it only says where the eyes are in the source.
Version 1.
"""

from __future__ import annotations

from model_images.evaluate.analysis import lip_rhythm
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured, Value

METHOD = lip_rhythm.METHOD
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """Correlation over that at wrong shifts, -2 .. 2; 0 and less is no better than chance."""
    rhythm = evidence.once(lip_rhythm.lip_rhythm)
    if isinstance(rhythm, Absent):
        return Measured(rhythm)
    margin = rhythm.peak - rhythm.null
    return Measured(Value(margin, rhythm.frames, evidence.coverage(rhythm.lines)))
