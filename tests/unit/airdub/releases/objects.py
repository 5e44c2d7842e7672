"""What tests do with object stores: content, killed writers, and what those leave behind."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from airdub.releases.objects import Content, ObjectStore, Stored

SMALLEST_PART = 5 << 20
"""Bytes of a part that S3 takes before the last one."""

FORK = get_context("fork")


def content(data: bytes, media_type: str = "video/mp4", block: int = 1 << 16) -> Content:
    def blocks() -> Iterator[bytes]:
        for at in range(0, len(data), block):
            yield data[at : at + block]

    return Content(blocks, hashlib.sha256(data).hexdigest(), len(data), media_type)


def in_process(work: Callable[..., Any], *arguments: Any) -> int:
    """Exit code of a process that did some work: 0, or minus the signal that killed it."""
    process = FORK.Process(target=work, args=arguments)
    process.start()
    process.join(300)
    assert process.exitcode is not None
    return process.exitcode


def die() -> None:
    """As a process dies that the kernel or somebody else kills."""
    os.kill(os.getpid(), signal.SIGKILL)


def remains(url: str) -> list[str]:
    """Temporary files, or unfinished uploads, of killed writers."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return sorted(path.name for path in Path(parts.path).rglob(".*.part"))
    import boto3

    answer = boto3.client("s3").list_multipart_uploads(Bucket=parts.netloc)
    return [upload["Key"] for upload in answer.get("Uploads", ())]


class Deadly:
    """An object store in whose use its process dies: before and after each change, and half-way
    through an upload.

    Args:
        moment: which of those moments, from 0.
    """

    def __init__(self, inner: ObjectStore, moment: int) -> None:
        self._inner = inner
        self._left = moment
        self.name = inner.name
        self.read, self.stream, self.sizes = inner.read, inner.stream, inner.sizes

    def _moment(self) -> None:
        if self._left == 0:
            die()
        self._left -= 1

    def put(self, key: str, data: bytes, before: Stored | None) -> bool:
        self._moment()
        done = self._inner.put(key, data, before)
        self._moment()
        return done

    def upload(self, key: str, content: Content) -> None:
        def blocks() -> Iterator[bytes]:
            for number, block in enumerate(content.blocks()):
                yield block
                if number == 0:
                    self._moment()

        self._moment()
        self._inner.upload(key, Content(blocks, content.sha256, content.bytes, content.media_type))
        self._moment()


def digests(objects: ObjectStore, folder: str) -> dict[str, str]:
    """sha256 of every object below a folder."""
    return {
        key: hashlib.sha256(b"".join(objects.stream(key))).hexdigest()
        for key, _ in objects.sizes(folder)
    }
