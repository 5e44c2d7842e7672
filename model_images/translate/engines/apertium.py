"""Apertium, rule-based translation: all lines through one process.

Lines are paragraphs parted by empty lines. Apertium ends a sentence at each of them, so no line
depends on its neighbours, and editing one changes one.
"""

from __future__ import annotations

import re

from airdub.errors import EngineFailed, InvalidInput
from airdub.languages import base_language, iso639_2t
from model_images.common.programs import run_program
from model_images.translate.numbers import lost_numbers
from model_images.translate.protocol import Job

KEEPS_TERMS = True

_BATCH = 2_000
_BREAK = re.compile(r"\n[ \t]*\n+[ \t]*")
_MARKED = re.compile(r"(?<!\S)[*@#]+(\w+)")
_BEFORE = re.compile(r"\s+([.,;:!?»…)\]])")
_AFTER = re.compile(r"([¿¡«(\[])\s+")


def translate(job: Job) -> list[str]:
    """Translate by the installed language pair; `Translator.translate` says the rest."""
    pair = choose_pair(job.source_language, job.target_language, installed_pairs())
    texts = [text for text in job.texts if text.strip()]
    parts: list[str] = []
    for first in range(0, len(texts), _BATCH):
        parts += _batch(texts[first : first + _BATCH], pair)
    made = iter(parts)
    translated = [tidy(next(made), text) if text.strip() else "" for text in job.texts]
    for segment, source, target in zip(job.segments, job.texts, translated, strict=True):
        if lost := lost_numbers(source, target):
            job.warn(f"{segment.id}: {', '.join(lost)} is not in the translation {target[:80]!r}")
    return translated


def installed_pairs() -> list[str]:
    """Directions that Apertium lists: `eng-spa`, `gl-en`, ..."""
    answer = run_program(["apertium", "-l"], what="listing Apertium's language pairs")
    return answer.stdout.decode().split()


def choose_pair(source: str, target: str, installed: list[str]) -> str:
    """The installed direction for two languages; pairs are named by two or three letters.

    Raises:
        InvalidInput: none of the installed ones serves them.
    """
    for one in (iso639_2t(source), base_language(source)):
        for other in (iso639_2t(target), base_language(target)):
            if f"{one}-{other}" in installed:
                return f"{one}-{other}"
    raise InvalidInput(
        f"Apertium can't translate from {source!r} to {target!r}",
        where="source_language, target_language",
        remedy=f"installed are {', '.join(installed) or 'none'}: install the Debian package "
        f"apertium-{iso639_2t(source)}-{iso639_2t(target)} if there is one, or put a script of "
        "the target language beside the video",
    )


def _batch(texts: list[str], pair: str) -> list[str]:
    """One translation per text; where a text came out as several, halves are tried anew."""
    parts = _run(texts, pair)
    if len(parts) == len(texts):
        return parts
    if len(texts) == 1:
        raise EngineFailed(f"Apertium made {len(parts)} paragraphs of one: {texts[0][:80]!r}")
    half = len(texts) // 2
    return _batch(texts[:half], pair) + _batch(texts[half:], pair)


def _run(texts: list[str], pair: str) -> list[str]:
    answer = run_program(
        ["apertium", "-u", pair],
        what=f"translating with Apertium {pair}",
        input="\n\n".join(texts).encode(),
    )
    return _BREAK.split(answer.stdout.decode("utf-8", "replace").strip("\n"))


def tidy(text: str, source: str) -> str:
    """Apertium's output without the marks of words that it couldn't inflect, and stray spaces.

    Args:
        source: what was translated; a `#tag` that stands there stays.
    """
    own = {found[0] for found in _MARKED.finditer(source)}
    unmarked = _MARKED.sub(lambda found: found[0] if found[0] in own else found[1], text)
    return _AFTER.sub(r"\1", _BEFORE.sub(r"\1", unmarked)).strip()
