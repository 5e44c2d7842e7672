"""Bringing files into the store, from folders and buckets, under their contents' hashes."""

from __future__ import annotations

import hashlib
import mimetypes
import tempfile
from pathlib import Path

from pydantic import ValidationError

from airdub.artifacts import ArtifactRef, ArtifactStore, file_digest
from airdub.errors import InvalidInput
from airdub.library.files import Entry, files_around, has_changed, name_of
from airdub.s3 import is_s3
from airdub.titles import file_slug


def store_source(store: ArtifactStore, location: str) -> ArtifactRef:
    """The file in the store; copied unless it is there.

    A copy, not a hard link: editing the original in place must not change what is stored.

    Args:
        location: absolute path, or `s3://bucket/key`.

    Raises:
        InvalidInput: the file changes while it is read.
        DependencyUnavailable: its storage doesn't answer.
    """
    return _store_object(store, location) if is_s3(location) else _store_file(store, Path(location))


def _store_file(store: ArtifactStore, path: Path) -> ArtifactRef:
    ref = source_ref(path.name, *file_digest(path))
    if not store.holds(ref) and store.put(path, ref.key, ref.media_type) != ref:
        store.delete(ref.key)
        raise InvalidInput(
            "the file changed while it was read",
            where=str(path),
            remedy="wait until it is complete, then start the run again",
        )
    return ref


def _store_object(store: ArtifactStore, location: str) -> ArtifactRef:
    """Read once: a note under what S3 says of the object tells what its bytes were."""
    entry = files_around(location).entry(location)
    if entry is None:
        raise InvalidInput("there is no such object", where=location, remedy="correct the address")
    note = f"sources/objects/{hashlib.sha256(f'{location} {entry.stamp}'.encode()).hexdigest()}"
    known = _noted(store, f"{note}.json")
    if known is None or not store.holds(known):
        known = _copied(store, entry)
        store.write(f"{note}.json", known.to_json())
    return known


def _noted(store: ArtifactStore, note: str) -> ArtifactRef | None:
    try:
        return ArtifactRef.model_validate_json(store.read(note))
    except (FileNotFoundError, ValidationError):
        return None


def _copied(store: ArtifactStore, entry: Entry) -> ArtifactRef:
    """The object in the store, by way of a file without a name: nobody has to remove it."""
    folder = store.local_path("sources") if store.is_local else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.TemporaryFile(dir=folder) as file:
        for block in files_around(entry.location).blocks(entry):
            digest.update(block)
            file.write(block)
        file.flush()
        ref = source_ref(name_of(entry.location), digest.hexdigest(), entry.bytes)
        if not store.holds(ref) and store.put(_path(file.fileno()), ref.key, ref.media_type) != ref:
            store.delete(ref.key)
            raise has_changed(entry)
    return ref


def _path(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}")


def source_ref(name: str, digest: str, size: int) -> ArtifactRef:
    """Where a file of that name and content (sha256, bytes) lies in the store, if it is there."""
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    key = f"sources/{digest[:2]}/{digest}/{file_slug(Path(name))}"
    return ArtifactRef(key=key, sha256=digest, bytes=size, media_type=media_type)
