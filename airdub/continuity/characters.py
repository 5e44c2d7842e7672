"""Which character of a series a speaker is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from airdub.consents import checked_name

_UNNAMED = re.compile(r"speaker_\d+")


def character_id(name: str) -> str:
    """What a character is known by: his name in lower case, so that `ANNA` and `Anna` are one.

    Raises:
        ValueError: it is no name.
    """
    return " ".join(checked_name(name).casefold().split())


def characters_of(speakers: Iterable[str], labels: Mapping[str, str]) -> dict[str, str]:
    """Character id by speaker of a title.

    A voice that nobody named (`speaker_1`) may be anybody: it is left out unless `labels` has it.
    So is a name that can't be one.

    Args:
        labels: character id by another name, in lower case, for this title.
    """
    found = {}
    for speaker in sorted(set(speakers)):
        try:
            own = character_id(speaker)
        except ValueError:
            continue
        if own in labels or not _UNNAMED.fullmatch(own):
            found[speaker] = labels.get(own, own)
    return found
