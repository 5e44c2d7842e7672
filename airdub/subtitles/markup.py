"""Cue text without its markup: SubRip's and WebVTT's tags, ASS overrides, entities. Pure."""

from __future__ import annotations

import html
import re
import unicodedata

from airdub.subtitles.script import Run

_READING_AID = re.compile(r"<(rt|rp)\b[^<>]*>[^<>]*(?:</\1>)?", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<[bB][rR]\s*/?>|\\N")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<\d[\d:.]*>")
_OVERRIDE = re.compile(r"\{\\[^{}]*\}|\{/?[a-zA-Z](?::[^{}]*)?\}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]+([^<>]*)>|</v>", re.IGNORECASE)
# Zero-width space, word joiner, byte order mark, and marks that only steer the text's direction;
# the joiners U+200C and U+200D stay, Hindi and Persian spell with them.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]")
_BLANKS = re.compile(r"[^\S\n]+")


def plain_text(text: str) -> str:
    """Text without markup, entities and invisible marks; lines stay lines.

    Ruby's small print (how a name is read) is dropped; the base text stays.
    """
    text = _LINE_BREAK.sub("\n", _READING_AID.sub("", text)).replace("\\h", " ")
    text = _OVERRIDE.sub("", _TAG.sub("", text))
    text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return tidy(text)


def tidy(text: str) -> str:
    """NFC text with single spaces, no invisible marks, no blank line and no outer blanks."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    lines = (_BLANKS.sub(" ", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def voice_runs(text: str) -> tuple[Run, ...]:
    """A WebVTT cue's text, one run for each voice span; runs without text are left out."""
    runs, voice, position = [], "", 0
    for tag in _VOICE.finditer(text):
        runs.append(Run(plain_text(text[position : tag.start()]), voice))
        voice, position = plain_text(tag[1] or ""), tag.end()
    runs.append(Run(plain_text(text[position:]), voice))
    return tuple(run for run in runs if run.text)
