"""What follows from a person's decision: the stored one, read back from the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from airflow.sdk import BaseBranchOperator, BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog, Decision, open_catalog
from airdub.drafts import order_key
from airdub.environments import read_environment
from airdub.errors import InvalidInput
from airdub.orders import DubOrder
from airdub.repair import attempt_run_id, attempts_of, ladders_of
from airdub.repair.asked import asked_repair
from airdub.results import load_result
from airdub.settings import Settings, load_settings
from operators.consequences import next_order, start_run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context

    from airdub.repair import RepairPlan


class ReviewReference(TypedDict):
    """XCom of `pick`: the review that a run shows, and the run that people look at in it."""

    run_id: str
    best_run_id: str


class FollowReviewOperator(BaseBranchOperator):
    """Lets the one task run that the stored decision asks for; none when there is none.

    Args:
        pick: id of the task that took the review.
        tasks: ids of the tasks, by decision.
    """

    ui_color = "#fde68a"

    def __init__(self, *, pick: str, tasks: Mapping[Decision, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pick = pick
        self.tasks = {str(decision): task_id for decision, task_id in tasks.items()}

    def choose_branch(self, context: Context) -> str | None:
        """The task's id, from the catalogue."""
        reference: ReviewReference = context["ti"].xcom_pull(task_ids=self.pick)
        with open_catalog(load_settings().catalog_url) as catalog:
            review = catalog.review(reference["run_id"])
        return self.tasks.get(review.state) if review else None


class RedoOperator(BaseOperator):
    """Starts the attempt that a person asked for; starting it twice is once.

    Args:
        pick: id of the task that took the review.
        dag_id: of the DAG that makes dubs.
    """

    ui_color = "#fed7aa"

    def __init__(self, *, pick: str, dag_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pick = pick
        self.dub_dag_id = dag_id

    def execute(self, context: Context) -> None:
        """Note that the repair is started, then start it."""
        reference: ReviewReference = context["ti"].xcom_pull(task_ids=self.pick)
        settings, run_id = load_settings(), reference["run_id"]
        with open_catalog(settings.catalog_url) as catalog:
            repair, review = catalog.repair(run_id), catalog.review(run_id)
            if repair is None or review is None:
                raise InvalidInput("there is nothing to redo", where=run_id, remedy="clear ask")
            if repair.state not in ("queued", "started"):
                raise AirflowSkipException(f"the repair is {repair.state}")
            catalog.set_state("repair", run_id, "started", was="queued")
        order = order_of(ArtifactStore(settings.store_url), run_id)
        start_run(
            self.dub_dag_id,
            attempt_run_id(run_id, repair.next_attempt),
            next_order(order, repair).model_dump(mode="json"),
            note=f"{review.who}: {review.notes}",
        )


class HoldBackOperator(BaseOperator):
    """Says why nobody may see the run: it was rejected, or nobody answered in time.

    Args:
        pick: id of the task that took the review.
    """

    ui_color = "#fecaca"

    def __init__(self, *, pick: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pick = pick

    def execute(self, context: Context) -> None:
        """The run is in quarantine since the decision."""
        reference: ReviewReference = context["ti"].xcom_pull(task_ids=self.pick)
        with open_catalog(load_settings().catalog_url) as catalog:
            held = catalog.quarantine(reference["run_id"])
        if held is None:
            raise InvalidInput(
                "the run is not in quarantine", where=reference["run_id"], remedy="clear ask"
            )
        self.log.warning("Quarantined (%s): %s", held.state, held.reason)


def plan_of_redo(
    catalog: Catalog, reference: ReviewReference, notes: str, settings: Settings
) -> RepairPlan:
    """What the next attempt changes: what made the best one, and the lines that notes name."""
    run_id, store = reference["run_id"], ArtifactStore(settings.store_url)
    judged = catalog.judgement(run_id)
    if judged is None:
        raise InvalidInput("the run has no verdict", where=run_id, remedy="clear release_gate")
    all_runs = catalog.verdicts(judged.run.title_id, judged.run.language)
    judgements = [catalog.judgement(one.run.run_id) for one in all_runs]
    attempts = attempts_of([one for one in judgements if one], run_id, store)
    ingest = next((use for use in judged.stages if use.stage == "ingest"), None)
    files = load_result(store, ingest.result_key) if ingest else None
    present = tuple(files.outputs) if files else ()
    ladders = ladders_of(order_of(store, run_id), present, read_environment(settings))
    return asked_repair(attempts, reference["best_run_id"], notes, ladders)


def order_of(store: ArtifactStore, run_id: str) -> DubOrder:
    """What a run was asked to do.

    Raises:
        InvalidInput: the store doesn't know any more.
    """
    try:
        return DubOrder.model_validate_json(store.read(order_key(run_id)))
    except FileNotFoundError as error:
        raise InvalidInput(
            "its order is gone from the store",
            where=order_key(run_id),
            remedy="start a new dub of the title",
        ) from error
