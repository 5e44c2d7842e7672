"""Lines of the current release that a changed source still has: they keep their words. Pure.

Only a line whose source text is the same may keep its translation: a word more can turn its sense
around. Which of several equal lines is which is told by their neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from airdub.continuity.documents import ApprovedLine, ApprovedLines
from airdub.glossary import Term
from airdub.transcript import Segment
from model_images.translate.cleaning import fold
from model_images.translate.glossary import unmet
from model_images.translate.repairs import Wording

_SIGNS = str.maketrans(dict.fromkeys("‘’ʼ‛", "'") | dict.fromkeys("‐‑‒–—―−", "-") | {"…": "..."})
_QUOTES = re.compile(r"[\"«»“”„‟‹›]|(?<!\w)'|'(?!\w)")
_TURN = re.compile(r"^(?:- )+")
_ENDS = " .,;:"


def approved_wordings(
    approved: ApprovedLines, segments: Sequence[Segment], glossary: Sequence[Term]
) -> dict[str, Wording]:
    """What is kept, by segment id; lines that break a term of the glossary aren't.

    Args:
        segments: of the changed source, in order of onset.
    """
    old = [normal(line.source) for line in approved.lines]
    new = [normal(segment.text) for segment in segments]
    kept = {}
    for block in SequenceMatcher(None, old, new).get_matching_blocks():
        for step in range(block.size):
            line, segment = approved.lines[block.a + step], segments[block.b + step]
            if _may_stay(line, new[block.b + step], segment, glossary):
                kept[segment.id] = Wording(line.target, line.method)
    return kept


def normal(text: str) -> str:
    """A source text without what no translation depends on.

    That is: quotation marks, kinds of apostrophes and dashes, blanks, a dash before a turn, and a
    mark at the end that neither asks nor exclaims. `we're`, `5` and `Mark` stay other than `were`,
    `-5` and `mark`.
    """
    plain = " ".join(_QUOTES.sub("", fold(text).translate(_SIGNS)).split())
    return _TURN.sub("", plain).rstrip(_ENDS)


def _may_stay(line: ApprovedLine, said: str, segment: Segment, glossary: Sequence[Term]) -> bool:
    return bool(said and line.target) and not unmet(segment.text, line.target, glossary)
