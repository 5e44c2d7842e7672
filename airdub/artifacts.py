"""Artifacts, and the store that keeps them: one code over fsspec for `file://` and `s3://`.

The store's one promise is `create`: of many writers of a key exactly one wins, and nobody ever
sees half of its bytes. Commits, leases and adoption by the losers of a race stand on it.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from pydantic import field_validator

from airdub.errors import InvalidInput
from airdub.model import Document

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_BLOCK = 1 << 20


def checked_key(key: str) -> str:
    """The key itself, if it stays inside the store.

    Raises:
        InvalidInput: it is empty, absolute, or climbs out with `..`.
    """
    parts = key.split("/")
    if not key or "\\" in key or "\0" in key or any(part in ("", ".", "..") for part in parts):
        raise InvalidInput(
            f"{key!r} is not a key inside the store",
            where="artifact key",
            remedy="use names without leading '/', empty parts or '..'",
        )
    return key


class ArtifactRef(Document):
    """A stored file: where, and which bytes.

    Attributes:
        key: path relative to the store's root, so a store can be moved.
        sha256: hex digest of the content.
        bytes: size.
    """

    key: str
    sha256: str
    bytes: int
    media_type: str

    @field_validator("key")
    @classmethod
    def _stays_inside(cls, key: str) -> str:
        try:
            return checked_key(key)
        except InvalidInput as error:
            raise ValueError(str(error)) from error


@dataclass(frozen=True)
class StoredFacts:
    """What a listing tells of an object: its key, its size, and when it was last written."""

    key: str
    bytes: int
    written: datetime


def file_digest(path: Path) -> tuple[str, int]:
    """sha256 (hex) and size of a file, read in blocks."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return digest, stream.tell()


