"""Does the picture outside of mouths look like the source's?

Method: structural similarity of Y in windows of 7 x 7, on pictures of about 256 pixels on the short
side; frames, masks and percentile as for `psnr`.
Source: Wang et al. 2004 (doi:10.1109/TIP.2003.819861), unbiased as in scikit-image.
Version 1.
"""

from __future__ import annotations

from model_images.evaluate.analysis.outside_mouths import answer
from model_images.evaluate.analysis.picture import compare_pictures
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Measured

METHOD = "SSIM of Y outside Viola-Jones mouth masks, first percentile of the worst minute"
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """Index up to 1, or `identical`."""
    report = evidence.once(compare_pictures)
    return answer(report, report.ssim)
