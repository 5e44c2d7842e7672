"""What a series keeps over its episodes, and what a title keeps of its last release."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator

from airdub.model import Document

_LONGEST = 200


def checked_phrase(text: str) -> str:
    """Some words on one line, in normal form C, without blanks around them.

    Raises:
        ValueError: there are none, too many, or characters that nobody can read.
    """
    plain = unicodedata.normalize("NFC", text).strip()
    if not plain or len(plain) > _LONGEST or not plain.isprintable():
        raise ValueError(f"{text[:40]!r} can't be used: write 1 to {_LONGEST} printable characters")
    return plain


Phrase = Annotated[str, AfterValidator(checked_phrase)]


class Series(Document):
    """A series.

    Attributes:
        titles: how many of the library's titles are its episodes.
    """

    series_id: str
    name: str
    titles: int = 0


class Character(Document):
    """Somebody who speaks in a series.

    Attributes:
        character_id: his name in lower case: `airdub.continuity.characters.character_id`.
    """

    character_id: str
    name: str


class CharacterLabel(Document):
    """Another name by which scripts call a character.

    Attributes:
        title_id: the one episode in which it does; "" all of the series.
        label: in lower case.
    """

    title_id: str = ""
    label: str
    character_id: str


class CharacterVoice(Document):
    """The voice that a character keeps.

    Attributes:
        language: BCP-47, of the dub.
        engine: of synthesize; each has voices of its own.
        title_id: the first published episode with him; "" when a person chose the voice.
        who: that person.
    """

    series_id: str
    language: str
    engine: str
    character_id: str
    voice: str
    title_id: str = ""
    who: str = ""
    noted_at: str = ""


class EpisodeVoice(Document):
    """The voice that a character has in an episode's current release."""

    series_id: str
    language: str
    title_id: str
    character_id: str
    engine: str
    voice: str
    run_id: str
    noted_at: str = ""


class GlossaryTerm(Document):
    """A term of a series.

    Attributes:
        source_language, language: BCP-47; one without a region serves all of its regions.
        source: the term as it is said.
        target: its translation; the source itself where it must not be translated.
        match_case: only this spelling is the term.
    """

    source_language: str
    language: str
    source: Phrase
    target: Phrase
    match_case: bool = False


class ApprovedLine(Document):
    """A line that was published.

    Attributes:
        source: what was said in the video.
        target: what the dub says instead.
        method: how it was written (`airdub.transcript.Line.method`).
    """

    source: str
    target: str
    method: str = ""


class ApprovedLines(Document):
    """An input of translate: the lines of a release, in their order.

    Nothing in it tells which release they are of: the same lines are the same input.
    """

    source_language: str
    target_language: str
    lines: tuple[ApprovedLine, ...]
