"""The library's documents: its titles, their versions and files, and the files it couldn't take."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field

from airdub.model import Document, canonical_json


class Title(Document):
    """A video of the library.

    Attributes:
        name: what people call it.
        series_id: None outside any series.
        source_language: BCP-47.
        location: absolute path, or `s3://bucket/key`.
        version: of its source and what lies beside it now: `SourceVersion.version`.
        beside: endings of what lies beside it, sorted, separated by spaces: `.es.srt .me.wav`.
        ingested_at: when that version was seen first; the catalogue's.
        missing_since: since when its file is gone; "" while it is there. The catalogue's.
    """

    title_id: str = Field(min_length=1)
    name: str
    series_id: str | None = None
    season: int | None = Field(None, ge=0)
    episode: int | None = Field(None, ge=0)
    source_language: str
    location: str
    version: str
    beside: str = ""
    duration_s: float = Field(gt=0)
    ingested_at: str = ""
    missing_since: str = ""


class FileBeside(Document):
    """A file of a version: the source itself, or one that lies beside it.

    Attributes:
        ending: what follows the source's name without its suffix, in lower case: `.es.srt`; "" is
            the source.
        location: absolute path, or `s3://bucket/key`.
        sha256: hex digest of the content.
        stamp: another one as soon as the file was written: it is read again then.
    """

    ending: str
    location: str
    sha256: str
    bytes: int = Field(gt=0)
    stamp: str


class SourceVersion(Document):
    """A source with what lies beside it; a change of either is another version.

    Attributes:
        version: hex digest of the files' digests by their endings; where they lie isn't in it.
        source_sha256, bytes: of the source.
        files: the source first, then what lies beside it, by ending.
        seen_at: when it was seen first; the catalogue's.
    """

    title_id: str
    version: str
    source_sha256: str
    bytes: int = Field(gt=0)
    duration_s: float = Field(gt=0)
    files: tuple[FileBeside, ...] = Field(min_length=1)
    seen_at: str = ""

    @classmethod
    def of(cls, title_id: str, files: Iterable[FileBeside], duration_s: float) -> SourceVersion:
        """The version that these files make; one of them is the source, with the ending ""."""
        sorted_files = tuple(sorted(files, key=lambda file: file.ending))
        digests = {file.ending: file.sha256 for file in sorted_files}
        source = sorted_files[0]
        return cls(
            title_id=title_id,
            version=hashlib.sha256(canonical_json(digests)).hexdigest(),
            source_sha256=source.sha256,
            bytes=source.bytes,
            duration_s=duration_s,
            files=sorted_files,
        )

    @property
    def beside(self) -> str:
        """Endings of what lies beside the source, as in `Title.beside`."""
        return " ".join(file.ending for file in self.files if file.ending)


class BadFile(Document):
    """A file or folder that a scan couldn't take.

    Attributes:
        what, remedy: why not, and what to do.
        stamp: of the file; while it is the same, the file isn't read again. "": it always is.
        seen_at: the catalogue's.
    """

    location: str
    what: str
    remedy: str = ""
    stamp: str = ""
    seen_at: str = ""


class Registered(StrEnum):
    """What registering a title changed."""

    ADDED = "added"
    CHANGED = "changed"
    """It has another version."""
    SAME = "same"
    """Its version is the one that was known; its name, place or language may have changed."""
