"""Publishing: every file, then `release.json`, then one conditional step that makes it current.

A publisher may be killed at any moment: until the last step the old release is current, and a retry
finds what was written and goes on. What two publishers of one release write differently, the first
one's words hold.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from airdub.artifacts import file_digest
from airdub.errors import Conflict, InvalidInput
from airdub.releases.documents import DELIVERABLE, ReleaseFile, ReleaseHead, ReleaseManifest
from airdub.releases.keys import Place, checked_file_name
from airdub.releases.objects import BLOCK, Content, ObjectStore
from airdub.releases.pointer import Entry
from airdub.releases.promoting import make_current, refuse_older

Report = Callable[[int, int], None]
"""Told how many bytes of how many are done."""


class Signing(Protocol):
    """Puts a signed manifest into a deliverable."""

    def sign(self, unsigned: Path, signed: Path) -> None:
        """Write a signed copy."""
        ...

    def check(self, signed: Path, unsigned_sha256: str) -> None:
        """Make sure that a file is a signed copy of the one with that digest.

        Raises:
            Conflict: it isn't.
        """
        ...


@dataclass(frozen=True)
class Prepared:
    """All that a release consists of.

    Attributes:
        manifest: with its id; its files are listed by this module.
        contents: the files that were judged, by role and name.
        documents: small files about them, by role and name.
        media_types: by role.
        signing: None: the deliverable is published as it was judged.
    """

    manifest: ReleaseManifest
    contents: Mapping[tuple[str, str], Content]
    documents: Mapping[tuple[str, str], bytes]
    media_types: Mapping[str, str]
    signing: Signing | None = field(default=None)

    @property
    def place(self) -> Place:
        """Where it belongs."""
        return Place(self.manifest.title_id, self.manifest.language)

    @property
    def folder(self) -> str:
        """Of its files."""
        return self.place.release(self.manifest.release_id)


def publish(
    objects: ObjectStore, release: Prepared, *, now: str, report: Report = lambda _done, _all: None
) -> tuple[Entry, str]:
    """Write a release and make it current; doing it again is fine.

    Args:
        now: the time, UTC, ISO 8601.

    Returns:
        The release, and the id of the one that it replaces ("" none).

    Raises:
        Conflict: a newer run's release is or was current, or another publisher was faster, or
            other bytes lie where this release belongs.
        PolicyRefused: this release was withdrawn.
    """
    entry = write(objects, release, now=now, report=report)
    return entry, make_current(objects, release.place, entry)


def write(objects: ObjectStore, release: Prepared, *, now: str, report: Report) -> Entry:
    """Write every file of a release, `release.json` last; nobody sees it yet.

    Raises:
        Conflict, PolicyRefused: see `publish`.
    """
    manifest = release.manifest
    entry = Entry(
        release_id=manifest.release_id,
        sha256="",
        run_id=manifest.run_id,
        attempt=manifest.attempt,
        judged_at=manifest.judged_at,
        published_at=now,
    )
    refuse_older(objects, release.place, entry)  # before gigabytes are copied
    key = release.place.manifest(manifest.release_id)
    data = _known(objects, key, release) or _written(objects, key, release, report)
    return entry.model_copy(update={"sha256": hashlib.sha256(data).hexdigest()})


def _known(objects: ObjectStore, key: str, release: Prepared) -> bytes | None:
    """`release.json` of an earlier try: then all of its files are there."""
    stored = objects.read(key)
    if stored is None:
        return None
    try:
        head = ReleaseHead.model_validate_json(stored.data)
    except ValidationError:
        raise InvalidInput("it is no release.json", where=key, remedy="see who wrote it") from None
    wanted = release.manifest
    if (head.release_id, head.run_id) != (wanted.release_id, wanted.run_id):
        raise Conflict("another release lies there", where=key, remedy="see who wrote it")
    return stored.data


def _written(objects: ObjectStore, key: str, release: Prepared, report: Report) -> bytes:
    files = [
        *_write_contents(objects, release, report),
        *(
            _write_document(objects, release, role, name, data)
            for (role, name), data in release.documents.items()
        ),
    ]
    manifest = release.manifest.model_copy(update={"files": tuple(files)}).to_json()
    if objects.put(key, manifest, None):
        return manifest
    known = _known(objects, key, release)
    if known is None:
        raise Conflict("release.json came and went", where=key, remedy="see who removes it")
    return known


def _write_contents(
    objects: ObjectStore, release: Prepared, report: Report
) -> Iterator[ReleaseFile]:
    total = sum(content.bytes for content in release.contents.values())
    done = 0
    for (role, name), content in release.contents.items():
        told = _told(content, done, total, report)
        key = f"{release.folder}/{checked_file_name(name)}"
        if role == DELIVERABLE and release.signing:
            stored = _write_signed(objects, key, told, release.signing)
        else:
            objects.upload(key, told)
            stored = content.sha256, content.bytes
        done += content.bytes
        yield _file(release, role, name, *stored)


def _write_signed(
    objects: ObjectStore, key: str, content: Content, signing: Signing
) -> tuple[str, int]:
    """Sign and store; a signature never comes out the same twice, so the first one stored holds."""
    with tempfile.TemporaryDirectory(prefix="airdub-release-") as folder:
        unsigned, signed, stored = (Path(folder, name) for name in ("unsigned", "signed", "stored"))
        if not _fetched(objects, key, stored):
            _fill(unsigned, content.blocks())
            signing.sign(unsigned, signed)
            digest, size = file_digest(signed)
            unsigned.unlink()
            try:
                objects.upload(key, _file_content(signed, digest, size, content.media_type))
            except Conflict:  # another publisher of this release has stored his
                _fetched(objects, key, stored)
            else:
                return digest, size
        signing.check(stored, content.sha256)
        return file_digest(stored)


def _fetched(objects: ObjectStore, key: str, path: Path) -> bool:
    try:
        _fill(path, objects.stream(key))
    except FileNotFoundError:
        return False
    return True


def _fill(path: Path, blocks: Iterable[bytes]) -> None:
    with path.open("wb") as stream:
        for block in blocks:
            stream.write(block)


def _file_content(path: Path, digest: str, size: int, media_type: str) -> Content:
    def blocks() -> Iterator[bytes]:
        with path.open("rb") as stream:
            while block := stream.read(BLOCK):
                yield block

    return Content(blocks, digest, size, media_type)


def _told(content: Content, before: int, total: int, report: Report) -> Content:
    """The content, reporting how far it was read."""

    def blocks() -> Iterator[bytes]:
        done = before
        for block in content.blocks():
            yield block
            done += len(block)
            report(done, total)

    return Content(blocks, content.sha256, content.bytes, content.media_type)


def _write_document(
    objects: ObjectStore, release: Prepared, role: str, name: str, data: bytes
) -> ReleaseFile:
    key = f"{release.folder}/{checked_file_name(name)}"
    if not objects.put(key, data, None):
        stored = objects.read(key)  # by an earlier try, perhaps of another version of airdub
        data = stored.data if stored else data
    return _file(release, role, name, hashlib.sha256(data).hexdigest(), len(data))


def _file(release: Prepared, role: str, name: str, sha256: str, size: int) -> ReleaseFile:
    media_type = release.media_types[role]
    return ReleaseFile(role=role, name=name, media_type=media_type, sha256=sha256, bytes=size)
