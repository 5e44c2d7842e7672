"""Files in a folder of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from airdub.errors import InvalidInput
from airdub.library.files import BLOCK, Entry, Unlisted, begin_of, has_changed, is_relevant


class LocalFiles:
    """Files below a folder. Links to files are followed, links to folders aren't.

    Args:
        root: absolute path of the folder.
    """

    def __init__(self, root: str) -> None:
        self.root = root.rstrip("/") + "/"

    def listed(self) -> Iterator[Entry | Unlisted]:
        """Folder by folder: its files by name, then the folders in it."""
        if not Path(self.root).is_dir():
            raise InvalidInput(
                "there is no such folder",
                where=self.root,
                remedy="correct the path, or mount what lies there",
            )
        waiting = [self.root]
        while waiting:
            folder = waiting.pop()
            inner = []
            for found in _scan(folder):
                if isinstance(found, Unlisted):
                    yield found
                elif found.is_dir(follow_symlinks=False):
                    inner.append(f"{folder}{found.name}/")
                elif (entry := _listed(found)) is not None:
                    yield entry
            waiting += reversed(inner)

    def beside(self, location: str) -> list[Entry | Unlisted]:
        """Of the whole folder: a folder's listing can't be narrowed."""
        folder, _, name = location.rpartition("/")
        start = begin_of(name)
        listed: list[Entry | Unlisted] = []
        for found in _scan(f"{folder}/"):
            if isinstance(found, Unlisted):
                listed.append(found)
            elif found.name.startswith(start) and not found.is_dir(follow_symlinks=False):
                listed += filter(None, [_listed(found)])
        return listed

    def entry(self, location: str) -> Entry | None:
        """The file there now."""
        try:
            return _entry(location, os.stat(location))  # noqa: PTH116 - hostile names
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unreadable(location, error) from error

    def blocks(self, entry: Entry) -> Iterator[bytes]:
        """Read to the end, then looked at again."""
        try:
            with Path(entry.location).open("rb", buffering=0) as stream:
                while block := stream.read(BLOCK):
                    yield block
                after = _entry(entry.location, os.fstat(stream.fileno()))
        except OSError as error:
            raise _unreadable(entry.location, error) from error
        if after != entry:
            raise has_changed(entry)

    @contextmanager
    def probed(self, entry: Entry) -> Iterator[str]:
        """The path, so that no name is taken for an option or another protocol."""
        yield f"file:{entry.location}"


def may_be_unmounted(location: str) -> bool:
    """Whether a file that isn't there may be on a disk that isn't.

    Where nothing is mounted lies an empty folder: then the nearest folder of the path that exists
    is empty, or can't be listed.
    """
    try:
        nearest = next(folder for folder in Path(location).parents if folder.is_dir())
        return not any(nearest.iterdir())
    except OSError:
        return True


def _scan(folder: str) -> Iterator[os.DirEntry[str] | Unlisted]:
    """What a folder holds, by name, without what is hidden; or why it can't be listed."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        yield Unlisted(
            folder,
            f"the folder can't be listed: {error.strerror}",
            "give this user the right to list it",
        )
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if not _is_text(entry.name):
            shown = os.fsencode(entry.path).decode("utf-8", "backslashreplace")
            yield Unlisted(shown, "its name isn't UTF-8", "rename it")
        elif entry.is_symlink() and entry.is_dir():
            yield Unlisted(
                entry.path, "a link to a folder isn't followed", "scan that folder itself"
            )
        else:
            yield entry


def _listed(found: os.DirEntry[str]) -> Entry | Unlisted | None:
    """A file that may be of use; None for others."""
    if not is_relevant(found.name):
        return None
    try:
        if not found.is_file():
            return Unlisted(found.path, "it is no file", "remove it")
        return _entry(found.path, found.stat())
    except OSError as error:
        return Unlisted(found.path, f"it can't be read: {error.strerror}", "see why")


def _entry(location: str, facts: os.stat_result) -> Entry:
    """The stamp holds the time of the last change as the system counts it, which nobody can set:
    a file's own date may lie anywhere, the future included.
    """
    stamp = f"{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ctime_ns}"
    return Entry(location, facts.st_size, stamp)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unreadable(location: str, error: OSError) -> InvalidInput:
    return InvalidInput(
        f"the file can't be read: {error.strerror}",
        where=location,
        remedy="give this user the right to read it, or look at the disk",
    )
