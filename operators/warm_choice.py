"""Choosing what a stage is warmed for: requests of titles that wait in the queue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict

from airflow.sdk import BaseOperator

from airdub.artifacts import ArtifactStore
from airdub.batches import build_batch
from airdub.catalog import Catalog, open_catalog
from airdub.engines import find_engine
from airdub.environments import read_environment
from airdub.settings import load_settings
from operators.warming.choosing import Choice, choose
from operators.warming.standing import Look, Onlooker, Standing, Wiring

if TYPE_CHECKING:
    from airflow.sdk import Context


class Chosen(TypedDict):
    """XCom of the choice: key of the batch, "" when nothing is ready; and how many there are."""

    batch_key: str
    ready: int
    others: dict[str, int]


class ChooseRequestsOperator(BaseOperator):
    """Looks which titles of the queue a stage can be warmed for: the run's parameter `stage`.

    Args:
        wiring: of the pipeline.
    """

    ui_color = "#fef9c3"

    def __init__(self, *, wiring: Wiring, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.wiring = wiring

    def execute(self, context: Context) -> Chosen:
        """Choose, and write the batch down."""
        params, settings = context["params"], load_settings()
        stage, engine = str(params["stage"]), str(params["engine"] or "")
        if engine:
            find_engine(stage, engine)
        store = ArtifactStore(settings.store_url)
        environment = read_environment(settings)
        onlooker = Onlooker(settings, store, environment, self.wiring, stage)
        with open_catalog(settings.catalog_url) as catalog:
            looks = self._looks(catalog, onlooker, settings.urgent_hours)
            choice = choose(looks, int(params["most"]), engine)
        return self._told(store, choice, str(context["run_id"]))

    def _looks(self, catalog: Catalog, onlooker: Onlooker, urgent_hours: int) -> Iterator[Look]:
        soon = datetime.now(UTC) + timedelta(hours=urgent_hours)
        coming = catalog.upcoming(urgent_before=soon.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        for request in coming:
            look = onlooker.look(catalog, request)
            if look.standing is Standing.REFUSED:
                self.log.warning("%s in %s: %s", request.title_id, request.language, look.why)
            yield look

    def _told(self, store: ArtifactStore, choice: Choice, run_id: str) -> Chosen:
        key = ""
        if choice.requests and choice.resources:
            batch = build_batch(choice.requests, choice.resources, run_id)
            store.write(batch.request_key, batch.to_json())
            key = batch.request_key
        others = dict(choice.others.most_common())
        said = ", ".join(f"{count} {words}" for words, count in others.items())
        name = f" for {choice.engine.name}" if choice.engine else ""
        self.log.info("%s ready%s; besides: %s", len(choice.requests), name, said or "none")
        return Chosen(batch_key=key, ready=len(choice.requests), others=others)
