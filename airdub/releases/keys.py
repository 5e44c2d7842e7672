"""Where things lie: `releases/<title>/<language>/<release id>/`, beside it what is current."""

from __future__ import annotations

import re
from dataclasses import dataclass

from airdub.errors import InvalidInput
from airdub.titles import checked_title_id

ROOT = "releases"
MANIFEST = "release.json"

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}", re.ASCII)
_RELEASE_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}", re.ASCII)


@dataclass(frozen=True)
class Place:
    """Where the releases of a title in a language lie.

    Raises:
        InvalidInput: title or language isn't one.
    """

    title_id: str
    language: str

    def __post_init__(self) -> None:
        checked_title_id(self.title_id)
        _check(_LANGUAGE, self.language, "a language tag")

    @property
    def folder(self) -> str:
        """Of all releases of the title in the language."""
        return f"{ROOT}/{self.title_id}/{self.language}"

    @property
    def current(self) -> str:
        """Key of the document that says which release is current."""
        return f"{self.folder}/current.json"

    def release(self, release_id: str) -> str:
        """Folder of a release.

        Raises:
            InvalidInput: that is no id.
        """
        return f"{self.folder}/{checked_release_id(release_id)}"

    def manifest(self, release_id: str) -> str:
        """Key of a release's `release.json`."""
        return f"{self.release(release_id)}/{MANIFEST}"

    def tombstone(self, release_id: str) -> str:
        """Key of the document that says who withdrew a release, and why."""
        return f"{self.folder}/withdrawn/{checked_release_id(release_id)}.json"


def checked_release_id(release_id: str) -> str:
    """The id itself, if it is one.

    Raises:
        InvalidInput: it isn't.
    """
    return _check(_RELEASE_ID, release_id, "a release id")


def checked_file_name(name: str) -> str:
    """The name of a release's file itself, if it is one.

    Raises:
        InvalidInput: it isn't.
    """
    return _check(_FILE, name, "the name of a release's file")


def _check(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise InvalidInput(
            f"{text[:80]!r} is not {what}", where=ROOT, remedy="`airdub release list` shows all"
        )
    return text
