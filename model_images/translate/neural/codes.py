"""How a model calls a language: BCP-47 to the codes that its tokenizer has. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from langcodes import Language, closest_match, standardize_tag
from langcodes.data_dicts import MACROLANGUAGES
from langcodes.tag_parser import LanguageTagError

from airdub.errors import InvalidInput
from airdub.languages import language_name, parse_language

_FARTHEST = 4
"""Of langcodes: `no` and `nb`, not another script."""


def model_code(language: str, codes: Iterable[str], *, where: str) -> str:
    """The model's code for a language: `es-419` is `spa_Latn` or `es`, `zh-TW` is `zho_Hant`.

    Args:
        language: BCP-47.
        codes: those that the model's tokenizer has: ISO 639-1 or 639-3, with the script or without.
        where: the field that the language came from.

    Raises:
        InvalidInput: the model doesn't speak it, or not in that script.
    """
    known = tags_of(codes)
    full = parse_language(language, where=where)
    parts = Language.get(full).maximize()
    for wanted in (full, f"{parts.language}-{parts.script}"):
        tag, _ = closest_match(wanted, list(known), _FARTHEST)
        if tag in known:
            return known[tag]
    raise InvalidInput(
        f"the model has no {language_name(language)} ({language})",
        where=where,
        remedy=f"its languages are {', '.join(sorted(known))}; or choose another engine",
    )


def tags_of(codes: Iterable[str]) -> Mapping[str, str]:
    """The model's codes by the BCP-47 tags that they stand for; what is no tag is left out.

    A language that the model has in one script needs none to be named, and a macrolanguage means
    the one of its languages that the model has (`pbt` is `ps`, `quy` is `qu`).
    """
    found = {code: Language.get(tag) for code in codes if (tag := _tag(code))}
    scripts = Counter(parts.language for parts in found.values())
    known: dict[str, str] = {}
    for code, parts in found.items():
        alone = scripts[parts.language] < 2 and _is_usual(parts)
        known.setdefault(parts.language if alone else parts.to_tag(), code)
    for code, parts in found.items():
        macro = MACROLANGUAGES.get(parts.language, "")
        if macro and macro not in scripts and len(parts.language) > 2:
            known.setdefault(Language.make(language=macro, script=parts.script).to_tag(), code)
    return known


def _tag(code: str) -> str:
    try:
        tag = standardize_tag(code, macro=True)
    except LanguageTagError:
        return ""
    return tag if Language.get(tag).is_valid() else ""


def _is_usual(parts: Language) -> bool:
    """Whether a language is written so where nothing is said of it, `Hang` being half of `Kore`."""
    usual = Language.get(parts.language).maximize().script
    return parts.script in (None, usual) or {parts.script, usual} == {"Hang", "Kore"}
