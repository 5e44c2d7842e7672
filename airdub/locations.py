"""Where a file lies that somebody names: an absolute path, or `s3://bucket/key`; checked first."""

from __future__ import annotations

import os
from pathlib import Path

from airdub.errors import InvalidInput
from airdub.library.files import files_around
from airdub.s3 import is_s3, split_address


def checked_location(location: str, field: str, roots: tuple[str, ...] = ()) -> str:
    """The location itself, if there is a file with content that may be used.

    Args:
        roots: folders and `s3://` prefixes that it must lie in; empty allows all.

    Raises:
        InvalidInput: it isn't, or lies outside the roots.
        DependencyUnavailable: the storage doesn't answer.
    """
    if not is_s3(location):
        return str(checked_file(location, field, roots))
    _, key = split_address(location)
    if not key or ".." in key.split("/"):
        raise _refusal(location, field, "no s3://bucket/key", "correct the address")
    check_allowed(location, field, roots)
    entry = files_around(location).entry(location)
    if entry is None:
        raise _refusal(location, field, "there is no such object", "correct the address")
    if entry.bytes == 0:
        raise _refusal(location, field, "the file is empty", "copy it again from where it came")
    return location


def checked_file(path: str, field: str, roots: tuple[str, ...] = ()) -> Path:
    """The file behind a path that somebody gave us.

    Raises:
        InvalidInput: it isn't an absolute path without `..` to a readable file with content
            inside the roots.
    """
    file = Path(path)

    def refuse(what: str, remedy: str) -> InvalidInput:
        return _refusal(path, field, what, remedy)

    if "\0" in path or not file.is_absolute() or ".." in file.parts:
        raise refuse("not an absolute path", "give the file's full path, without '..'")
    check_allowed(path, field, roots)
    try:
        if not file.exists():
            raise refuse("there is no such file", "correct the path")
        if not file.is_file():
            raise refuse("not a file", "give the path of a file")
        if not os.access(file, os.R_OK):
            raise refuse("the file may not be read", "give Airflow's user the right to read it")
        if file.stat().st_size == 0:
            raise refuse("the file is empty", "copy it again from where it came")
    except OSError as error:
        raise refuse(f"the path can't be used: {error.strerror}", "correct the path") from error
    return file


def absolute_location(given: str) -> str:
    """What a person wrote as a location: a path from here without `..`, links kept."""
    return given if is_s3(given) else os.path.abspath(given)  # noqa: PTH100


def check_allowed(location: str, field: str, roots: tuple[str, ...]) -> None:
    """Whether a file or folder lies in one of the roots, links followed; empty allows all.

    Raises:
        InvalidInput: it doesn't.
    """
    if roots and not any(_lies_in(location, root) for root in roots):
        what, allowed = "outside the allowed folders", ", ".join(roots)
        raise _refusal(location, field, what, f"move it below {allowed} (AIRDUB_SOURCE_ROOTS)")


def _lies_in(location: str, root: str) -> bool:
    if is_s3(location) or is_s3(root):
        return f"{location.rstrip('/')}/".startswith(f"{root.rstrip('/')}/")
    return Path(location).resolve().is_relative_to(root)


def _refusal(location: str, field: str, what: str, remedy: str) -> InvalidInput:
    return InvalidInput(what, where=f"{field} {location}", remedy=remedy)
