"""The first task of a dub: checks the order and brings its files into the store."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.catalog import open_catalog
from airdub.clearance import check_people, check_rights
from airdub.continuity.carrying import CARRIED, carried_inputs
from airdub.drafts import order_key
from airdub.engines import resolve_engine
from airdub.environments import read_environment
from airdub.orders import DubOrder, check_plan, find_files
from airdub.requests import EngineRef, Provenance, StageResult, fingerprint, output_key
from airdub.results import is_whole, load_result
from airdub.settings import load_settings
from operators.references import ResultReference
from operators.sources import store_source
from operators.wiring import TaskOutputs, task_defaults

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow.sdk import Context

    from airdub.catalog import Catalog
    from airdub.engines import Environment

OUTPUTS = (
    "source",
    "script",
    "target_script",
    "reference",
    "background_stem",
    "dialogue_stem",
    "glossary",
    *CARRIED,
)
_ENGINE = EngineRef(name="ingest", version="1")


class IngestOperator(BaseOperator):
    """Refuses what can't be dubbed as ordered, and stores the rest under its content's hash.

    Its outputs are those of `airdub.orders.find_files`, and what is carried over from the title's
    series and its current release; whatever there isn't is left out.
    """

    ui_color = "#e0e7ff"

    def execute(self, context: Context) -> ResultReference:
        """Check, then store; the same files give the same result."""
        settings = load_settings()
        order = DubOrder.parse(context["params"])
        files = find_files(order, settings.source_roots)
        for name, location in files.items():
            self.log.info("%s: %r", name, location)
        environment = read_environment(settings)
        with open_catalog(settings.catalog_url) as catalog:
            plan, missing = admit(catalog, order, files, environment)
        self.log.info("Engines: %s", ", ".join(f"{stage} {name}" for stage, name in plan.items()))
        for lack in missing:
            self.log.warning("%s", lack)
        store = ArtifactStore(settings.store_url)
        store.write(order_key(str(context["run_id"])), order.to_json())
        began = time.monotonic()
        outputs = {name: store_source(store, one) for name, one in sorted(files.items())}
        translator = resolve_engine("translate", plan["translate"], environment)
        with open_catalog(settings.catalog_url) as catalog:
            catalog.note_start(str(context["run_id"]), order.title_id, outputs["source"].sha256)
            carried = carried_inputs(catalog, store, order, outputs, translator)
        for name in carried:
            self.log.info("%s: %s", name, carried[name].key)
        return register(store, ingested(outputs | carried, time.monotonic() - began))


def admit(
    catalog: Catalog, order: DubOrder, present: Iterable[str], environment: Environment
) -> tuple[dict[str, str], list[str]]:
    """Make sure that a title may be dubbed as ordered, now and here.

    Args:
        present: names of the files that there are.

    Returns:
        Engine by stage, and whose consents are missing.

    Raises:
        InvalidInput, PolicyRefused: it may not; see `check_plan`, `check_rights`, `check_people`.
    """
    plan = check_plan(order, present, environment)
    check_rights(catalog, order.title_id, order.target_language)
    return plan, check_people(catalog, order, plan)


def ingested(outputs: dict[str, ArtifactRef], wall_s: float = 0.0) -> StageResult:
    """The result that lists what was stored.

    Args:
        wall_s: how long storing took.
    """
    hashes = {name: ref.sha256 for name, ref in outputs.items()}
    return StageResult(
        stage="ingest",
        fingerprint=fingerprint("ingest", _ENGINE, {}, hashes, 0),
        outputs=outputs,
        provenance=Provenance(engine=_ENGINE),
        wall_s=round(wall_s, 3),
    )


def register(store: ArtifactStore, result: StageResult) -> ResultReference:
    """Store the result of `ingested`, unless it is there."""
    key = f"{output_key('ingest', result.fingerprint)}/result.json"
    known = load_result(store, key)
    cached = known is not None and is_whole(store, known)
    if not cached:
        store.write(key, result.to_json())
    return ResultReference(result_key=key, fingerprint=result.fingerprint, cached=cached)


def ingest_task(**task: Any) -> TaskOutputs:
    """The task that brings an order's files into the store."""
    operator = IngestOperator(task_id="ingest", **{**task_defaults(), **task})
    return TaskOutputs(operator, frozenset(OUTPUTS))
