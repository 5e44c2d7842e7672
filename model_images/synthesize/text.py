"""Target lines as words to be spoken: hostile or decorative characters never reach an engine."""

from __future__ import annotations

import unicodedata

from airdub.errors import InvalidInput

_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"  # Persian and Indic spelling
_KEPT_SYMBOLS = "°©®"
_CONTROLS = {"Cc", "Zl", "Zp", "Zs"}
_INVISIBLE = {"Cf", "Cs", "Co", "Cn"}
_PICTURES = {"So", "Sk"}


def speakable(text: str) -> str:
    """A line without controls, pictographs and invisible characters, on one line, in NFC.

    Empty when there is no letter or digit in it. Markup is left as it is: engines read it
    literally.
    """
    letters = "".join(_spoken(character) for character in unicodedata.normalize("NFC", text))
    line = " ".join(letters.split())
    return line if any(character.isalnum() for character in line) else ""


def _spoken(character: str) -> str:
    category = unicodedata.category(character)
    if category in _CONTROLS:
        return " "
    if character in _JOINERS or character in _KEPT_SYMBOLS:
        return character
    if category in _INVISIBLE or "\ufe00" <= character <= "\ufe0f":
        return ""
    return " " if category in _PICTURES else character


def checked_length(text: str, longest: int, where: str) -> str:
    """The line itself, if it isn't absurdly long.

    Raises:
        InvalidInput: it has more than `longest` characters.
    """
    if len(text) > longest:
        raise InvalidInput(
            f"the line has {len(text)} characters, more than {longest}",
            where=where,
            remedy="split it into several cues of the script",
        )
    return text
