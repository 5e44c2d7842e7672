"""Does each line hold the names that the source line says?

Method: words with a capital within a sentence; a line holds one when it has a word that begins with
the same letter and is alike (difflib's ratio above 0.6, without accents: María and Mary,
Londres and London). Days and months of English are no names. Not applicable to lines without names;
absent for sources without capitals or with capital nouns, and for targets in another script. A name
that is translated altogether (Alemania, Germany) counts as lost: it is advice, not a verdict.
Source: Ratcliff and Metzener, "Pattern Matching: The Gestalt Approach" (Dr. Dobb's, 1988).
Version 1.
"""

from __future__ import annotations

from model_images.evaluate.analysis.names import holds, names, why_no_names
from model_images.evaluate.analysis.shares import Share, pooled
from model_images.evaluate.evidence import DubbedLine, Evidence
from model_images.evaluate.protocol import Absent, Measured

METHOD = "words with a capital, difflib ratio > 0.6"
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """Names of the source that the line holds, over all of them."""
    if why := why_no_names(evidence.source_language, evidence.target_language):
        return Measured(Absent(why))
    return pooled({line.id: _kept(line, evidence.source_language) for line in evidence.lines})


def _kept(line: DubbedLine, language: str) -> Share:
    said = names(line.segment.text, language)
    return Share(sum(holds(line.text, name) for name in said), len(said))
