"""Starting a run of dub_video for a request: by the version and the plan of now, and once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog, open_catalog
from airdub.errors import InvalidInput
from airdub.queue.documents import ACTIVE, Request, RequestState
from airdub.queue.runs import first_order, last_run
from airdub.queue.selecting import planned_anew
from airdub.repair import attempt_run_id
from airdub.settings import load_settings
from operators.consequences import next_order, start_run
from operators.review_outcomes import order_of

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airdub.library.documents import Title
    from airdub.orders import DubOrder

_STARTABLE = (*ACTIVE, RequestState.IN_REVIEW)  # a person's redo goes on from a review


class StartDubOperator(BaseOperator):
    """Starts a run for a request: its first one, or a repair that nobody has started.

    A run that is there already makes it end as skipped.

    Args:
        run_id: id of the run.
        dub_dag_id: DAG that makes dubs.
    """

    ui_color = "#fed7aa"
    template_fields = ("run_id",)

    def __init__(self, *, run_id: str, dub_dag_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run_id = run_id
        self.dub_dag_id = dub_dag_id

    def execute(self, context: Context) -> None:
        """Note that it runs, then start it: whoever is killed in between is found as lost."""
        settings = load_settings()
        store = ArtifactStore(settings.store_url)
        with open_catalog(settings.catalog_url) as catalog:
            request = catalog.request_of_run(attempt_run_id(self.run_id, 1))
            if request is None or request.state not in _STARTABLE:
                raise AirflowSkipException("nobody wants it any more")
            title = self._title_of(catalog, request)
            if self.run_id == request.run_id:
                request = self._by_plan_of_now(catalog, request, title)
                order = first_order(request, title)
                run_id = request.run_id
            else:
                run_id, order = self.run_id, self._repair(catalog, store, request)
            catalog.settle(request.request_id, RequestState.RUNNING, was=request.state)
        conf = order.model_dump(mode="json")
        start_run(self.dub_dag_id, run_id, conf, note=f"queue: {request.lane}")

    def _repair(self, catalog: Catalog, store: ArtifactStore, request: Request) -> DubOrder:
        last = last_run(catalog, request.run_id)
        repair = catalog.repair(last.repairs) if last.repairs else None
        if repair is None or last.run_id != self.run_id:
            raise AirflowSkipException("another run has taken its place")
        return next_order(order_of(store, last.repairs), repair)

    def _title_of(self, catalog: Catalog, request: Request) -> Title:
        """The request's title, if its version is the one of now."""
        title = catalog.title(request.title_id)
        if title is None:
            raise InvalidInput(
                "the library has no such title", where=request.title_id, remedy="scan it again"
            )
        if title.version != request.version:
            note = "the title has another version by now"
            superseded = RequestState.SUPERSEDED
            catalog.settle(request.request_id, superseded, was=request.state, note=note)
            raise AirflowSkipException(note)
        return title

    def _by_plan_of_now(self, catalog: Catalog, request: Request, title: Title) -> Request:
        """The request, or the one that takes its place where engines changed while it waited."""
        try:
            planned = planned_anew(request, title)
        except InvalidInput as error:
            words = {"reason": type(error).__name__, "note": str(error)}
            refused = RequestState.REFUSED
            catalog.settle(request.request_id, refused, was=request.state, **words)
            raise AirflowSkipException(str(error)) from error
        if planned.plan_digest == request.plan_digest:
            return request
        replaced = catalog.replan(request, planned)
        if replaced.state is not RequestState.CLAIMED:
            raise AirflowSkipException(
                f"its plan changed; by the plan of now it is {replaced.state}"
            )
        self.log.info("The plan of %s changed: it is run %s now", request.run_id, replaced.run_id)
        return replaced
