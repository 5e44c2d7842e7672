"""Languages: BCP-47 inside, ISO 639-2/T where containers want it."""

from __future__ import annotations

from functools import cache

from airdub.errors import InvalidInput


@cache
def parse_language(tag: str, *, field: str = "language") -> str:
    """The normalised BCP-47 tag: `EN-us` gives `en-US`.

    Args:
        field: the parameter's name, for the error.

    Raises:
        InvalidInput: the tag is malformed or names no living or historic language.
    """
    import langcodes
    from langcodes.tag_parser import LanguageTagError

    try:
        language = langcodes.Language.get(tag)
        known = language.is_valid() and language.language not in (None, "und", "zxx", "mul")
    except LanguageTagError:
        known = False
    if not known:
        raise InvalidInput(
            f"{tag!r} is not a language",
            where=field,
            remedy="use a BCP-47 tag such as en, es-419, pt-BR or ko",
        )
    return str(language.to_tag())


def language_base(tag: str) -> str:
    """The tag's primary language: `es-419` gives `es`. Raises as `parse_language` does."""
    return parse_language(tag).split("-", 1)[0]


def same_language(one: str, other: str) -> bool:
    """Whether two tags share their primary language."""
    return language_base(one) == language_base(other)


def iso639_2t(tag: str) -> str:
    """The three-letter terminological code that containers hold: `de` gives `deu`.

    Raises:
        InvalidInput: the tag is unknown, or its language has no three-letter code.
    """
    import langcodes

    return str(langcodes.Language.get(parse_language(tag)).to_alpha3())
