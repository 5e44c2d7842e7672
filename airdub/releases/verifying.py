"""Checking a release byte by byte against what was published."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from airdub.errors import InvalidInput
from airdub.releases.documents import ReleaseFile, ReleaseHead, Tombstone
from airdub.releases.keys import MANIFEST, Place, checked_file_name
from airdub.releases.objects import ObjectStore
from airdub.releases.pointer import parse_current
from airdub.releases.writing import Report


@dataclass(frozen=True)
class Problem:
    """Something that isn't as it was published.

    Attributes:
        kind: `missing`, `changed`, `extra` or `unknown` (nobody holds its digest).
        file: name in the release's folder.
    """

    kind: str
    file: str
    text: str


@dataclass(frozen=True)
class Verification:
    """What a check found.

    Attributes:
        state: `current`, `replaced`, `withdrawn` or `unpublished`.
        bytes: that were read.
        tombstone: of a withdrawn release.
    """

    place: Place
    release_id: str
    state: str
    bytes: int
    problems: tuple[Problem, ...]
    tombstone: Tombstone | None

    @property
    def is_whole(self) -> bool:
        """Whether every byte is as it was published."""
        return not self.problems


def verify_release(
    objects: ObjectStore,
    place: Place,
    release_id: str,
    *,
    recorded: str = "",
    report: Report = lambda _done, _all: None,
) -> Verification:
    """Read every file of a release again.

    Args:
        recorded: sha256 of its `release.json` as the catalogue holds it; "" if it doesn't.

    Raises:
        InvalidInput: there is no such release.
    """
    current = parse_current(place, objects.read(place.current))
    entry, state = current.entry(release_id), current.state(release_id)
    folder = place.release(release_id)
    there = {key[len(folder) + 1 :]: size for key, size in objects.sizes(folder)}
    tombstone = read_tombstone(objects, place, release_id)
    if not there and not entry and not recorded:
        raise InvalidInput(
            "there is no such release", where=folder, remedy="`airdub release list` shows all"
        )
    digests = {digest for digest in (recorded, entry.sha256 if entry else "") if digest}
    check = _Check(objects, folder, there, report)
    problems = check.run(digests, release_id)
    if tombstone and state != "withdrawn":
        text = f"it was withdrawn by {tombstone.who}, but is {state}: withdraw it again"
        problems = (*problems, Problem("unknown", "../current.json", text))
    return Verification(place, release_id, state, check.done, problems, tombstone)


def read_tombstone(objects: ObjectStore, place: Place, release_id: str) -> Tombstone | None:
    """Why a release was withdrawn; None when it wasn't.

    Raises:
        InvalidInput: what lies there is no tombstone.
    """
    key = place.tombstone(release_id)
    stored = objects.read(key)
    try:
        return Tombstone.model_validate_json(stored.data) if stored else None
    except ValidationError:
        raise InvalidInput("it is no tombstone", where=key, remedy="see who wrote it") from None


class _Check:
    """Compares a folder with its `release.json`."""

    def __init__(
        self, objects: ObjectStore, folder: str, there: dict[str, int], report: Report
    ) -> None:
        self._objects = objects
        self._folder = folder
        self._there = there
        self._report = report
        self._total = sum(there.values())
        self.done = 0

    def run(self, digests: set[str], release_id: str) -> tuple[Problem, ...]:
        """Every problem, `release.json`'s own first."""
        stored = self._objects.read(f"{self._folder}/{MANIFEST}")
        if stored is None:
            return (Problem("missing", MANIFEST, "without it nothing is known of the files"),)
        self._count(len(stored.data))
        problems = list(_manifest_problems(stored.data, digests))
        try:
            head = ReleaseHead.model_validate_json(stored.data)
            names = [checked_file_name(file.name) for file in head.files]
        except (ValidationError, InvalidInput):
            return (*problems, Problem("changed", MANIFEST, "it can't be read as a release.json"))
        if head.release_id != release_id:
            problems.append(Problem("changed", MANIFEST, f"it is that of {head.release_id[:40]!r}"))
        problems += [found for file in head.files if (found := self._file_problem(file))]
        extra = sorted(set(self._there) - {*names, MANIFEST})
        problems += [Problem("extra", name, "no file of this release") for name in extra]
        return tuple(problems)

    def _file_problem(self, file: ReleaseFile) -> Problem | None:
        if file.name not in self._there:
            return Problem("missing", file.name, f"{file.bytes} bytes")
        digest = hashlib.sha256()
        size = 0
        try:
            for block in self._objects.stream(f"{self._folder}/{file.name}"):
                digest.update(block)
                size += len(block)
                self._count(len(block))
        except FileNotFoundError:
            return Problem("missing", file.name, "it went while it was read")
        if size != file.bytes:
            return Problem("changed", file.name, f"{size} bytes, not {file.bytes}")
        if digest.hexdigest() != file.sha256:
            text = f"sha256 {digest.hexdigest()[:12]}, not {file.sha256[:12]}"
            return Problem("changed", file.name, text)
        return None

    def _count(self, size: int) -> None:
        self.done += size
        self._report(self.done, max(self._total, self.done))


def _manifest_problems(data: bytes, digests: set[str]) -> Iterator[Problem]:
    digest = hashlib.sha256(data).hexdigest()
    if not digests:
        yield Problem(
            "unknown", MANIFEST, "neither current.json nor the catalogue holds its digest"
        )
    for other in sorted(digests - {digest}):
        yield Problem("changed", MANIFEST, f"sha256 {digest[:12]}, not {other[:12]}")
