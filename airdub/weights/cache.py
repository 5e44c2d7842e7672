"""The model cache: a folder of the weights that no package carries, by the paths of `engines.yaml`.

A path never changes its bytes: another revision has another path. So engines of two versions share
a cache while an upgrade rolls out, and what is there once is never written again.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from airdub.artifacts import file_digest
from airdub.downloads import Download, download, move, refuse_small_disk, size_of
from airdub.engines import Weights
from airdub.errors import DependencyUnavailable, InvalidInput
from airdub.model import Document

State = Literal["here", "missing", "partly here", "damaged", "not accepted"]
Report = Callable[[int, int], None]
"""Told how many bytes of how many are there."""


class Stamp(Document):
    """What was found when a file was last read whole; it holds as long as size and time do."""

    sha256: str
    bytes: int
    mtime_ns: int


class Acceptance(Document):
    """Which bytes a person has accepted as those of an unverified file."""

    sha256: str


class ModelCache:
    """The files below one folder.

    Args:
        folder: AIRDUB_MODEL_CACHE; it may be a read-only volume for all but `fetch` and `take`.
        mirror: AIRDUB_WEIGHTS_MIRROR.
        offline: AIRDUB_OFFLINE: nothing is fetched.
    """

    def __init__(self, folder: Path, *, mirror: str = "", offline: bool = False) -> None:
        self.folder = folder
        self._mirror = mirror
        self._offline = offline

    def path(self, weights: Weights) -> Path:
        """Where the file lies, or will."""
        return self.folder / weights.path

    def digest(self, weights: Weights) -> str | None:
        """sha256 of the file that is there; it is read only if it wasn't since it was written."""
        stamp, facts = self._stamp(weights), self._facts(weights)
        if stamp and facts == (stamp.bytes, stamp.mtime_ns):
            return stamp.sha256
        return self.read(weights) if facts else None

    def read(self, weights: Weights) -> str | None:
        """The same by reading every byte, as someone does who doesn't trust the disk.

        Raises:
            DependencyUnavailable: it can't be read.
        """
        facts = self._facts(weights)
        if facts is None:
            return None
        try:
            digest, _ = file_digest(self.path(weights))
        except OSError as error:
            raise DependencyUnavailable(
                f"the file can't be read: {error.strerror}",
                where=str(self.path(weights)),
                remedy="see who may read it, and whether its volume works",
            ) from error
        with suppress(OSError):  # a read-only volume: it is read again next time
            self._note(weights, digest, facts)
        return digest

    def expected(self, weights: Weights) -> str | None:
        """sha256 that the file must have; None of an unverified one that nobody has accepted."""
        if not weights.unverified:
            return weights.sha256
        try:
            return Acceptance.model_validate_json(self._acceptance(weights).read_bytes()).sha256
        except (OSError, ValidationError):
            return None

    def accepted_digest(self, weights: Weights) -> str | None:
        """As `digest`, but nothing of an unverified file that isn't the accepted one."""
        found = self.digest(weights)
        return found if not weights.unverified or found == self.expected(weights) else None

    def state(self, weights: Weights, *, read: bool = False) -> State:
        """How it is with a file.

        Args:
            read: read every byte, whatever is known.
        """
        found = self.read(weights) if read else self.digest(weights)
        if found is not None:
            expected = self.expected(weights)
            if expected is None:
                return "not accepted"
            return "here" if found == expected else "damaged"
        return "partly here" if self._download(weights).part.exists() else "missing"

    def fetch(self, weights: Weights, report: Report) -> bool:
        """Get a file unless it is there. Returns whether it had to be fetched.

        What an unverified one turns out to be is accepted by it: ask `refuse_unverified` before.

        Raises:
            DependencyUnavailable: there is no URL, or nothing may be fetched here.
            AirdubError: see `airdub.downloads.download`.
        """
        with self._download(weights).lock():
            if self.state(weights) == "here":
                return False
            self._refuse_what_has_no_source(weights)
            size = weights.bytes or size_of(self._url(weights))
            wanted = self._download(weights, size)
            digest = download(wanted, self.path(weights), lambda here: report(here, size))
            self._keep(weights, digest)
        return True

    def take(self, weights: Weights, file: Path, digest: str) -> None:
        """Copy a file that a person has got himself, and accept it.

        Args:
            digest: sha256 of the file.

        Raises:
            InvalidInput: the file changes while it is copied.
            TemporaryFailure: the disk is too small.
        """
        wanted = Download("", digest, file.stat().st_size, self.folder / ".parts")
        with wanted.lock():
            refuse_small_disk(wanted)
            shutil.copyfile(file, wanted.part)
            if file_digest(wanted.part)[0] != digest:
                wanted.part.unlink()
                raise InvalidInput(
                    "the file changed while it was copied",
                    where=str(file),
                    remedy="wait until it is whole",
                )
            move(wanted.part, self.path(weights))
            self._keep(weights, digest)

    def _refuse_what_has_no_source(self, weights: Weights) -> None:
        if self._url(weights) and not self._offline:
            return
        what = "nothing is fetched here (AIRDUB_OFFLINE)" if self._offline else "no URL gives it"
        raise DependencyUnavailable(
            what,
            where=weights.path,
            remedy=f"get it by hand ({weights.url or weights.page}), then run "
            "`airdub weights import FILE`",
        )

    def _url(self, weights: Weights) -> str:
        return f"{self._mirror}/{weights.path}" if self._mirror else weights.url

    def _download(self, weights: Weights, size: int = 0) -> Download:
        """What to fetch; without its size where only its lock or its unfinished file are meant."""
        digest = self.expected(weights) or weights.sha256
        return Download(self._url(weights), digest, size, self.folder / ".parts")

    def _keep(self, weights: Weights, digest: str) -> None:
        """Note what was found of a file that has just got its name."""
        if weights.unverified:
            _write(self._acceptance(weights), Acceptance(sha256=digest))
        if facts := self._facts(weights):
            self._note(weights, digest, facts)

    def _acceptance(self, weights: Weights) -> Path:
        return self.folder / ".accepted" / f"{weights.path}.json"

    def _note(self, weights: Weights, digest: str, facts: tuple[int, int]) -> None:
        stamp = Stamp(sha256=digest, bytes=facts[0], mtime_ns=facts[1])
        _write(self._stamp_path(weights), stamp)

    def _stamp_path(self, weights: Weights) -> Path:
        return self.folder / ".stamps" / f"{weights.path}.json"

    def _stamp(self, weights: Weights) -> Stamp | None:
        try:
            return Stamp.model_validate_json(self._stamp_path(weights).read_bytes())
        except (OSError, ValidationError):
            return None

    def _facts(self, weights: Weights) -> tuple[int, int] | None:
        """Size and time of the file, None when there is none."""
        try:
            found = self.path(weights).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_size, found.st_mtime_ns


def _write(at: Path, document: Document) -> None:
    at.parent.mkdir(parents=True, exist_ok=True)
    part = at.with_name(f".{at.name}.{os.getpid()}.{threading.get_ident()}")
    part.write_bytes(document.to_json())
    part.replace(at)
