"""How close is the translation to somebody else's? chrF of each line against a reference.

Method: sacreBLEU's chrF2 (characters up to 6-grams, recall counts twice): per line, and over all
lines of the title. Absent without an independent reference; so is a line that it doesn't have.
Source: Popovic, "chrF: character n-gram F-score for automatic MT evaluation" (WMT 2015).
Version 1.
"""

from __future__ import annotations

import sacrebleu
from sacrebleu.metrics import CHRF

from model_images.evaluate.analysis.reference import NO_LINE, reference_texts
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured, Value

METHOD = (
    f"sacreBLEU chrF2 nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:{sacrebleu.__version__}"
)
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """0..100."""
    references = evidence.once(reference_texts)
    if isinstance(references, Absent):
        return Measured(references)
    chrf = CHRF()
    lines = [line for line in evidence.lines if references[line.id]]
    found: dict[str, Value | Absent] = dict.fromkeys(references, NO_LINE)
    for line in lines:
        found[line.id] = Value(chrf.sentence_score(line.text, [references[line.id]]).score)
    title = chrf.corpus_score(
        [line.text for line in lines], [[references[line.id] for line in lines]]
    )
    return Measured(Value(title.score), found)
