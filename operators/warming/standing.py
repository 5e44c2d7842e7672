"""How a request of the queue stands towards a stage: the pipeline is walked by what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog
from airdub.continuity.carrying import carried_inputs
from airdub.engines import Environment, resolve_engine
from airdub.errors import IncompleteResult, InvalidInput, PolicyRefused
from airdub.leases import Lease
from airdub.library.beside import chosen_endings
from airdub.library.files import name_of
from airdub.orders import DubOrder, find_files
from airdub.queue.documents import Request
from airdub.queue.runs import first_order
from airdub.requests import StageRequest, StageResult
from airdub.results import is_whole, load_result
from airdub.settings import Settings
from airdub.stages import STAGES
from operators.ingest import admit, ingested
from operators.references import Source
from operators.sources import source_ref, store_source
from operators.stage_requests import Asked, Asker

INGEST = "ingest"
_REMEMBERED = 256

Wiring = Mapping[str, Mapping[str, Source]]
"""Where each input port of each stage comes from."""


class Standing(StrEnum):
    """How a request stands towards a stage."""

    READY = "ready"
    DONE = "done"
    IN_WORK = "in work"
    EARLY = "waits for another stage"
    REFUSED = "refused"


@dataclass(frozen=True)
class Look:
    """What was found of one request.

    Attributes:
        why: the stage that it waits for, or why it is refused.
        asked: what its dub will ask of the stage; only of what is ready.
    """

    standing: Standing
    why: str = ""
    asked: Asked | None = None


class Onlooker:
    """Looks at requests of the queue, with the eyes of the runs that will dub them.

    Each stage before the one that is asked for is asked as the title's own run would ask it, and
    its result read; the first one without a result ends the walk. Nothing is made, but that a
    stage which reads the source alone has it stored.

    Args:
        environment: what stages find where they run.
    """

    def __init__(
        self,
        settings: Settings,
        store: ArtifactStore,
        environment: Environment,
        wiring: Wiring,
        stage: str,
    ) -> None:
        self._settings, self._store, self._environment = settings, store, environment
        self._wiring, self._stage = wiring, stage
        self._before = tuple(stages_before(wiring, stage))
        self._read = lru_cache(_REMEMBERED)(self._result)  # languages of a title share much

    def look(self, catalog: Catalog, request: Request) -> Look:
        """How a request stands.

        Raises:
            DependencyUnavailable: the storage doesn't answer.
        """
        try:
            return self._look(catalog, request)
        except (InvalidInput, PolicyRefused, IncompleteResult) as error:
            return Look(Standing.REFUSED, str(error))

    def _look(self, catalog: Catalog, request: Request) -> Look:
        title = catalog.title(request.title_id)
        if title is None or title.version != request.version:
            return Look(Standing.REFUSED, "the title has another version by now")
        if title.missing_since:
            return Look(Standing.REFUSED, "its file is gone")
        order = DubOrder.parse(first_order(request, title).model_dump(mode="json"))
        stored = self._stored(catalog, order, title.version)
        if stored is None:
            return Look(Standing.EARLY, INGEST)
        results = {INGEST: stored}
        asker = Asker(self._settings, self._store, order, request.run_id, self._environment)
        for stage in self._before:
            asked = asker.ask(stage, self._wiring[stage], results).request
            result = self._read(asked.result_key, asked.fingerprint)
            if result is None:
                return Look(Standing.EARLY, stage)
            results[stage] = result
        return self._standing(asker.ask(self._stage, self._wiring[self._stage], results))

    def _stored(self, catalog: Catalog, order: DubOrder, version: str) -> StageResult | None:
        """What ingesting the order would give; None where the store has not all of its files."""
        known = catalog.source_version(order.title_id, version)
        if known is None:
            return None
        by_ending = {file.ending: file for file in known.files}
        chosen = chosen_endings(by_ending, order.source_language, order.target_language)
        files = {name: by_ending[ending] for name, ending in ({"source": ""} | chosen).items()}
        plan, _ = admit(catalog, order, files, self._environment)
        refs = {
            name: source_ref(name_of(file.location), file.sha256, file.bytes)
            for name, file in sorted(files.items())
        }
        if not all(self._store.holds(ref) for ref in refs.values()):
            if self._before or not self._reads_source:
                return None
            found = find_files(order, self._settings.source_roots)
            refs = {name: store_source(self._store, one) for name, one in sorted(found.items())}
        translator = resolve_engine("translate", plan["translate"], self._environment)
        return ingested(refs | carried_inputs(catalog, self._store, order, refs, translator))

    @property
    def _reads_source(self) -> bool:
        return any(one.task_id == INGEST for one in self._wiring[self._stage].values())

    def _result(self, key: str, fingerprint: str) -> StageResult | None:
        result = load_result(self._store, key)
        if result is None or result.fingerprint != fingerprint or not is_whole(self._store, result):
            return None
        return result

    def _standing(self, asked: Asked) -> Look:
        request = asked.request
        if self._result(request.result_key, request.fingerprint):
            return Look(Standing.DONE)
        if is_in_work(self._store, request):
            return Look(Standing.IN_WORK)
        return Look(Standing.READY, asked=asked)


def stages_before(wiring: Wiring, stage: str) -> Iterator[str]:
    """The stages that a stage's inputs come from, and theirs, in the pipeline's order."""
    needed, left = set[str](), [stage]
    while left:
        before = {source.task_id for source in wiring[left.pop()].values()} & STAGES.keys()
        left += before - needed
        needed |= before
    return (name for name in STAGES if name in needed)


def is_in_work(store: ArtifactStore, request: StageRequest) -> bool:
    """Whether somebody is making a request's result, or about to."""
    folders = (request.output_key, f"{request.output_key}/requests")
    return any(Lease(store, folder).holder() for folder in folders)
