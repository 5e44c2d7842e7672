"""The answer of metrics that compare pictures outside of mouths."""

from __future__ import annotations

from airdub.metrics import IDENTICAL
from model_images.evaluate.analysis.picture import PictureReport
from model_images.evaluate.protocol import Absent, Measured, Value


def answer(report: PictureReport, number: float | None) -> Measured:
    """A number, `identical` when no frame differs, or why there is none.

    Args:
        number: None when no frame that was compared differs.
    """
    if report.unlike:
        return Measured(Absent(report.unlike))
    if not report.compared:
        return Measured(Absent("the masks' detector doesn't see the faces on any frame"))
    value = IDENTICAL if number is None else number
    return Measured(Value(value, report.compared, report.compared / report.frames))