class ArtifactStore:
    """Artifacts below one root.

    Args:
        url: `file:///path`, a bare path, or `s3://bucket/prefix`.
        storage_options: passed to fsspec (endpoint, credentials by profile).
    """

    def __init__(self, url: str, **storage_options: Any) -> None:
        self.url = url if "://" in url else Path(url).absolute().as_uri()
        self._options = storage_options

    @cached_property
    def _fs(self) -> AbstractFileSystem:
        from fsspec.core import url_to_fs

        filesystem, _ = url_to_fs(self.url, use_listings_cache=False, **self._options)
        return filesystem

    @cached_property
    def _root(self) -> str:
        return str(self._fs._strip_protocol(self.url)).rstrip("/")

    @property
    def is_local(self) -> bool:
        """Whether artifacts are plain files on this machine."""
        return self.url.startswith("file://")

    def path(self, key: str) -> str:
        """The filesystem's own name of a key."""
        return posixpath.join(self._root, checked_key(key))

    def local_path(self, key: str) -> Path:
        """The file behind a key of a local store.

        Raises:
            ValueError: the store is not local.
        """
        if not self.is_local:
            raise ValueError(f"{self.url} is not a local store")
        return Path(self.path(key))

    def exists(self, key: str) -> bool:
        """Whether the key holds an object."""
        return bool(self._fs.isfile(self.path(key)))

    def holds(self, ref: ArtifactRef) -> bool:
        """Whether the artifact is there with its size (its hash is checked when it is read)."""
        try:
            return bool(self._fs.size(self.path(ref.key)) == ref.bytes)
        except FileNotFoundError:
            return False

    def read(self, key: str) -> bytes:
        """The object's bytes; for small documents.

        Raises:
            FileNotFoundError: there is no such key.
        """
        return bytes(self._fs.cat_file(self.path(key)))

    def facts(self, key: str) -> tuple[int, datetime]:
        """The object's size in bytes, and when it was last written.

        Raises:
            FileNotFoundError: there is no such key.
        """
        path = self.path(key)
        return int(self._fs.size(path)), self._fs.modified(path)

    def open(self, key: str) -> BinaryIO:
        """The object as a seekable stream, read from the store as it is asked for.

        Raises:
            FileNotFoundError: there is no such key.
        """
        stream: BinaryIO = self._fs.open(self.path(key), "rb")
        return stream

    def list(self, prefix: str) -> list[str]:
        """Keys below a folder, sorted; empty when there is none."""
        cut = len(self._root) + 1
        return sorted(found[cut:] for found in self._fs.find(self.path(prefix)))

    def list_facts(self, prefix: str) -> tuple[StoredFacts, ...]:
        """The objects below a folder, sorted by key, by listing alone."""
        cut = len(self._root) + 1
        found = self._fs.find(self.path(prefix), detail=True)
        return tuple(
            StoredFacts(path[cut:], int(info["size"]), _written(info))
            for path, info in sorted(found.items())
            if info["type"] == "file"
        )

    def folders(self, prefix: str) -> tuple[str, ...]:
        """Names of the folders directly below a folder, sorted; empty when there is none."""
        try:
            found = self._fs.ls(self.path(prefix), detail=True)
        except FileNotFoundError:
            return ()
        names = (posixpath.basename(one["name"].rstrip("/")) for one in found if _is_folder(one))
        return tuple(sorted(names))

    def write(self, key: str, data: bytes) -> None:
        """Write or replace a small object; readers see the old bytes or the new ones."""
        target = self.path(key)
        if not self.is_local:
            self._fs.pipe_file(target, data)
            return
        part = self._part_beside(target)
        part.write_bytes(data)
        part.replace(target)

    def create(self, key: str, data: bytes) -> bool:
        """Write a small object only if the key is absent; atomic among any number of writers.

        Returns:
            True when this call wrote it, False when another had.
        """
        target = self.path(key)
        if not self.is_local:
            try:
                self._fs.pipe_file(target, data, mode="create")
            except FileExistsError:
                return False
            return True
        part = self._part_beside(target)
        try:
            part.write_bytes(data)
            os.link(part, target)  # fsspec's local mode="create" isn't atomic; link is
        except FileExistsError:
            return False
        finally:
            part.unlink(missing_ok=True)
        return True

    def touch(self, key: str) -> bool:
        """Let an object count as written now, without bringing back one that is gone.

        Returns:
            Whether it is there.
        """
        target = self.path(key)
        try:
            if self.is_local:
                os.utime(target)
            else:  # S3 copies an object onto itself only if something is said anew
                self._fs.cp_file(target, target, MetadataDirective="REPLACE")
        except FileNotFoundError:
            return False
        return True

    def delete(self, key: str) -> None:
        """Remove an object or everything below a folder; absent is fine."""
        with suppress(FileNotFoundError):
            self._fs.rm(self.path(key), recursive=True)

    def put(self, file: Path, key: str, media_type: str) -> ArtifactRef:
        """Store a file under a key (a file already at its place is only described)."""
        digest, size = file_digest(file)
        target = self.path(key)
        if not self.is_local:
            self._fs.put_file(str(file), target)
        elif file.resolve() != Path(target).resolve():
            part = self._part_beside(target)
            shutil.copyfile(file, part)
            part.replace(target)
        return ArtifactRef(key=key, sha256=digest, bytes=size, media_type=media_type)

    def fetch(self, ref: ArtifactRef, folder: Path) -> Path:
        """The artifact as a verified local file: in place on a local store, else downloaded.

        Raises:
            InvalidInput: it is missing, or its bytes are not the ones that were stored.
        """
        if self.is_local:
            local = self.local_path(ref.key)
        else:
            local = folder / ref.sha256[:16] / posixpath.basename(ref.key)
            local.parent.mkdir(parents=True, exist_ok=True)
        try:
            if not self.is_local:
                self._fs.get_file(self.path(ref.key), str(local))
            digest, _ = file_digest(local)
        except FileNotFoundError as error:
            raise InvalidInput(
                "the artifact is not in the store",
                where=ref.key,
                remedy="clear the task that made it",
            ) from error
        if digest != ref.sha256:
            raise InvalidInput(
                "the artifact's bytes are not the ones that were stored",
                where=ref.key,
                remedy="delete it and clear the task that made it",
            )
        return local

    def stream(self, ref: ArtifactRef) -> Iterator[bytes]:
        """The artifact's bytes in blocks."""
        with self._fs.open(self.path(ref.key), "rb") as stream:
            while block := stream.read(_BLOCK):
                yield block

    @staticmethod
    def _part_beside(target: str) -> Path:
        path = Path(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")


def _written(info: Mapping[str, Any]) -> datetime:
    """When a listed object was last written; disks and S3 say it differently."""
    if "LastModified" in info:
        return cast(datetime, info["LastModified"])
    return datetime.fromtimestamp(info["mtime"], UTC)


def _is_folder(info: Mapping[str, Any]) -> bool:
    return bool(info["type"] == "directory")
