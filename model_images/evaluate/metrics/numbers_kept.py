"""Does each line hold the numbers that the source line says?

Method: numbers in digits, and in words where text2num knows the language (de, en, es, fr, it, nl,
pt), compared by value. In the source, words below 3 that stand alone are passed over: they are
articles and pronouns more often than numbers. Not applicable to lines without numbers; a line is
absent where numbers may be written in words that can't be read. What is converted (miles to
kilometres, 10:30 to half past ten) counts as lost.
Source: text2num (Allo-Media).
Version 1.
"""

from __future__ import annotations

from importlib.metadata import version

from airdub.languages import language_name
from model_images.evaluate.analysis.numerals import numbers, reads_words
from model_images.evaluate.analysis.shares import Share, pooled
from model_images.evaluate.evidence import DubbedLine, Evidence
from model_images.evaluate.protocol import Absent, Measured

METHOD = f"values of numbers, text2num {version('text2num')}"
VERSION = "1"


def measure(evidence: Evidence) -> Measured:
    """Numbers of the source that the line holds, over all of them."""
    return pooled({line.id: _kept(line, evidence) for line in evidence.lines})


def _kept(line: DubbedLine, evidence: Evidence) -> Share | Absent:
    source, target = evidence.source_language, evidence.target_language
    said = numbers(line.segment.text, source, small=False)
    if not said and not reads_words(source):
        return _unreadable(source)
    kept = (said & numbers(line.text, target, small=True)).total()
    if kept < said.total() and not reads_words(target):
        return _unreadable(target)
    return Share(kept, said.total())


def _unreadable(language: str) -> Absent:
    return Absent(f"numbers in words can't be read in {language_name(language)}")
