"""Going through the work of all stages, shard by shard, in memory that doesn't grow with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airdub.artifacts import ArtifactStore, StoredFacts
from airdub.catalog import open_catalog
from airdub.erasure import finish_erasures
from airdub.leases import Lease
from airdub.results import load_result
from airdub.stages import STAGES
from airdub.sweeping.folders import WorkFolder, chunk_folders, roots, work_folders

if TYPE_CHECKING:
    from airdub.catalog import Catalog
    from airdub.requests import StageResult
    from airdub.settings import Settings

Report = Callable[[int, int], None]
"""Told after each shard (the fingerprints of a stage that begin alike): how many of how many."""

_SHARD = re.compile(r"[0-9a-f]{2}")


@dataclass(frozen=True)
class Tally:
    """What was found of a stage's work.

    Attributes:
        folders: that were looked at.
        young: of them, written within the days that are kept.
        needed, needed_bytes: old, and with something that could go, but somebody needs it.
        swept, swept_bytes: of which something goes, and how much.
    """

    stage: str
    folders: int = 0
    young: int = 0
    needed: int = 0
    needed_bytes: int = 0
    swept: int = 0
    swept_bytes: int = 0


def sweep(
    settings: Settings,
    *,
    remove: bool,
    days: int | None = None,
    report: Report = lambda _done, _all: None,
) -> list[Tally]:
    """Remove bulky work that nobody needs; without `remove` only tell what would go.

    Needed is what was written, or found by a run, within the last days, and what a run was made of
    that was judged within them, is a current release (or ceased to be one within them), waits for
    publication, repair or a person, or is of a source that a request is open for or a run has begun
    on within them. Proofs (`result.json`) and small outputs stay, of dead attempts nothing. Chunks
    only save work, so they go once nobody has made or found them within the days. What lies under
    a revoked consent goes first, whatever its age (`airdub.erasure.finish_erasures`).
    Interrupted, it is finished by doing it again.

    Returns:
        Stage by stage, in the pipeline's order.

    Raises:
        DependencyUnavailable: store or catalogue doesn't answer.
    """
    if remove:
        finish_erasures(settings)
    store = ArtifactStore(settings.store_url)
    kept_days = days or settings.sweep_days
    before = _now() - timedelta(days=kept_days)
    found = {stage: Tally(stage) for stage in STAGES}
    shards = [(stage, prefix) for stage in STAGES for prefix in _shards(store, f"work/{stage}")]
    chunks = [(stage, prefix) for stage in STAGES for prefix in _chunk_shards(store, stage)]
    with open_catalog(settings.catalog_url) as catalog:
        broom = _Broom(store, catalog, before, remove=remove)
        for done, (stage, prefix) in enumerate(shards, start=1):
            for folder in work_folders(STAGES[stage], store.list_facts(prefix)):
                found[stage] = broom.pass_over(folder, found[stage])
            report(done, len(shards) + len(chunks))
        for done, (stage, prefix) in enumerate(chunks, start=1 + len(shards)):
            for key, files in chunk_folders(prefix, store.list_facts(prefix)):
                found[stage] = broom.pass_over_chunk(key, files, found[stage])
            report(done, len(shards) + len(chunks))
        if remove:
            longest = timedelta(days=max(kept_days, settings.sweep_days))
            catalog.forget_starts(_text(_now() - longest))
    return [*found.values()]


def _shards(store: ArtifactStore, folder: str) -> list[str]:
    return [f"{folder}/{name}" for name in store.folders(folder) if _SHARD.fullmatch(name)]


def _chunk_shards(store: ArtifactStore, stage: str) -> list[str]:
    """Where a chunked stage's chunks lie; those that show people are below their consents."""
    if not STAGES[stage].chunked:
        return []
    consents = f"work/{stage}/consents"
    roots = [f"work/{stage}/chunks", *(f"{consents}/{name}" for name in store.folders(consents))]
    return [prefix for root in roots for prefix in _shards(store, root)]


class _Broom:
    def __init__(
        self, store: ArtifactStore, catalog: Catalog, before: datetime, *, remove: bool
    ) -> None:
        self._store, self._catalog, self._before = store, catalog, before
        self._remove = remove
        self._since = _text(before)

    def pass_over(self, folder: WorkFolder, tally: Tally) -> Tally:
        """Sweep a folder if it may be; its part added to the tally."""
        tally = replace(tally, folders=tally.folders + 1)
        if folder.written >= self._before:
            return replace(tally, young=tally.young + 1)
        gone = () if folder.is_lean else folder.removable(self._result(folder))
        if not gone:
            return tally
        size = sum(file.bytes for file in gone)
        if self._is_needed(folder):
            return replace(tally, needed=tally.needed + 1, needed_bytes=tally.needed_bytes + size)
        if self._remove:
            for key in roots(folder, gone):
                self._store.delete(key)
        return replace(tally, swept=tally.swept + 1, swept_bytes=tally.swept_bytes + size)

    def pass_over_chunk(self, key: str, files: tuple[StoredFacts, ...], tally: Tally) -> Tally:
        """Sweep a chunk if it is old; whoever finds one writes its manifest again."""
        tally = replace(tally, folders=tally.folders + 1)
        if not self._is_old(files) or not self._is_old(self._store.list_facts(key)):
            return replace(tally, young=tally.young + 1)
        if self._remove:
            self._store.delete(key)
        size = sum(file.bytes for file in files)
        return replace(tally, swept=tally.swept + 1, swept_bytes=tally.swept_bytes + size)

    def _is_old(self, files: tuple[StoredFacts, ...]) -> bool:
        return all(file.written < self._before for file in files)

    def _result(self, folder: WorkFolder) -> StageResult | None:
        return load_result(self._store, folder.result_key) if folder.has_result else None

    def _is_needed(self, folder: WorkFolder) -> bool:
        """Asked right before anything goes, so that what began meanwhile is seen."""
        if self._catalog.is_needed(folder.fingerprint, self._since):
            return True
        if Lease(self._store, folder.key).holder() is not None:
            return True
        return any(file.written >= self._before for file in self._store.list_facts(folder.key))


def _text(time: datetime) -> str:
    """A time as the catalogue writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _now() -> datetime:
    return datetime.now(UTC)
