"""Is the picture outside of mouths the source's?

Method: peak signal-to-noise ratio over all samples of Y, Cb and Cr, frame by frame at equal times,
outside of mouths that Viola-Jones cascades find in the source (lip-sync is driven by another
detector), at most a quarter of the picture. Of the frames that differ in a minute the hundredth
part is worse than the value; the worst minute counts.
Source: as FFmpeg's `psnr_avg`; masks: Viola and Jones 2001, OpenCV's `frontalface_alt2`.
Version 1.
"""

from __future__ import annotations

from model_images.evaluate.analysis.outside_mouths import answer
from model_images.evaluate.analysis.picture import compare_pictures
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Measured

METHOD = "PSNR of Y'CbCr outside Viola-Jones mouth masks, first percentile of the worst minute"
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """dB, or `identical`."""
    report = evidence.once(compare_pictures)
    return answer(report, report.psnr_db)
