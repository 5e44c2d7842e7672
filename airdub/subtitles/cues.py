"""Cue text to utterances: turns, speakers, sound descriptions and songs told apart. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from airdub.languages import base_language
from airdub.subtitles.labels import begins_with_label, kind_of_speech, split_label
from airdub.subtitles.script import Run
from airdub.subtitles.sounds import described_kind
from airdub.transcript import Action, Kind

_SIGNS = "♩♪♫♬"
_SIGN = re.compile(f"[{_SIGNS}]+[~～〜]?")
_PAIR = re.compile(f"[{_SIGNS}][^{_SIGNS}]*[{_SIGNS}]")
_HASHED = re.compile(r"#\s.*\S|#.*\s#", re.DOTALL)
_BRACKETS = re.compile(
    r"\[[^\[\]]*\]|\([^()]*\)|（[^（）]*）|［[^［］]*］|【[^【】]*】|〔[^〔〕]*〕"
)
_UNCLOSED = re.compile(r"\s*[\[(（［【〔][^\n]*")  # closed in a later cue, if ever
_LEADING_DASH = re.compile(r"[-‐‑–—―]+\s+")
_BLANK_BEFORE_MARK = re.compile(r"\s+([,.])(?![.\w])")  # left where a description stood
# A dash of dialogue is followed by a blank or by speech, not by a digit (`-5 degrees`).
_DASH = re.compile(r"[-‐‑–—―−]{1,2}(?:\s+|(?=[^\W\d]|[¿¡\"'“‘«\[(（♩♪♫♬]))")
_INLINE_TURN = re.compile(r"(?<=[.!?…\"”»♪)\]])\s+(?=[-–—]\s?[^\W\d¿¡])|\s+/\s+(?=[-–—]\s*\S)")
_SENTENCE_END = re.compile(r"[.!?…。！？\"”»)\]♪]$")
_NO_BLANKS = ("zh", "ja", "yue", "th", "lo", "km", "my")


@dataclass(frozen=True)
class Utterance:
    """What one voice does within a cue.

    Attributes:
        text: what is said or sung; "" for a sound.
        speaker: the script's name for the voice, or "".
        weight: share of the cue's time: characters, descriptions included.
    """

    kind: Kind
    action: Action
    text: str
    speaker: str
    weight: int


def utterances(runs: Iterable[Run], language: str) -> tuple[Utterance, ...]:
    """The utterances of a cue, in order; neighbours are of different speakers.

    * `- A` / `- B` are two turns, as are lines that begin with different labels.
    * `NAME:` is the speaker and is not said; WebVTT's and TTML's voices count likewise.
    * `[...]`, `(...)` and their wide kin are never said; alone they are a sound or a caption that
      is kept (`sounds.described_kind`).
    * `♪ ... ♪` and `# ... #` are a song: the singing stays, its words are subtitled.

    Args:
        runs: the cue's text, markup gone.
        language: BCP-47; it decides whether lines are joined by a blank.
    """
    turns = [(turn, run.voice) for run in runs for turn in _turns(run.text)]
    glue = "" if base_language(language) in _NO_BLANKS else " "
    found = (_utterance(turn, voice, glue) for turn, voice in turns)
    return tuple(utterance for utterance in found if utterance)


def _turns(text: str) -> Iterator[str]:
    """Text parted where another speaker begins: at a dash or a label at the start of a line."""
    lines = [part for line in text.split("\n") for part in _inline_turns(line)]
    dashed = [bool(_DASH.match(line)) for line in lines]
    turn: list[str] = []
    for line, dash in zip(lines, dashed, strict=True):
        # Some houses mark the second speaker only: the line before then ends its sentence.
        answers = dash and (dashed[0] or not turn or bool(_SENTENCE_END.search(turn[-1])))
        bare = _DASH.sub("", line, count=1) if dash else line
        if turn and (answers or begins_with_label(bare)):
            yield "\n".join(turn)
            turn = []
        turn.append(bare)
    yield "\n".join(turn)


def _inline_turns(line: str) -> list[str]:
    """`- Hola. - Adiós.` and `- Hola / - Adiós` on one line."""
    return _INLINE_TURN.split(line) if _DASH.match(line) else [line]


def _utterance(turn: str, voice: str, glue: str) -> Utterance | None:
    name, speech = split_label(turn)
    made = Utterance(
        kind=kind_of_speech(name or voice),
        action=Action.DUB,
        text="",
        speaker=name or voice,
        weight=sum(not char.isspace() for char in turn),
    )
    lyrics = _lyrics(speech)
    if lyrics is not None:
        text = _joined(lyrics, glue)
        action = Action.SUBTITLE if text else Action.KEEP
        return replace(made, kind=Kind.SONG, action=action, text=text)
    spoken = _joined(_without_songs(_without_descriptions(speech)), glue)
    if any(char.isalnum() for char in spoken):
        return replace(made, text=spoken)
    return _described(made, speech, glue)


def _described(made: Utterance, speech: str, glue: str) -> Utterance | None:
    """The utterance of a turn in which nothing is said; None when there is nothing at all."""
    descriptions = _BRACKETS.findall(speech) or _UNCLOSED.findall(speech)
    inner = _joined(" ".join(found.strip("[]()（）［］【】〔〕 ") for found in descriptions), glue)
    if not inner:
        return None
    kind = described_kind(inner)
    text = inner if kind is Kind.ON_SCREEN_TEXT else ""
    return replace(made, kind=kind, action=Action.KEEP, text=text)


def _without_descriptions(text: str) -> str:
    while (shorter := _BRACKETS.sub(" ", text)) != text:
        text = shorter
    unclosed = _UNCLOSED.match(text)
    return text[unclosed.end() :] if unclosed else text


def _lyrics(text: str) -> str | None:
    """The words of a song ("" when only notes are shown); None when there is speech."""
    bare = _without_descriptions(text).strip()
    if _HASHED.fullmatch(bare):
        return bare.strip("# \n")
    if not _SIGN.search(bare):
        return None
    sung = _is_sung(bare) or all(_is_sung(line.strip()) for line in bare.split("\n"))
    return _SIGN.sub("", bare) if sung else None


def _is_sung(text: str) -> bool:
    """Whether all of it is between notes, or it has a note at one end that pairs with none."""
    if not any(char.isalnum() for char in _SIGN.sub("", _PAIR.sub("", text))):
        return True
    at_an_end = text[0] in _SIGNS or text[-1] in _SIGNS
    return at_an_end and len(_SIGN.findall(text)) % 2 == 1


def _without_songs(text: str) -> str:
    """Speech without the sung lines and the parts between notes."""
    lines = _PAIR.sub("", text).split("\n")
    return _SIGN.sub("", "\n".join(line for line in lines if not _is_sung(line.strip())))


def _joined(text: str, glue: str) -> str:
    """Lines joined to one with single blanks; `glue` goes between lines."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    joined = _BLANK_BEFORE_MARK.sub(r"\1", glue.join(line for line in lines if line))
    return _LEADING_DASH.sub("", joined, count=1) if _LEADING_DASH.match(joined) else joined
