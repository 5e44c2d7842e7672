"""The model cache: a folder of the weights that no package carries, by the paths of `engines.yaml`.

A path never changes its bytes: another revision has another path. So engines of two versions share
a cache while an upgrade rolls out, and what is there once is never written again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from airdub.artifacts import file_digest
from airdub.downloads import Download, download
from airdub.engines import EngineSpec, Weights, find_engine, load_engines
from airdub.errors import DependencyUnavailable, InvalidInput, PolicyRefused
from airdub.model import Document
from airdub.profiles import load_profile

State = Literal["here", "missing", "partly here", "damaged"]
Report = Callable[[int, int], None]
"""Told how many bytes of how many are there."""


class Stamp(Document):
    """What was found when a file was last read whole; it holds as long as size and time do."""

    sha256: str
    bytes: int
    mtime_ns: int


@dataclass(frozen=True)
class Wanted:
    """A file of the cache, and the engines (`stage/name`) that use it."""

    weights: Weights
    engines: tuple[str, ...]


class ModelCache:
    """The files below one folder.

    Args:
        folder: AIRDUB_MODEL_CACHE; it may be a read-only volume for all but `fetch`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

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

    def state(self, weights: Weights, *, read: bool = False) -> State:
        """How it is with a file.

        Args:
            read: read every byte, whatever is known.
        """
        found = self.read(weights) if read else self.digest(weights)
        if found is not None:
            return "here" if found == weights.sha256 else "damaged"
        return "partly here" if self._download(weights).part.exists() else "missing"

    def fetch(self, weights: Weights, report: Callable[[int], None]) -> bool:
        """Get a file unless it is there. Returns whether it had to be fetched.

        Raises:
            AirdubError: see `airdub.downloads.download`.
        """
        wanted = self._download(weights)
        with wanted.lock():
            if self.state(weights) == "here":
                return False
            download(wanted, self.path(weights), report)
            if facts := self._facts(weights):
                self._note(weights, weights.sha256, facts)
        return True

    def _download(self, weights: Weights) -> Download:
        return Download(weights.url, weights.sha256, weights.bytes, self.folder / ".parts")

    def _note(self, weights: Weights, digest: str, facts: tuple[int, int]) -> None:
        stamp = Stamp(sha256=digest, bytes=facts[0], mtime_ns=facts[1])
        at = self._stamp_path(weights)
        at.parent.mkdir(parents=True, exist_ok=True)
        part = at.with_name(f".{at.name}.{os.getpid()}")
        part.write_bytes(stamp.to_json())
        part.replace(at)

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


def choose_engines(engines: Iterable[str] = (), profiles: Iterable[str] = ()) -> list[EngineSpec]:
    """Engines by `stage/name`, and those that profiles use; all of the registry if none is named.

    Raises:
        InvalidInput: there is no such engine or profile.
    """
    named = [find_engine(*_parted(engine)) for engine in engines]
    used = [
        find_engine(stage, rule.engine)
        for profile in map(load_profile, profiles)
        for stage, rules in profile.stages.items()
        for rule in rules
    ]
    return [*named, *used] or list(load_engines().values())


def wanted_weights(specs: Iterable[EngineSpec]) -> list[Wanted]:
    """The files of the cache that engines use, each once, by their paths.

    Raises:
        InvalidInput: the registry states two contents for one path.
    """
    users: dict[str, list[str]] = {}
    files: dict[str, Weights] = {}
    for spec in specs:
        for weights in spec.weights.values():
            if not weights.url:
                continue
            if files.setdefault(weights.path, weights).sha256 != weights.sha256:
                raise InvalidInput(
                    f"{weights.path} is stated with two contents",
                    where=f"engines.yaml, {spec.stage}/{spec.name}",
                    remedy="give each revision a path of its own",
                )
            users.setdefault(weights.path, []).append(f"{spec.stage}/{spec.name}")
    return [Wanted(files[path], tuple(dict.fromkeys(users[path]))) for path in sorted(files)]


def refuse_unaccepted(wanted: Iterable[Wanted], accepted: Iterable[str]) -> None:
    """Make sure that somebody accepted each licence that isn't known to allow commercial use.

    Raises:
        PolicyRefused: one was not.
    """
    known = set(accepted)
    open_ones = [
        one for one in wanted if not one.weights.commercial_use and one.weights.licence not in known
    ]
    if not open_ones:
        return
    licences = sorted({one.weights.licence for one in open_ones})
    raise PolicyRefused(
        f"not known to allow commercial use: {', '.join(licences)}",
        where=", ".join(f"{one.weights.path} ({one.weights.licence})" for one in open_ones),
        remedy="read them, then say "
        + " ".join(f"--accept-licence {licence}" for licence in licences)
        + "; or choose other engines by --engine or --profile",
    )


def fetch_all(cache: ModelCache, wanted: Iterable[Wanted], report: Report) -> list[Wanted]:
    """Get what isn't there yet, one file after the other. Returns what had to be fetched.

    Raises:
        AirdubError: see `airdub.downloads.download`; files that arrived before stay.
    """
    files = list(wanted)
    total, done, fetched = sum(one.weights.bytes for one in files), 0, []
    for one in files:

        def tell(here: int, before: int = done) -> None:
            report(before + here, total)

        if cache.fetch(one.weights, tell):
            fetched.append(one)
        done += one.weights.bytes
        report(done, total)
    return fetched


def _parted(engine: str) -> tuple[str, str]:
    stage, slash, name = engine.partition("/")
    if slash:
        return stage, name
    raise InvalidInput(f"{engine!r} is no engine", where="--engine", remedy="write STAGE/NAME")
