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
from airdub.results import load_result
from airdub.settings import load_settings
from operators.references import ResultReference
from operators.sources import store_source
from operators.wiring import TaskOutputs, task_defaults

if TYPE_CHECKING:
    from airflow.sdk import Context

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
        plan = check_plan(order, files, environment)
        self.log.info("Engines: %s", ", ".join(f"{stage} {name}" for stage, name in plan.items()))
        with open_catalog(settings.catalog_url) as catalog:
            check_rights(catalog, order.title_id, order.target_language)
            for missing in check_people(catalog, order, plan):
                self.log.warning("%s", missing)
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
        return register(store, outputs | carried, time.monotonic() - began)


def register(
    store: ArtifactStore, outputs: dict[str, ArtifactRef], wall_s: float
) -> ResultReference:
    """Store the result that lists what was stored.

    Args:
        wall_s: how long storing took.
    """
    print_ = fingerprint("ingest", _ENGINE, {}, {n: ref.sha256 for n, ref in outputs.items()}, 0)
    key = f"{output_key('ingest', print_)}/result.json"
    known = load_result(store, key)
    cached = known is not None and all(store.holds(ref) for ref in known.outputs.values())
    if not cached:
        result = StageResult(
            stage="ingest",
            fingerprint=print_,
            outputs=outputs,
            provenance=Provenance(engine=_ENGINE),
            wall_s=round(wall_s, 3),
        )
        store.write(key, result.to_json())
    return ResultReference(result_key=key, fingerprint=print_, cached=cached)


def ingest_task(**task: Any) -> TaskOutputs:
    """The task that brings an order's files into the store."""
    operator = IngestOperator(task_id="ingest", **{**task_defaults(), **task})
    return TaskOutputs(operator, frozenset(OUTPUTS))
