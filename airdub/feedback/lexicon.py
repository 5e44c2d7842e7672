"""Tagging comments by word lists: one YAML file per language in `lexicons/`.

A clause complains of something when it names a fault of it ("robotic"), or when it speaks of it
("voice") with a bad word, or with a good one that is denied ("isn't good"). A fault or a bad word
that is denied ("not robotic", "no noise") is none. Words end in `*` where any ending will do.
It is a counter of words: it knows no irony.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from airdub.errors import EngineFailed
from airdub.feedback.documents import Tag
from airdub.languages import base_language
from airdub.model import Document

_FOLDER = Path(__file__).with_name("lexicons")
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu)'(?=\w\w)")
"""French articles and pronouns before a vowel: `l'actrice`."""

_CLAUSE = re.compile(r"[.!?;:,…()\n]+")


class Topic(Document):
    """A tag's words: `about` what it is, `faults` that need no other word."""

    about: tuple[str, ...]
    faults: tuple[str, ...]


class Lexicon(Document):
    """The words of a language.

    Attributes:
        version: raised when the words change.
        turns: words at which another clause begins (`but`).
    """

    version: int
    turns: tuple[str, ...]
    denials: tuple[str, ...]
    good: tuple[str, ...]
    bad: tuple[str, ...]
    topics: dict[Tag, Topic]


class Tagger:
    """A lexicon at work.

    Args:
        language: BCP-47 base of the lexicon.
    """

    def __init__(self, language: str, lexicon: Lexicon) -> None:
        self.name = f"lexicon-{language}-{lexicon.version}"
        self._turn = _pattern(lexicon.turns)
        denial = _pattern(lexicon.denials).pattern
        self._spares = re.compile(rf"{denial}(?: \S+){{0,2}} ?$")  # not at all robotic
        self._spoils = re.compile(rf"{denial}(?: \S+)? ?$")  # not very good
        self._good, self._bad = _pattern(lexicon.good), _pattern(lexicon.bad)
        self._topics = {
            tag: (_pattern(topic.about), _pattern(topic.faults))
            for tag, topic in lexicon.topics.items()
        }

    def tags(self, text: str) -> frozenset[Tag]:
        """What a text complains of; empty when it praises, or speaks of other things."""
        return frozenset(tag for clause in self._clauses(text) for tag in self._of(clause))

    def _clauses(self, text: str) -> Iterable[str]:
        for part in _CLAUSE.split(_plain(text)):
            yield from self._turn.split(" ".join(_WORD.findall(part)))

    def _of(self, clause: str) -> Iterable[Tag]:
        spoilt = any(self._spoils.search(before) for before in _before(self._good, clause))
        is_bad = spoilt or self._says(self._bad, clause)
        for tag, (about, faults) in self._topics.items():
            if self._says(faults, clause) or (is_bad and about.search(clause)):
                yield tag

    def _says(self, words: re.Pattern[str], clause: str) -> bool:
        """Whether one of the words stands there and isn't denied."""
        return any(not self._spares.search(before) for before in _before(words, clause))


def tag_comment(text: str, language: str) -> tuple[frozenset[Tag], str]:
    """What a comment complains of, and which lexicon says so; "" when there is none for it.

    Args:
        language: of the text, BCP-47.
    """
    tagger = _tagger(base_language(language))
    return (tagger.tags(text), tagger.name) if tagger else (frozenset(), "")


def lexicon_languages() -> tuple[str, ...]:
    """Languages that have a lexicon."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.yaml")))


@cache
def _tagger(language: str) -> Tagger | None:
    import yaml

    if language not in lexicon_languages():
        return None
    content = yaml.safe_load((_FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    lexicon = Lexicon.model_validate(content)
    if set(lexicon.topics) != set(Tag):
        raise EngineFailed("the lexicon hasn't every tag", where=f"{language}.yaml")
    return Tagger(language, lexicon)


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Any of the words or phrases, whole; longer ones first."""
    found = sorted({_plain(word) for word in words}, key=lambda word: (-len(word), word))
    any_of = "|".join(re.escape(word).replace(r"\*", r"\S*") for word in found)
    return re.compile(rf"(?<!\S)(?:{any_of})(?!\S)")


def _before(words: re.Pattern[str], clause: str) -> Iterable[str]:
    """What stands before each of the words that are found."""
    return (clause[: match.start()] for match in words.finditer(clause))


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return _ELISION.sub("", folded)
