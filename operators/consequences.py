"""What is done about a stored verdict: the branch, and the ends that don't publish.

Each of them reads the catalogue, not the gate's XCom: what is recorded is what happens. Publishing
is in `operators.publish`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseBranchOperator, BaseOperator
from airflow.sdk.exceptions import AirflowSkipException, DagRunTriggerException

from airdub.catalog import open_catalog
from airdub.errors import InvalidInput
from airdub.gates import Consequence
from airdub.orders import DubOrder
from airdub.repair import attempt_run_id
from airdub.settings import load_settings
from operators.wiring import task_defaults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context

    from airdub.catalog import Repair

_GOING_ON = ("queued", "started")
_LONGEST_NOTE = 1000
"""Characters that Airflow's database keeps; PostgreSQL refuses a run with more."""


class FollowVerdictOperator(BaseBranchOperator):
    """Lets the one task run that the stored consequence asks for.

    Args:
        tasks: ids of the tasks, by consequence.
    """

    ui_color = "#fde68a"

    def __init__(self, *, tasks: Mapping[Consequence, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tasks = {str(consequence): task_id for consequence, task_id in tasks.items()}

    def choose_branch(self, context: Context) -> str:
        """The task's id.

        Raises:
            InvalidInput: the run has no verdict.
        """
        run_id = str(context["run_id"])
        with open_catalog(load_settings().catalog_url) as catalog:
            judgement = catalog.judgement(run_id)
        if judgement is None:
            raise _missing("verdict", run_id)
        return self.tasks[str(judgement.verdict.consequence)]


class StartRepairOperator(BaseOperator):
    """Starts the next attempt at the title: a run of the same DAG under a name of its own.

    The name is made of the run's and the attempt's number, so that starting it twice is once: when
    the run is there already, this task is skipped.
    """

    ui_color = "#fed7aa"

    def execute(self, context: Context) -> None:
        """Note that the repair is started, then start it."""
        run_id, order = str(context["run_id"]), DubOrder.parse(context["params"])
        with open_catalog(load_settings().catalog_url) as catalog:
            repair = catalog.repair(run_id)
            if repair is None:
                raise _missing("repair", run_id)
            if repair.state not in _GOING_ON:
                raise AirflowSkipException(f"the repair is {repair.state}")
            catalog.set_state("repair", run_id, "started", was="queued")
        next_id = attempt_run_id(run_id, repair.next_attempt)
        self.log.info("Attempt %s is run %s: %s", repair.next_attempt, next_id, told(repair))
        start_run(
            str(context["dag_run"].dag_id),
            next_id,
            next_order(order, repair).model_dump(mode="json"),
            note=told(repair),
        )


class QueueReviewOperator(BaseOperator):
    """Has people asked about the run: starts a run of `review_dub`, and doesn't wait for it.

    One that is queued already will do: it shows the worst, and starts the next.

    Args:
        review_dag_id: DAG whose every run shows one review, the worst first.
    """

    ui_color = "#ddd6fe"

    def __init__(self, *, review_dag_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.review_dag_id = review_dag_id

    def execute(self, context: Context) -> None:
        """The review is in the catalogue since the verdict."""
        run_id = str(context["run_id"])
        with open_catalog(load_settings().catalog_url) as catalog:
            review = catalog.review(run_id)
        if review is None:
            raise _missing("review", run_id)
        if review.state != "open":
            raise AirflowSkipException(f"the review is {review.state}")
        self.log.info("Waiting for a person: Dub reviews, or Browse, Required Actions")
        if is_queued(context, self.review_dag_id):
            return
        start_run(self.review_dag_id, f"{run_id}.review", {"run_id": run_id})


class QuarantineOperator(BaseOperator):
    """Says why nobody may see the run."""

    ui_color = "#fecaca"

    def execute(self, context: Context) -> str:
        """The reason; the run is held in quarantine since the verdict."""
        run_id = str(context["run_id"])
        with open_catalog(load_settings().catalog_url) as catalog:
            held = catalog.quarantine(run_id)
        if held is None:
            raise _missing("quarantine", run_id)
        self.log.warning("Quarantined (%s): %s", held.state, held.reason)
        return held.reason


def next_order(order: DubOrder, repair: Repair) -> DubOrder:
    """The order of the attempt that repairs a run."""
    return order.model_copy(
        update={
            "attempt": repair.next_attempt,
            "repair": repair.plan,
            "parent_run_id": repair.run_id,
        }
    )


def told(repair: Repair) -> str:
    """What the attempt changes, in a line."""
    return f"repairs {repair.plan.summary}" if repair.plan else repair.note or "as it was before"


def is_queued(context: Context, dag_id: str) -> bool:
    """Whether a run of that DAG waits for its turn."""
    return bool(context["ti"].get_dr_count(dag_id=dag_id, states=["queued"]))


def start_run(dag_id: str, run_id: str, conf: dict[str, Any], *, note: str = "") -> None:
    """End this task by starting a run; a run of that id that is there already is left alone.

    It has no logical date: another run's could collide with it, and it would be lost without a
    word.

    Raises:
        DagRunTriggerException: always; it is how a task asks Airflow for a run.
    """
    raise DagRunTriggerException(
        trigger_dag_id=dag_id,
        dag_run_id=run_id,
        conf=conf,
        logical_date=None,
        reset_dag_run=False,
        skip_when_already_exists=True,
        wait_for_completion=False,
        allowed_states=[],
        failed_states=[],
        poke_interval=0,
        deferrable=False,
        note=_cut(note) or None,
    )


def _cut(note: str) -> str:
    return note if len(note) <= _LONGEST_NOTE else f"{note[: _LONGEST_NOTE - 4]} ..."


def follow_verdict_task(tasks: Mapping[Consequence, BaseOperator], **task: Any) -> BaseOperator:
    """The branch, upstream of all of the tasks.

    Raises:
        ValueError: a consequence has no task.
    """
    if set(tasks) != set(Consequence):
        raise ValueError(f"every consequence needs a task: {sorted(set(Consequence) - set(tasks))}")
    branch = FollowVerdictOperator(
        task_id="follow_verdict",
        tasks={consequence: one.task_id for consequence, one in tasks.items()},
        **{**task_defaults(), **task},
    )
    branch.set_downstream([*tasks.values()])
    return branch


def _missing(what: str, run_id: str) -> InvalidInput:
    return InvalidInput(
        f"the run has no {what} in the catalogue", where=run_id, remedy="clear release_gate"
    )
