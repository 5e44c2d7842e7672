"""Does the deliverable show every frame of the source at its time?

Method: frames are matched by their times since the first frame, within half of a frame's length
(variable rates too). A frame is missing when nothing comes at its time, or when what comes is
clearly nearer to a neighbouring frame, or to the one that was shown last, than to its own: pictures
that were dropped, repeated, or came early or late. Likeness is that of small grey pictures without
mouths.
Source: own.
Version 1.
"""

from __future__ import annotations

from model_images.evaluate.analysis.picture import compare_pictures
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured, Value

METHOD = "frames matched by time and likeness"
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """Frames."""
    report = evidence.once(compare_pictures)
    if report.unlike:
        return Measured(Absent(report.unlike))
    return Measured(Value(float(report.missing), report.frames))
