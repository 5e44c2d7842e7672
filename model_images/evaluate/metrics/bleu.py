"""How close is the translation to somebody else's? BLEU of all lines against a reference.

Method: sacreBLEU's corpus score, one sentence per line that the reference has too (cues are laid on
lines by time). Tokenizer 13a; zh for Chinese, characters for other languages without blanks.
Absent without an independent reference.
Source: Papineni et al., "BLEU" (ACL 2002); Post, "A Call for Clarity in Reporting BLEU Scores"
(WMT 2018).
Version 1.
"""

from __future__ import annotations

import sacrebleu
from sacrebleu.metrics import BLEU

from airdub.languages import base_language
from model_images.evaluate.analysis.reference import reference_texts
from model_images.evaluate.analysis.wording import UNSPACED
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured, Value

METHOD = (
    f"sacreBLEU nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:{sacrebleu.__version__} "
    "(tok:zh for Chinese, tok:char for other languages without blanks)"
)
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """0..100; coverage is the share of dialogue that the reference has lines for."""
    references = evidence.once(reference_texts)
    if isinstance(references, Absent):
        return Measured(references)
    lines = [line for line in evidence.lines if references[line.id]]
    bleu = BLEU(tokenize=tokenizer(evidence.target_language))
    score = bleu.corpus_score(
        [line.text for line in lines], [[references[line.id] for line in lines]]
    )
    return Measured(
        Value(score.score, len(lines), evidence.coverage(line.id for line in lines)),
    )


def tokenizer(language: str) -> str:
    """sacreBLEU's name of the tokenizer for a language (BCP-47)."""
    base = base_language(language)
    if base in ("zh", "yue"):
        return "zh"
    return "char" if base in UNSPACED else "13a"
