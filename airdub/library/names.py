"""What a title is called, by where it lies: its id, its name, its series, season and episode."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from airdub.titles import slug

_LONGEST = 80
_DIGEST = 8
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]*")
_MARK = re.compile(
    r"(?<![a-z0-9])(?:s(\d{1,3})[ ._-]*e(\d{1,4})|(\d{1,2})x(\d{2,3}))(?![0-9a-z])", re.IGNORECASE
)
_SEASON = re.compile(r"(?:season|series|staffel|saison|temporada|s)[ ._-]*(\d{1,3})", re.IGNORECASE)
_EPISODE = re.compile(r"(?:(?:e|ep|episode|folge|capitulo)[ ._-]*)?(\d{1,4})(?!\d)", re.IGNORECASE)


@dataclass(frozen=True)
class TitleName:
    """How a video is filed.

    Attributes:
        name: of its file, with single spaces.
        series: "" outside any.
        series_id: None outside any.
    """

    title_id: str
    name: str
    series: str = ""
    series_id: str | None = None
    season: int | None = None
    episode: int | None = None


def name_title(path: str, series: str = "") -> TitleName:
    """What the video at a path below the library's root is called.

    The id is the path in plain signs, so it stays when the root moves. Where these aren't enough
    to tell one path from another (other signs, great length), a hash of the path ends it.

    Args:
        path: without the suffix: `Dark/Season 1/Dark S01E02`.
        series: name of the series, when the path doesn't say, or says it wrong.
    """
    *folders, stem = path.split("/")
    found, season, episode = _episode(folders, stem)
    series = _words(series or found)
    return TitleName(
        title_id=plain_id(path),
        name=_words(stem) or "title",
        series=series,
        series_id=plain_id(series) if series else None,
        season=season if series else None,
        episode=episode if series else None,
    )


def plain_id(text: str) -> str:
    """Up to 80 of a-z, 0-9 and hyphens for a path or a name; others give others."""
    if len(text) <= _LONGEST and _PLAIN.fullmatch(text):
        return slug(text, _LONGEST)
    composed = unicodedata.normalize("NFC", text)
    digest = hashlib.sha256(composed.encode()).hexdigest()[:_DIGEST]
    return f"{slug(text, _LONGEST - _DIGEST - 1)}-{digest}"


def _episode(folders: list[str], stem: str) -> tuple[str, int | None, int | None]:
    """(series, season, episode): `Dark S01E02`, `Dark/1x02`, `Dark/Season 1/02 - Lies`."""
    in_season = _SEASON.fullmatch(folders[-1].strip()) if folders else None
    above = folders[-2:-1] if in_season else folders[-1:]
    folder = above[0] if above else ""
    if mark := _MARK.search(stem):
        season, episode = (int(text) for text in mark.groups() if text is not None)
        before = _words(stem[: mark.start()])
        return (folder if in_season and folder else before or folder), season, episode
    if in_season and folder and (number := _EPISODE.match(stem)):
        return folder, int(in_season[1]), int(number[1])
    return "", None, None


def _words(text: str) -> str:
    """The text with single spaces, and none of the signs that stand for spaces in file names."""
    plain = re.sub(r"[\s_]+", " ", text)
    if " " not in plain:
        plain = plain.replace(".", " ")
    return "".join(sign for sign in plain if sign.isprintable()).strip(" .-")
