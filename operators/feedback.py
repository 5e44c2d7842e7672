"""Feedback as tasks: read what was dropped, weigh what was said, have people look."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any, TypedDict

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from airdub.catalog import open_catalog
from airdub.settings import load_settings
from operators.consequences import start_run

if TYPE_CHECKING:
    from airflow.sdk import Context


class Collected(TypedDict):
    """XCom: files that were read, comments that are new, rows that were refused."""

    files: int
    taken: int
    refused: int


class CollectFeedbackOperator(BaseOperator):
    """Takes in the CSV files of the folder that are new: see `airdub.feedback.collecting`."""

    ui_color = "#e5e7eb"

    def execute(self, context: Context) -> Collected:
        """Read, tell what was refused."""
        from airdub.feedback.collecting import collect

        found = Collected(files=0, taken=0, refused=0)
        for file in collect(load_settings()):
            self.log.info("%s: %s new, %s refused", file.location, file.taken, file.refused)
            if file.note:
                self.log.warning("%s: %s", file.location, file.note)
            found["files"] += 1
            found["taken"] += file.taken
            found["refused"] += file.refused
        return found


class WeighFeedbackOperator(BaseOperator):
    """Has titles dubbed anew or looked at that enough people complain of."""

    ui_color = "#e5e7eb"

    def execute(self, context: Context) -> dict[str, int]:
        """Weigh all that was said since the last time; how many of what followed."""
        from airdub.feedback.weighing import weigh

        found: Counter[str] = Counter()
        for one in weigh(load_settings()):
            self.log.info("%s %s: %s: %s", one.title_id, one.language, one.why, one.how)
            found[one.how] += 1
        return dict(found)


class ShowReviewsOperator(BaseOperator):
    """Starts a run of the DAG that asks people, if a review waits that no run is there for.

    The catalogue is asked, not the task that opens reviews: that may have been killed in between.
    The run that is started sees to the other reviews.

    Args:
        review_dag_id: DAG whose every run shows one review.
    """

    ui_color = "#ddd6fe"

    def __init__(self, *, review_dag_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.review_dag_id = review_dag_id

    def execute(self, context: Context) -> None:
        """Starting it twice is once."""
        with open_catalog(load_settings().catalog_url) as catalog:
            review = catalog.next_review()
        queued = context["ti"].get_dr_count(dag_id=self.review_dag_id, states=["queued"])
        if review is None or queued:
            raise AirflowSkipException("nothing waits that no run is there for")
        asking = hashlib.sha256(str(context["run_id"]).encode()).hexdigest()[:8]
        start_run(self.review_dag_id, f"{review.run_id}.review.{asking}", {"run_id": review.run_id})
