"""Files of the store over HTTP: only what people may see, whole or by ranges, from disk or S3."""

from __future__ import annotations

import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import anyio
from starlette.responses import FileResponse

from airdub.artifacts import ArtifactStore, checked_key
from airdub.errors import InvalidInput
from plugins.console.headers import file_type

if TYPE_CHECKING:
    from anyio import AsyncFile

PREFIXES = ("drafts", "releases", "gates")
"""Folders of the store that are served by key. Everything else a run's record must name."""


class NotServed(Exception):
    """There is no such file, or it is none that is served; which of the two isn't told."""


def public_key(store: ArtifactStore, key: str) -> str:
    """The key itself, if its file may be served to everybody who may see dubs.

    Raises:
        NotServed: it leaves its folder (by `..` or by a symbolic link), is hidden, or lies
            elsewhere.
    """
    if not (_is_public(key) and _is_public(real_key(store, key))):
        raise NotServed(key)
    return key


def real_key(store: ArtifactStore, key: str) -> str:
    """The key of the file behind a key: another one where symbolic links lead inside the store.

    Raises:
        NotServed: it is no key, or the file lies outside of the store.
    """
    try:
        checked_key(key)
        if not store.is_local:
            return key
        root = store.local_path("root").parent.resolve()
        return store.local_path(key).resolve().relative_to(root).as_posix()
    except (InvalidInput, ValueError, OSError, RuntimeError) as error:  # RuntimeError: a link loop
        raise NotServed(key) from error


def _is_public(key: str) -> bool:
    parts = key.split("/")
    return parts[0] in PREFIXES and len(parts) > 1 and not any(p.startswith(".") for p in parts)


class StoredFile(FileResponse):
    """A stored file; Starlette answers ranges, the store gives the bytes.

    Args:
        key: checked by the caller.
        save: offer it for saving instead of showing it.

    Raises:
        NotServed: there is no such file.
    """

    def __init__(self, store: ArtifactStore, key: str, *, save: bool = False) -> None:
        kind = file_type(key)
        try:
            if not store.exists(key):
                raise NotServed(key)
            size, written = store.facts(key)
        except (FileNotFoundError, ValueError) as error:  # gone meanwhile; no name for a file
            raise NotServed(key) from error
        self._store, self._key = store, key
        super().__init__(
            store.path(key),
            headers={"Content-Security-Policy": kind.policy},
            media_type=kind.media_type,
            filename=PurePosixPath(key).name,
            stat_result=_stat_result(size, written.timestamp()),
            content_disposition_type="inline" if kind.inline and not save else "attachment",
        )

    @asynccontextmanager
    async def _open_file(self) -> AsyncIterator[AsyncFile[bytes]]:
        stream = await anyio.to_thread.run_sync(self._store.open, self._key)
        try:
            yield anyio.wrap_file(stream)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(stream.close)


def _stat_result(size: int, written: float) -> os.stat_result:
    """What `os.stat` would say of a regular file."""
    return os.stat_result((stat.S_IFREG | 0o444, 0, 0, 1, 0, 0, size, written, written, written))
