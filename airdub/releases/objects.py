"""Where releases lie: an object store whose writes are conditional.

Two promises carry publication: an object appears whole or not at all, and of many writers who saw
the same state of a key exactly one changes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from airdub.errors import Conflict, EngineFailed, InvalidInput

BLOCK = 1 << 20
"""Bytes that are read or written at once."""

LARGEST_DOCUMENT = 64 << 20
"""Bytes of the largest object that is read into memory."""

Blocks = Callable[[], Iterable[bytes]]
"""Begins to read some content anew, block by block."""


@dataclass(frozen=True)
class Stored:
    """A small object as it was read.

    Attributes:
        tag: another one as soon as the bytes are others.
    """

    data: bytes
    tag: str


@dataclass(frozen=True)
class Content:
    """Bytes that are to be stored.

    Attributes:
        sha256: hex digest.
        bytes: how many.
    """

    blocks: Blocks
    sha256: str
    bytes: int
    media_type: str


class ObjectStore(Protocol):
    """Objects below one root, by keys as in `airdub.artifacts.checked_key`.

    Every method raises `DependencyUnavailable` when the storage doesn't answer or refuses, and
    `InvalidInput` for a key that leaves the root.
    """

    name: str
    """How it is called in messages: without anything secret."""

    def read(self, key: str) -> Stored | None:
        """A small object; None when there is none.

        Raises:
            InvalidInput: it is larger than `LARGEST_DOCUMENT`.
        """
        ...

    def put(self, key: str, data: bytes, before: Stored | None) -> bool:
        """Write a small object if it is still what it was `before` (None: absent).

        Returns:
            Whether the key holds these bytes now; saying so again is fine.
        """
        ...

    def upload(self, key: str, content: Content) -> None:
        """Create an object, streamed; it appears once all of its bytes are there and checked.

        Raises:
            Conflict: other bytes lie there.
            EngineFailed: the blocks aren't the bytes that were announced.
        """
        ...

    def stream(self, key: str) -> Iterator[bytes]:
        """An object's bytes in blocks.

        Raises:
            FileNotFoundError: there is no such object.
        """
        ...

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Key and size of every object below a folder."""
        ...


def open_objects(url: str) -> ObjectStore:
    """The object store of a URL (`Settings.releases_url`).

    Args:
        url: `s3://bucket/prefix`, `file:///path` or a bare path. Endpoint and credentials of S3
            come from where boto3 looks for them (AWS_ENDPOINT_URL, AWS_PROFILE, ...).

    Raises:
        InvalidInput: the URL is none of these.
    """
    from airdub.releases.files import FileObjects
    from airdub.releases.s3 import S3Objects

    if url.startswith("s3://"):
        return S3Objects(url)
    if url.startswith("file://") or "://" not in url:
        return FileObjects(url)
    raise InvalidInput(
        f"releases can't lie in {url.split('://', 1)[0]}://",
        where="AIRDUB_RELEASES",
        remedy="use file:///path or s3://bucket/prefix",
    )


def checked(content: Content) -> Iterator[bytes]:
    """The content's blocks; the last one is followed by the check that they are what was announced.

    Raises:
        EngineFailed: they aren't.
    """
    digest, size = hashlib.sha256(), 0
    for block in content.blocks():
        digest.update(block)
        size += len(block)
        yield block
    if (digest.hexdigest(), size) != (content.sha256, content.bytes):
        raise EngineFailed(
            f"{size} bytes with sha256 {digest.hexdigest()[:12]} came instead of {content.bytes} "
            f"with {content.sha256[:12]}",
            remedy="clear the task that made the file",
        )


def refuse_other(store: ObjectStore, key: str, content: Content) -> None:
    """Make sure that an object that is there holds the content.

    Raises:
        Conflict: it holds something else.
    """
    digest, size = hashlib.sha256(), 0
    for block in store.stream(key):
        digest.update(block)
        size += len(block)
    if (digest.hexdigest(), size) != (content.sha256, content.bytes):
        raise Conflict(
            "other bytes lie there already, and releases are never changed",
            where=f"{store.name}/{key}",
            remedy="find out who wrote them; then remove that folder, or dub the title anew",
        )
