"""People decide where no gate could: the worst review is shown, an answer is kept, then acted on.

A waiting task holds no slot. Its answer goes into the catalogue, together with what follows from
it, before anything acts: whatever is killed later finds it there. An answer that couldn't be kept
is asked for again.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from airflow.providers.standard.operators.hitl import (  # noqa: TID253 - a base class; 5 ms
    HITLOperator,
)
from airflow.sdk import BaseOperator, Param
from airflow.sdk.exceptions import AirflowSkipException

from airdub.catalog import Catalog, Decision, open_catalog
from airdub.errors import Conflict, InvalidInput
from airdub.settings import Settings, load_settings
from operators.consequences import is_queued, start_run
from operators.review_outcomes import ReviewReference, plan_of_redo
from operators.review_text import REDO, REJECT, WAIVER, body, subject
from operators.review_trigger import ReviewTrigger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context

_ALIVE = ["queued", "running"]
_DECISIONS = {
    WAIVER: Decision.PUBLISH_WITH_WAIVER,
    REDO: Decision.REDO,
    REJECT: Decision.REJECT,
}
_FORM: dict[str, dict[str, Any]] = {
    "why": {
        "type": "string",
        "title": "Why",
        "description": "Why it may be published as it is, or why it is rejected.",
    },
    "notes": {
        "type": "string",
        "title": "Notes for a redo",
        "description": "What is to be better. Lines that are named are spoken anew.",
    },
}
_WHY_NEEDED = (Decision.PUBLISH_WITH_WAIVER, Decision.REJECT)


class PickReviewOperator(BaseOperator):
    """Takes the worst review that nobody is shown; without one, the rest of the run is skipped.

    A run that asks again keeps its review. What a run that is gone had taken is free again.
    """

    ui_color = "#ddd6fe"

    def execute(self, context: Context) -> ReviewReference:
        """Take it in the catalogue, where nobody else can take it then."""
        task_run_id = str(context["run_id"])
        with open_catalog(load_settings().catalog_url) as catalog:
            for task in catalog.open_review_tasks():
                if task.task_run_id != task_run_id and not _is_alive(context, task.task_run_id):
                    self.log.info("%s is gone; %s waits again", task.task_run_id, task.run_id)
                    catalog.unshow_review(task.run_id, task.task_run_id)
            review = catalog.show_next_review(task_run_id)
        if review is None:
            raise AirflowSkipException("nothing waits for review")
        self.log.info("Review of %s, priority %g", review.best_run_id, review.priority)
        return ReviewReference(run_id=review.run_id, best_run_id=review.best_run_id)


class ShowReviewsOperator(BaseOperator):
    """Starts a run of the DAG that asks people, if a review waits that no run is there for.

    However many wait, one run is queued at most: when its turn comes it starts the next. The
    catalogue is asked, not the task that opened a review: that may have been killed in between.

    Args:
        review_dag_id: DAG whose every run shows one review.
    """

    ui_color = "#ddd6fe"

    def __init__(self, *, review_dag_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.review_dag_id = review_dag_id

    def execute(self, context: Context) -> None:
        """A run that is one too many finds nothing and ends."""
        with open_catalog(load_settings().catalog_url) as catalog:
            review = catalog.next_review()
        if review is None or is_queued(context, self.review_dag_id):
            raise AirflowSkipException("nothing waits that no run is there for")
        asking = hashlib.sha256(str(context["run_id"]).encode()).hexdigest()[:8]
        start_run(self.review_dag_id, f"{review.run_id}.review.{asking}", {"run_id": review.run_id})


class AskReviewOperator(HITLOperator):
    """Shows the review under Required Actions and keeps the answer.

    It ends by an answer, by a newer attempt that closes the review, or when time is over. Its
    XCom is the review's state then.

    Args:
        pick: id of the task that took the review.
    """

    ui_color = "#ddd6fe"

    def __init__(self, *, pick: str, **kwargs: Any) -> None:
        asked = {"params": {name: Param("", **form) for name, form in _FORM.items()}}
        super().__init__(
            subject="Review of a dub", options=[WAIVER, REDO, REJECT], **{**kwargs, **asked}
        )
        self.pick = pick

    def execute(self, context: Context) -> str:
        """Ask, unless the review was closed meanwhile."""
        reference: ReviewReference = context["ti"].xcom_pull(task_ids=self.pick)
        run_id = reference["run_id"]
        with open_catalog(load_settings().catalog_url) as catalog:
            review = catalog.review(run_id)
            judgement = catalog.judgement(reference["best_run_id"])
        if review is None or judgement is None:
            raise InvalidInput(
                "the review is not in the catalogue", where=run_id, remedy="clear pick"
            )
        if review.state != "open":
            return review.state
        self.subject = subject(judgement, review.notes)
        self.body = body(judgement, ui_path(), review.notes)
        return self._wait(context, run_id)

    def answered(self, context: Context, event: dict[str, Any]) -> str:
        """An answer, or none any more."""
        reference: ReviewReference = context["ti"].xcom_pull(task_ids=self.pick)
        settings, run_id = load_settings(), reference["run_id"]
        if "closed" in event:
            self.log.info("The review is %s; nobody is asked any more", event["closed"])
            return str(event["closed"])
        if "timed_out" in event:
            self.log.warning("Nobody answered within %s days", settings.review_days)
            with open_catalog(settings.catalog_url) as catalog:
                return decide(catalog, run_id, Decision.TIMED_OUT, who="")
        answer = Answer.of(event)
        if answer.decision in _WHY_NEEDED and not answer.why:
            self.log.warning("%s doesn't say why: asked again", answer.who)
            return self._wait(context, run_id)
        self.log.info("%s: %s", answer.who, answer.decision)
        with open_catalog(settings.catalog_url) as catalog:
            plan = None
            if answer.decision is Decision.REDO:
                plan = plan_of_redo(catalog, reference, answer.notes, settings)
            words = {"who": answer.who, "why": answer.why, "notes": answer.notes}
            return decide(catalog, run_id, answer.decision, **words, plan=plan)

    def _wait(self, context: Context, run_id: str) -> NoReturn:
        """Put the question (again, without its answer), and wait without a slot."""
        from airflow.sdk.execution_time.hitl import upsert_hitl_detail

        settings = load_settings()
        with open_catalog(settings.catalog_url) as catalog:
            task = catalog.review_task(run_id)
        if task is None:
            raise InvalidInput("nobody shows the review", where=run_id, remedy="clear pick")
        upsert_hitl_detail(
            ti_id=context["ti"].id,
            options=self.options,
            subject=self.subject,
            body=self.body,
            defaults=None,
            multiple=False,
            params=self.serialized_params,
        )
        until = deadline(task.shown_at, settings)
        self.log.info("Waiting for an answer until %s", until)
        trigger = ReviewTrigger(run_id, until.isoformat(), str(context["ti"].id))
        self.defer(trigger=trigger, method_name="answered")
        raise AssertionError("deferring ends the task")


class Answer:
    """What a person answered.

    Attributes:
        who: Airflow's name of whoever answered.
        why, notes: without spaces around; "" nothing.
    """

    def __init__(self, decision: Decision, who: str, why: str, notes: str) -> None:
        self.decision, self.who, self.why, self.notes = decision, who, why, notes

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Answer:
        """The answer that Airflow resumed the task with.

        Raises:
            InvalidInput: it is none of ours, or nobody gave it.
        """
        chosen, person = event.get("chosen_options") or [], event.get("responded_by_user")
        words = event.get("params_input") or {}
        if len(chosen) != 1 or chosen[0] not in _DECISIONS or not person:
            raise InvalidInput(
                f"{chosen} by {person or 'nobody'} is no answer", where="ask", remedy="clear ask"
            )
        who = str(person["name"] or person["id"])
        why, notes = (str(words.get(name) or "").strip() for name in ("why", "notes"))
        return cls(_DECISIONS[chosen[0]], who, why, notes)


def deadline(shown_at: str, settings: Settings) -> datetime:
    """When an unanswered review leads to quarantine; counted from when people could see it."""
    return datetime.fromisoformat(shown_at) + timedelta(days=settings.review_days)


def ui_path() -> str:
    """Path of Airflow's own pages, with a final slash."""
    from airflow.sdk.configuration import conf

    path = urlsplit(conf.get("api", "base_url", fallback="/")).path
    return f"{path.rstrip('/')}/"


def decide(catalog: Catalog, run_id: str, decision: Decision, **words: Any) -> str:
    """Store the decision; where somebody was faster, what he decided stands. Returns the state."""
    try:
        return catalog.decide_review(run_id, decision, **words).state
    except Conflict:
        review = catalog.review(run_id)
        return review.state if review else "gone"


def _is_alive(context: Context, task_run_id: str) -> bool:
    ti, dag_id = context["ti"], str(context["dag_run"].dag_id)
    return bool(ti.get_dr_count(dag_id=dag_id, run_ids=[task_run_id], states=_ALIVE))
