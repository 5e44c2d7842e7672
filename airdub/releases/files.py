"""Objects as files: written beside their place under a lock, then renamed.

The temporary file of a key is also its lock (`flock`), so that a killed writer leaves no lock
behind, and what it wrote is written over by the next one.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from airdub.artifacts import checked_key
from airdub.errors import DependencyUnavailable, InvalidInput, TemporaryFailure
from airdub.releases.objects import (
    BLOCK,
    LARGEST_DOCUMENT,
    Content,
    Stored,
    checked,
    refuse_other,
)

_PART = ".part"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


class FileObjects:
    """Files below a folder, on a disk that knows `flock` and `rename`.

    Args:
        url: `file:///folder`, or its path.
    """

    def __init__(self, url: str) -> None:
        path = unquote(urlsplit(url).path) if url.startswith("file://") else url
        self._root = Path(path).absolute()
        self.name = str(self._root)

    def _path(self, key: str) -> Path:
        path = self._root / checked_key(key)
        if _is_part(path):
            raise InvalidInput("that is the name of a temporary file", where=key)
        return path

    def read(self, key: str) -> Stored | None:
        """A small object; None when there is none."""
        with self._told(key):
            try:
                with self._path(key).open("rb") as stream:
                    data = stream.read(LARGEST_DOCUMENT + 1)
            except FileNotFoundError:
                return None
        if len(data) > LARGEST_DOCUMENT:
            raise InvalidInput("it is too large for a document", where=f"{self.name}/{key}")
        return Stored(data, hashlib.sha256(data).hexdigest())

    def put(self, key: str, data: bytes, before: Stored | None) -> bool:
        """Write a small object if it is still what it was `before` (None: absent)."""
        path = self._path(key)
        with self._told(key), _claimed(path) as part:
            now = self.read(key)
            if now is not None and now.data == data:
                return True
            if (now and now.tag) != (before and before.tag):
                return False
            _land(part, path, [data])
        return True

    def upload(self, key: str, content: Content) -> None:
        """Create an object, streamed; it appears once all of its bytes are there and checked."""
        path = self._path(key)
        with self._told(key), _claimed(path) as part:
            if not path.exists():
                _land(part, path, checked(content))
                return
        refuse_other(self, key, content)

    def stream(self, key: str) -> Iterator[bytes]:
        """An object's bytes in blocks."""
        with self._told(key), self._path(key).open("rb") as stream:
            while block := stream.read(BLOCK):
                yield block

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Key and size of every object below a folder; temporary files are none."""
        with self._told(prefix):
            for folder, _, names in os.walk(self._path(prefix), onerror=_unless_absent):
                for name in names:
                    path = Path(folder, name)
                    if not _is_part(path):
                        yield path.relative_to(self._root).as_posix(), path.lstat().st_size

    @contextmanager
    def _told(self, key: str) -> Iterator[None]:
        """Errors of the disk in our own words; that there is no such file stays as it is."""
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            kind = TemporaryFailure if error.errno in _FULL else DependencyUnavailable
            raise kind(
                f"the disk says: {error.strerror}",
                where=f"{self.name}/{key}",
                remedy="free space there, and give Airflow's user the right to write",
            ) from error


@contextmanager
def _claimed(path: Path) -> Iterator[BinaryIO]:
    """The temporary file of a path, locked: nobody else writes that path meanwhile."""
    _make_folder(path.parent)
    part = path.with_name(f".{path.name}{_PART}")
    with _locked(part) as stream:
        try:
            yield stream
        finally:
            if _is_at(stream, part):  # else it has become the object
                part.unlink()


def _locked(part: Path) -> BinaryIO:
    while True:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        stream = os.fdopen(os.open(part, flags, 0o644), "r+b")
        fcntl.flock(stream, fcntl.LOCK_EX)
        if _is_at(stream, part):
            return stream
        stream.close()  # whoever held it has renamed or removed it


def _is_at(stream: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.lstat())
    except FileNotFoundError:
        return False


def _land(part: BinaryIO, path: Path, blocks: Iterable[bytes]) -> None:
    """Fill the temporary file, and give it the object's name once the disk has it."""
    part.truncate(0)
    for block in blocks:
        part.write(block)
    part.flush()
    os.fsync(part.fileno())
    path.with_name(f".{path.name}{_PART}").rename(path)
    _sync_folder(path.parent)


def _make_folder(folder: Path) -> None:
    """Make a folder so that it is there after a power cut."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_part(path: Path) -> bool:
    return path.name.startswith(".") and path.suffix == _PART


def _unless_absent(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
