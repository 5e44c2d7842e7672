"""Places where a library's files lie, and small real videos to put there."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from tests.media.clips import ffmpeg, picture, tones

_SMALL = ("-c:v", "mpeg4", "-c:a", "aac", "-shortest", "-metadata:s:a:0", "language=eng")


@cache
def _clip(suffix: str, *arguments: str) -> bytes:
    with TemporaryDirectory() as folder:
        target = Path(folder) / f"clip{suffix}"
        return ffmpeg([*arguments, *_SMALL], target).read_bytes()


def video(note: str = "", suffix: str = ".mp4") -> bytes:
    """Half a second of picture and sound in English; another note gives other bytes."""
    inputs = [*picture("64x48", seconds=0.5), *tones(1, 0.5)]
    content = _clip(suffix, *inputs)
    if not note:
        return content
    text = note.encode()
    return content + (len(text) + 8).to_bytes(4, "big") + b"free" + text


def silent() -> bytes:
    """A video without sound."""
    return _clip(".mp4", *picture("64x48", seconds=0.5))


def sound() -> bytes:
    """An MP4 that holds sound alone."""
    return _clip(".mp4", *tones(1, 0.5))


def unnamed() -> bytes:
    """A video that doesn't say its language."""
    return video().replace(b"\x15\xc7", b"\x55\xc4")


class Shelf(Protocol):
    """Where a library lies.

    Attributes:
        root: as it is scanned; ends with a slash.
    """

    root: str

    def put(self, name: str, content: bytes) -> str:
        """Write a file; returns its location."""
        ...

    def remove(self, name: str) -> None: ...


class FolderShelf:
    """A folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.root = f"{folder}/"

    def put(self, name: str, content: bytes) -> str:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return str(file)

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()


class BucketShelf:
    """A prefix of a bucket."""

    def __init__(self, bucket: str) -> None:
        import boto3

        self._bucket = bucket
        self._client: Any = boto3.client("s3")
        self.root = f"s3://{bucket}/library/"

    def put(self, name: str, content: bytes) -> str:
        self._client.put_object(Bucket=self._bucket, Key=f"library/{name}", Body=content)
        return f"{self.root}{name}"

    def remove(self, name: str) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=f"library/{name}")
