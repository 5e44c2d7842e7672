"""What of a fingerprint's folder may go. Pure: listings and results in, keys out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import PurePosixPath

from airdub.artifacts import StoredFacts
from airdub.requests import StageResult
from airdub.stages import StageSpec

_RESULT = "result.json"
_OUTPUTS = "outputs"
_NO_ATTEMPTS = frozenset({"lease", "requests"})


@dataclass(frozen=True)
class WorkFolder:
    """What lies under one fingerprint.

    Attributes:
        key: `work/<stage>/<fp[:2]>/<fp>`.
        files: of it, sorted by key; at least one.
    """

    key: str
    spec: StageSpec
    files: tuple[StoredFacts, ...]

    @property
    def fingerprint(self) -> str:
        """The folder's name."""
        return self.key.rpartition("/")[2]

    @property
    def written(self) -> datetime:
        """When something was last written to it; whoever works in it renews his lease here."""
        return max(file.written for file in self.files)

    @property
    def result_key(self) -> str:
        """Where the proof lies, if there is one."""
        return f"{self.key}/{_RESULT}"

    @property
    def has_result(self) -> bool:
        """Whether there is a proof."""
        return any(file.key == self.result_key for file in self.files)

    @property
    def is_lean(self) -> bool:
        """Whether names alone tell that nothing of it can go: one attempt, and small outputs."""
        inside = [file for file in self.files if self._attempt(file)]
        return (
            self.has_result
            and len({self._attempt(file) for file in inside}) <= 1
            and all(self._is_small(file) for file in inside)
        )

    def removable(self, result: StageResult | None) -> tuple[StoredFacts, ...]:
        """Its files that may go: bulky outputs, and all that no result names.

        Args:
            result: of the folder; None when it has none, or none that this version can read.
        """
        if not self.has_result:
            return self.files  # killed before it was done, and nobody went on
        if result is None:
            return ()
        kept = {ref.key for name, ref in result.outputs.items() if not self.spec.output(name).bulky}
        return tuple(file for file in self.files if self._attempt(file) and file.key not in kept)

    def _attempt(self, file: StoredFacts) -> str:
        """The attempt that a file is of; "" for proof, leases and requests."""
        first, slash, _ = file.key.removeprefix(f"{self.key}/").partition("/")
        return first if slash and first not in _NO_ATTEMPTS else ""

    def _is_small(self, file: StoredFacts) -> bool:
        """Whether it is named as an output of its stage that stays."""
        path = PurePosixPath(file.key.removeprefix(f"{self.key}/"))
        if len(path.parts) < 3 or path.parts[1] != _OUTPUTS:
            return False
        try:
            return not self.spec.output(
                PurePosixPath(*path.parts[2:-1], path.stem).as_posix()
            ).bulky
        except KeyError:
            return False


def work_folders(spec: StageSpec, files: Iterable[StoredFacts]) -> Iterator[WorkFolder]:
    """The folders of a stage's fingerprints, out of a sorted listing below `work/<stage>/<xx>`."""
    for key, group in groupby(files, lambda file: "/".join(file.key.split("/")[:4])):
        yield WorkFolder(key, spec, tuple(group))


def chunk_folders(
    prefix: str, files: Iterable[StoredFacts]
) -> Iterator[tuple[str, tuple[StoredFacts, ...]]]:
    """The folders of chunks with their files, out of a sorted listing below a prefix."""
    depth = prefix.count("/") + 2
    for key, group in groupby(files, lambda file: "/".join(file.key.split("/")[:depth])):
        yield key, tuple(group)


def roots(folder: WorkFolder, gone: Iterable[StoredFacts]) -> list[str]:
    """The keys by which files are removed: whole folders where nothing is left in them."""
    left = {file.key for file in folder.files}
    wanted = {file.key for file in gone}
    if wanted >= left:
        return [folder.key]
    found = set()
    for key in wanted:
        parts = key.split("/")
        above = ("/".join(parts[:depth]) for depth in range(5, len(parts)))
        whole = (root for root in above if all(one in wanted for one in left if _below(one, root)))
        found.add(next(whole, key))
    return sorted(found)


def _below(key: str, root: str) -> bool:
    return key.startswith(f"{root}/")
