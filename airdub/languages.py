"""BCP-47 language tags: checked, normalised, compared, and turned into what containers want.

All knowledge of languages is langcodes' and language-data's (the IANA registry and CLDR).
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import Any

from airdub.errors import InvalidInput

_NOT_A_LANGUAGE = {"und", "mul", "zxx", "mis"}


def parse_language(tag: str, *, where: str = "language") -> str:
    """The normalised tag of a language: `ES-419` -> `es-419`, `spa` -> `es`, `cmn` -> `zh`.

    Args:
        tag: a BCP-47 tag, in any case, with `-` or `_`.
        where: the field that it came from, for the message.

    Raises:
        InvalidInput: it is no tag, or a tag of no known language.
    """
    from langcodes import Language, standardize_tag, tag_is_valid
    from langcodes.tag_parser import LanguageTagError

    try:
        normal = standardize_tag(tag, macro=True)
    except LanguageTagError as error:
        raise _refusal(tag, where) from error
    parts = Language.get(normal)
    code = parts.language or "und"
    private = "qaa" <= code <= "qtz" and len(code) == 3
    if not tag_is_valid(normal) or parts.extlangs or private or code in _NOT_A_LANGUAGE:
        raise _refusal(tag, where)
    return normal


def iso639_2t(tag: str) -> str:
    """The three letters that MP4 and Matroska want (ISO 639-2/T): `es-419` -> `spa`.

    A language outside ISO 639-2 keeps its ISO 639-3 code (`yue`).

    Raises:
        InvalidInput: see `parse_language`.
    """
    return str(_language(tag).to_alpha3(variant="T"))


def base_language(tag: str) -> str:
    """The language alone, without region or script: `zh-Hant-TW` -> `zh`.

    Raises:
        InvalidInput: see `parse_language`.
    """
    return str(_language(tag).language)


def same_language(one: str, other: str) -> bool:
    """Whether two tags name the same language, whatever their regions and scripts.

    Raises:
        InvalidInput: see `parse_language`.
    """
    return base_language(one) == base_language(other)


def script_of(tag: str) -> str:
    """The likely writing system in ISO 15924: `ja` -> `Jpan`, `zh-TW` -> `Hant`, `sr` -> `Cyrl`.

    Raises:
        InvalidInput: see `parse_language`.
    """
    return str(_language(tag).maximize().script)


def language_name(tag: str) -> str:
    """What English calls the language, for messages: `es-419` -> `Spanish`.

    Raises:
        InvalidInput: see `parse_language`.
    """
    return str(_language(base_language(tag)).display_name())


@lru_cache(maxsize=64)
def _language(tag: str) -> Any:
    """The tag as `langcodes.Language` (untyped here: that module loads in functions only)."""
    from langcodes import Language

    return Language.get(parse_language(tag))


def _refusal(tag: str, where: str) -> InvalidInput:
    """The error for a bad tag; its remedy gives the tag when a language's name was written."""
    from langcodes import find

    remedy = "use a BCP-47 tag such as 'es', 'es-419' or 'zh-Hant'"
    if 3 < len(tag) <= 40:
        with suppress(LookupError):
            remedy = f"write '{find(tag).to_tag()}' for {tag}"
    shown = tag if len(tag) <= 40 else tag[:40] + "..."
    return InvalidInput(f"{shown!r} is no known language", where=where, remedy=remedy)
