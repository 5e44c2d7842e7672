"""The files of a library, wherever they lie: listed, read and shown to ffprobe by one code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from airdub.errors import InvalidInput
from airdub.library.beside import endings_of
from airdub.s3 import is_s3

BLOCK = 1 << 20
"""Bytes that are read at once."""

_VIDEO = re.compile(
    r"\.(3gp|asf|avi|flv|m2ts|m4v|mkv|mov|mp4|mpe?g|mts|mxf|ogv|ts|vob|webm|wmv)", re.IGNORECASE
)


def name_of(location: str) -> str:
    """What follows the last slash."""
    return location.rpartition("/")[2]


def begin_of(name: str) -> str:
    """A name up to its first dot, that included: whatever lies beside a file begins like it."""
    return f"{name.partition('.')[0]}."


@dataclass(frozen=True)
class Entry:
    """A file as a listing shows it.

    Attributes:
        location: absolute path, or `s3://bucket/key`.
        stamp: another one as soon as the file was written.
    """

    location: str
    bytes: int
    stamp: str

    @property
    def name(self) -> str:
        """Without the folder."""
        return name_of(self.location)


@dataclass(frozen=True)
class Unlisted:
    """A file or folder that can't be listed, and why; nothing is known of what lies below it."""

    location: str
    what: str
    remedy: str


class Files(Protocol):
    """Files below a root.

    Every method raises `DependencyUnavailable` when the storage doesn't answer or refuses.
    """

    root: str
    """The prefix of their locations; ends with a slash."""

    def listed(self) -> Iterator[Entry | Unlisted]:
        """Every file of use (`is_relevant`) below the root; between those that begin alike
        (`begin_of`) there is nothing but what lies in folders that begin so too. What is hidden
        (`.name`) is left out.

        Raises:
            InvalidInput: there is no such folder.
        """
        ...

    def beside(self, location: str) -> list[Entry | Unlisted]:
        """The files of use in the folder of a file whose names begin alike (`begin_of`)."""
        ...

    def entry(self, location: str) -> Entry | None:
        """The file at any location of the same kind now; None: there is none."""
        ...

    def blocks(self, entry: Entry) -> Iterator[bytes]:
        """A file's bytes.

        Raises:
            InvalidInput: it isn't the file that was listed any more, or it can't be read.
        """
        ...

    def probed(self, entry: Entry) -> AbstractContextManager[str]:
        """An address by which ffprobe can read the file."""
        ...


def open_files(root: str) -> Files:
    """The files below a folder, given by its absolute path or as `s3://bucket/prefix`."""
    from airdub.library.local_files import LocalFiles
    from airdub.library.s3_files import S3Files

    return S3Files(root) if is_s3(root) else LocalFiles(root)


def files_around(location: str) -> Files:
    """The files of the folder that a file lies in."""
    return open_files(location.rpartition("/")[0] + "/")


def is_video(name: str) -> bool:
    """Whether a file is a video by its name; hidden ones aren't."""
    dot = name.rfind(".")
    return dot > 0 and _VIDEO.fullmatch(name, dot) is not None


def is_relevant(name: str) -> bool:
    """Whether a file is of use by its name: a video, or what may lie beside one."""
    return not name.startswith(".") and (is_video(name) or any(endings_of(name)))


def has_changed(entry: Entry) -> InvalidInput:
    """The error for a file that isn't the listed one any more."""
    return InvalidInput(
        "the file changed while it was read",
        where=entry.location,
        remedy="wait until it is complete, then try again",
    )
