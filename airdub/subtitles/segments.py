"""A script's cues to the transcript's segments: voices told apart, time shared out. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from airdub.subtitles.cues import Utterance, utterances
from airdub.subtitles.script import Cue, Script, refusal
from airdub.subtitles.timecodes import split_span
from airdub.transcript import Segment
from airdub.units import ms_to_ticks

_OVERLAP = ms_to_ticks(200)
"""Cues of one voice may run into each other this far before a second voice is assumed."""


@dataclass(frozen=True)
class _Part:
    """An utterance with its time and the cue it comes from; an unnamed speaker is ""."""

    start: int
    end: int
    cue: Cue
    utterance: Utterance
    speaker: str


def to_segments(script: Script) -> tuple[Segment, ...]:
    """The script's utterances as segments `s0001`, `s0002`, ... in order of onset.

    A cue of several turns shares its time out by their length. Names become speakers (one spelling
    each); unnamed voices are `speaker_1`, and `speaker_2`, ... where they answer or overlap each
    other. Segments of one speaker never overlap: an earlier one ends where the next begins.

    Raises:
        InvalidInput: nothing in the script is said, sung or described, or a cue is too short for
            its turns.
    """
    parts = [part for cue in script.cues for part in _parts(cue, script)]
    if not parts:
        what = "its cues hold no words and no sounds"
        raise refusal(script.name, "", what, "give a script with at least one line of text")
    parts.sort(key=lambda part: (part.start, part.end))
    try:
        apart = _untangled(_with_speakers(_one_spelling(parts)))
    except ValueError as error:
        what = f"cues of one speaker share too little time: {error}"
        raise refusal(script.name, "", what, "give the cues times of their own") from error
    return tuple(
        Segment(
            id=f"s{number:04}",
            start=part.start,
            end=part.end,
            cue_start=part.cue.start,
            cue_end=part.cue.end,
            speaker=part.speaker,
            kind=part.utterance.kind,
            action=part.utterance.action,
            text=part.utterance.text,
        )
        for number, part in enumerate(apart, 1)
    )


def _parts(cue: Cue, script: Script) -> list[_Part]:
    found = utterances(cue.runs, script.language)
    try:
        spans = split_span(cue.start, cue.end, [utterance.weight for utterance in found])
    except ValueError as error:
        what = f"the cue is too short for its {len(found)} turns"
        raise refusal(script.name, cue.place, what, "give the cue more time") from error
    return [
        _Part(start, end, cue, utterance, utterance.speaker)
        for (start, end), utterance in zip(spans, found, strict=True)
    ]


def _one_spelling(parts: Iterable[_Part]) -> list[_Part]:
    """`ANA`, `Ana` and `ana` are one voice: the first spelling names it."""
    spelling: dict[str, str] = {}
    return [
        replace(part, speaker=spelling.setdefault(part.speaker.casefold(), part.speaker))
        for part in parts
    ]


def _with_speakers(parts: Sequence[_Part]) -> list[_Part]:
    """A name for each unnamed voice: the lowest number that isn't talking nor has just talked."""
    busy_until: dict[str, int] = defaultdict(int)
    answered: dict[int, str] = {}  # who spoke last within a cue
    named = []
    for part in parts:
        speaker, number = part.speaker, 0
        while not speaker:
            number += 1
            candidate = f"speaker_{number}"
            free = busy_until[candidate] <= part.start + _OVERLAP
            if free and answered.get(id(part.cue)) != candidate:
                speaker = candidate
        busy_until[speaker] = max(busy_until[speaker], part.end)
        answered[id(part.cue)] = speaker
        named.append(replace(part, speaker=speaker))
    return named


def _untangled(parts: Sequence[_Part]) -> list[_Part]:
    """The parts, none overlapping another of its speaker.

    An earlier part ends where the speaker's next begins; parts that begin within 200 ms of each
    other (two cues shown at once) take turns instead.
    """
    ordered = list(parts)
    by_speaker: dict[str, list[int]] = defaultdict(list)
    for index, part in enumerate(ordered):
        by_speaker[part.speaker].append(index)
    for indices in by_speaker.values():
        for one, other in pairwise(indices):
            earlier, later = ordered[one], ordered[other]
            if earlier.end <= later.start:
                continue
            if later.start - earlier.start > _OVERLAP:
                ordered[one] = replace(earlier, end=later.start)
                continue
            weights = [part.utterance.weight for part in (earlier, later)]
            end = max(earlier.end, later.end)
            first, second = split_span(earlier.start, end, weights)
            ordered[one] = replace(earlier, start=first[0], end=first[1])
            ordered[other] = replace(later, start=second[0], end=second[1])
    return sorted(ordered, key=lambda part: (part.start, part.end))
