"""Was the line translated, or copied from the source?

Method: words of the line that difflib matches to words of the source line, in the same order, over
the line's words. Names, numbers, case and punctuation don't count. Not applicable to lines of fewer
than three such words: `No.` is Spanish and English. Related languages share words without any
copying: their gates want bounds of their own.
Source: Ratcliff and Metzener, "Pattern Matching: The Gestalt Approach" (Dr. Dobb's, 1988).
Version 1.
"""

from __future__ import annotations

from difflib import SequenceMatcher

from airdub.languages import same_language
from model_images.evaluate.analysis.names import names
from model_images.evaluate.analysis.shares import Share, pooled
from model_images.evaluate.analysis.wording import tokens
from model_images.evaluate.evidence import DubbedLine, Evidence
from model_images.evaluate.protocol import Absent, Measured

METHOD = "matching words in order, difflib"
VERSION = "1"

_FEWEST = 3


def measure(evidence: Evidence) -> Measured:
    """Words of the line that stand in the source line in the same order, over its words."""
    source = evidence.source_language
    if same_language(source, evidence.target_language):
        return Measured(Absent("source and target are the same language"))
    return pooled({line.id: _copied(line, source) for line in evidence.lines})


def _copied(line: DubbedLine, language: str) -> Share | Absent:
    """Both texts are read as the source's language: that is what a copied word is in."""
    if not line.text:
        return Absent("the line has no words")
    said = line.segment.text
    named = {word for name in names(said, language) for word in tokens(name, language)}
    words = [
        word
        for word in tokens(line.text, language)
        if word not in named and not any(char.isdigit() for char in word)
    ]
    if len(words) < _FEWEST:
        return Share(0, 0)
    matcher = SequenceMatcher(None, tokens(said, language), words, autojunk=False)
    return Share(sum(block.size for block in matcher.get_matching_blocks()), len(words))
