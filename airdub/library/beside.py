"""What lies beside a video, by how it is named: the one home of these rules.

Beside `NAME.mp4` are taken: a script `NAME.<source language>.srt` or `NAME.srt` (also .vtt,
.ttml), a target script `NAME.<target language>.srt`, a reference translation
`NAME.<target language>.reference.srt`, stems `NAME.me.wav` (music and effects) and
`NAME.dialogue.wav`, and a glossary `NAME.glossary.csv`. What follows `NAME` is the file's ending;
endings are compared in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from airdub.languages import base_language

SCRIPT_SUFFIXES = (".srt", ".vtt", ".ttml")

_ENDING = re.compile(
    r"(\.[a-z]{2,3}(-[a-z0-9]{1,8})*(\.reference)?)?\.(srt|vtt|ttml)"
    r"|\.me\.wav|\.dialogue\.wav|\.glossary\.csv"
)


def is_ending(ending: str) -> bool:
    """Whether a file of that ending may be taken, whatever the languages."""
    return _ENDING.fullmatch(ending.casefold()) is not None


def endings_of(name: str) -> Iterator[tuple[str, str]]:
    """(name of a video without its suffix, ending) for all that a file may lie beside.

    `film.es.srt` lies beside `film.mp4` by `.es.srt`, and beside `film.es.mp4` by `.srt`.
    """
    for place, sign in enumerate(name):
        ending = name[place:].casefold()
        if sign == "." and is_ending(ending):
            yield name[:place], ending


def chosen_endings(
    endings: Container[str], source_language: str, target_language: str
) -> dict[str, str]:
    """Ending by input name of the stages, for what is taken into a dub between two languages.

    Args:
        endings: of the files that are there, in lower case.
    """
    source, target = _tags(source_language), _tags(target_language)
    wanted = {
        "script": _script_endings([*source, ""]),
        "target_script": _script_endings(target),
        "reference": _script_endings([f"{tag}.reference" for tag in target]),
        "background_stem": [".me.wav"],
        "dialogue_stem": [".dialogue.wav"],
        "glossary": [".glossary.csv"],
    }
    found = {name: _first(names, endings) for name, names in wanted.items()}
    return {name: ending for name, ending in found.items() if ending}


def present_inputs(endings: str, source_language: str, target_language: str) -> frozenset[str]:
    """Names of the inputs that `airdub.orders.find_files` finds of a title, the source among them.

    Args:
        endings: as in `Title.beside`: `.es.srt .me.wav`.
    """
    chosen = chosen_endings(endings.split(), source_language, target_language)
    return frozenset({"source", *chosen})


def _tags(language: str) -> list[str]:
    return list(dict.fromkeys([language, base_language(language)]))


def _script_endings(tags: list[str]) -> list[str]:
    return [f".{tag}{suffix}" if tag else suffix for tag in tags for suffix in SCRIPT_SUFFIXES]


def _first(wanted: list[str], endings: Container[str]) -> str:
    return next((name for name in map(str.casefold, wanted) if name in endings), "")
