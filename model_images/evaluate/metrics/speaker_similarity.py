"""Likeness of each line's voice to its speaker's in the source, by speaker embeddings.

Method: none here. An embedding that was made to tell people apart (ECAPA-TDNN, WavLM-SV) needs
weights that no package of this environment carries, and a cosine of spectral averages would pass
for a likeness that it isn't.
Source: Desplanques et al., "ECAPA-TDNN" (Interspeech 2020); Chen et al., "WavLM" (JSTSP 2022).
Version 1.
"""

from __future__ import annotations

from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured

METHOD = "none"
VERSION = "1"

_REASON = (
    "no model of speakers' voices is installed: it needs an evaluate engine with the weights of a "
    "speaker embedding (ECAPA-TDNN or WavLM-SV, for instance)"
)


def measure(evidence: Evidence) -> Measured:
    """Absent, and why."""
    return Measured(Absent(_REASON))
