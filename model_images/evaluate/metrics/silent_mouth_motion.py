"""Do faces move their lips while they say nothing?

Method: how fast lips part and close by optical flow (`analysis.mouth_flow`) in each pause of each
face, 0.4 s or longer, over the same face's mean while it speaks in the source; the worst
pause is the title's value. What an actor does in the source while he says nothing isn't counted as
long as it is untouched, nor what the face of somebody does who didn't agree to be altered. Where no
face is on screen, or none has a pause, there is nothing to measure.
Source: own; the flow is DIS (Kroeger et al. 2016). Clean dubs give 0.2 and less, a mouth that goes
on speaking 0.6 and more.
Version 2.
"""

from __future__ import annotations

from airdub.metrics import NOT_APPLICABLE
from model_images.evaluate.analysis.mouths_moving import silent_motion, usual_motions
from model_images.evaluate.analysis.picture import compare_pictures
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured, Value

METHOD = "DIS optical flow of lips in the worst pause, over their speech in the source"
VERSION = "2"


def measure(evidence: Evidence) -> Measured:
    """Ratio: 0 is a mouth at rest, 1 moves as much as one that speaks."""
    unlike = evidence.once(compare_pictures).unlike
    if unlike:
        return Measured(Absent(unlike))
    if not evidence.faces.tracks:
        return Measured(Value(NOT_APPLICABLE))
    if not evidence.once(usual_motions):
        return Measured(Absent("no speaking mouth is seen well enough"))
    pauses = evidence.once(silent_motion)
    if not pauses:
        return Measured(Value(NOT_APPLICABLE))
    return Measured(Value(max(pause.motion for pause in pauses), len(pauses)))
