"""What every translation engine offers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from airdub.glossary import Term
from airdub.transcript import Segment


@dataclass(frozen=True)
class Job:
    """What is to be translated.

    Attributes:
        segments: in order of onset; each has text.
        texts: what to translate of each, its glossary terms replaced by stand-ins.
        terms: those of each text, by the numbers of their stand-ins.
        source_language, target_language: BCP-47.
        duration: of the title, ticks.
        target_script: script in the target language, where one lies beside the video.
        warn: told what the person who asked for the dub should know.
        progress: told (done, total, unit) by engines that take long.
    """

    segments: Sequence[Segment]
    texts: Sequence[str]
    terms: Sequence[tuple[Term, ...]]
    source_language: str
    target_language: str
    duration: int
    target_script: Path | None
    warn: Callable[[str], None]
    progress: Callable[[int, int, str], None]


class Translator(Protocol):
    """A module under `engines/`."""

    KEEPS_TERMS: bool
    """Whether stand-ins for glossary terms come back; if not, terms can only be checked."""

    def translate(self, job: Job) -> list[str]:
        """One target text per segment, in order; "" where there is none.

        Raises:
            InvalidInput: the languages, or the script, can't be used.
            DependencyUnavailable: a program is missing.
        """
        ...
