"""Can a listener understand the lines? Word error rate of a recogniser on the dialogue stem.

Method: pocketsphinx with its American English model listens to each line's span; its words are
compared with the line's by Levenshtein distance over words (jiwer), after numbers in words became
digits (text2num) and contractions were expanded (jiwer) on both sides. Per line, and pooled over
all words of the title. English only: other languages are absent. Its floor is 0.06 on flite.
Source: Morris, Maier and Green, "From WER and RIL to MER and WIL" (Interspeech 2004).
Version 1.
"""

from __future__ import annotations

from model_images.evaluate.analysis import hearing
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Measured

METHOD = hearing.METHOD
VERSION = hearing.VERSION


def measure(evidence: Evidence) -> Measured:
    """Errors per word that should be heard; above 1 where more is heard than should be."""
    return hearing.measure_errors(evidence, evidence.path("dialogue_stem"))
