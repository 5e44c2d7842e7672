"""Which shape a mouth takes for a phoneme: tables over espeak-ng's IPA, one per language."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

_TABLES = Path(__file__).with_name("visemes")
_DEFAULT = "ipa"


class Shape(NamedTuple):
    """A mouth: `opening` 0 (shut) to 1, `width` 0 (pursed) to 1 (spread)."""

    opening: float
    width: float

    @property
    def shut(self) -> bool:
        """Whether the lips touch."""
        return self.opening == 0.0


REST = Shape(0.05, 0.5)
"""The mouth of somebody who is silent."""

UNKNOWN = Shape(0.27, 0.5)
"""A sound that no table knows: some consonant."""

Table = Mapping[str, Shape | None]


@cache
def table_for(language: str) -> Table:
    """Shapes by symbol for a BCP-47 language; None keeps the shape of the next sound.

    A language without a table of its own has the one of IPA.
    """
    table = _read(_DEFAULT)
    own = language.partition("-")[0].lower()
    if own != _DEFAULT and (_TABLES / f"{own}.yaml").is_file():
        table |= _read(own)
    return table


def shapes_of(symbol: str, table: Table) -> list[Shape | None]:
    """The shapes of a phoneme one after the other; a pause has `REST`.

    Stress, length, tone and diacritics don't change a shape; a symbol of several letters has the
    longest keys that it is made of, from left to right.
    """
    if symbol.startswith("_") or symbol in ("", "pau", "sil"):
        return [REST]
    letters = _letters(symbol)
    if not letters:
        return [None]
    shapes: list[Shape | None] = []
    while letters:
        length = next((n for n in (3, 2, 1) if letters[:n] in table), 0)
        shapes.append(table[letters[:length]] if length else UNKNOWN)
        letters = letters[max(1, length) :]
    return shapes


def _letters(symbol: str) -> str:
    """A phoneme without what doesn't move the lips."""
    if symbol.startswith("("):  # espeak-ng's mark of a change of language
        return ""
    whole = unicodedata.normalize("NFC", symbol)  # keeps ç a letter of its own
    return "".join(
        letter if letter == "ç" else unicodedata.normalize("NFD", letter)[0]
        for letter in whole
        if unicodedata.category(letter) in ("Ll", "Lo", "Lu")
    )


def _read(name: str) -> dict[str, Shape | None]:
    content = yaml.safe_load((_TABLES / f"{name}.yaml").read_text(encoding="utf-8"))
    return {
        symbol: None if values is None else Shape(*map(float, values))
        for symbol, values in content["shapes"].items()
    }
