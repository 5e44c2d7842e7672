"""Do mouths say the dub? A frozen mouth doesn't, nor does one that still says the source's words.

Method: how fast lips part and close by optical flow (`analysis.mouth_flow`) while a line is heard,
over the mean of the same face while it speaks in the source; less where fewer than half of the
line's frames show another mouth than the source's. The title's value is the mean of its lines.
Absent for lines whose speaker isn't seen, and where lip-sync says that it left a face as it is;
where that is because nobody who is seen agreed to be altered, or because no face is on screen at
all (a narrated film), there is nothing to measure.
Source: own; the flow is DIS (Kroeger et al. 2016). Frozen mouths give 0.1 and less, clean dubs 0.4
and more.
Version 2.
"""

from __future__ import annotations

from statistics import fmean

from airdub.metrics import NOT_APPLICABLE
from model_images.evaluate.analysis.mouths_moving import speaking_motion
from model_images.evaluate.analysis.picture import compare_pictures
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured

METHOD = "DIS optical flow of lips, over the source's"
VERSION = "2"


def measure(evidence: Evidence) -> Measured:
    """Ratio: 0 is a still mouth or the source's, 1 moves as much as in the source."""
    unlike = evidence.once(compare_pictures).unlike
    if unlike:
        return Measured(Absent(unlike))
    if not evidence.faces.tracks or _nobody_agreed(evidence):
        return evidence.of_lines({line.id: NOT_APPLICABLE for line in evidence.lines}, fmean)
    if not evidence.lips.faces:
        return Measured(Absent(f"lips stay as they are: {evidence.lips.reason}"))
    values = {line.id: speaking_motion(evidence, line) for line in evidence.lines}
    return evidence.of_lines(values, fmean, nothing="no line's speaker is seen well enough")


def _nobody_agreed(evidence: Evidence) -> bool:
    """Whether all lines that visible faces speak are those of people who didn't agree."""
    lips = evidence.lips
    on_screen = len(evidence.plan.placements) - lips.off_screen
    return not lips.faces and 0 < on_screen == lips.without_consent
