"""How natural does the dub sound? A predicted mean opinion score that can reach 4.3, or none.

Method: none yet. DNSMOS can't exceed 3.93 (see `dnsmos`); predictors that can (UTMOS,
NISQA-TTS) need PyTorch and weights of their own, which no engine of this stage brings. Nothing
stands in for them: whoever holds a dub to a MOS of 4.3 needs an evaluate engine with one of them,
or people who listen.
Source: Saeki et al., "UTMOS" (Interspeech 2022); Mittag and Moeller, "Deep Learning Based
Assessment of Synthetic Speech Naturalness" (Interspeech 2020).
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
            "no predictor of naturalness that reaches 4.3 is there: an evaluate engine with UTMOS "
            "or NISQA-TTS, PyTorch and their weights would be one; or let people listen"
        )
    )
