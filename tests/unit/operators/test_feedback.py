"""The tasks of collect_feedback, one after the other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException, DagRunTriggerException

from airdub.catalog import Catalog, Release, open_catalog
from airdub.settings import load_settings
from operators.feedback import CollectFeedbackOperator, WeighFeedbackOperator
from operators.review import ShowReviewsOperator
from tests.unit.airdub.catalog.judged import TITLE_ID, judgement

from .conftest import Flow


@pytest.fixture
def catalog(flow: Flow) -> Iterator[Catalog]:
    with open_catalog(load_settings().catalog_url) as opened:
        opened.record_judgement(judgement("run", "publish"))
        release = {"release_id": "r", "title_id": TITLE_ID, "language": "es-419", "run_id": "run"}
        opened.record_release(Release(**release, folder="f", sha256="s"))
        yield opened


def drop(flow: Flow, *texts: str) -> None:
    rows = "".join(f"{TITLE_ID},es-419,{text}\n" for text in texts)
    flow.store.write("feedback/week.csv", f"title,language,text\n{rows}".encode())
    os.utime(flow.store.local_path("feedback/week.csv"), (0, 0))


def show(flow: Flow, *, queued: int = 0) -> Any:
    """What the task that starts reviews does when so many runs wait."""
    flow.queued = queued
    return flow.run(ShowReviewsOperator(task_id="ask", review_dag_id="review_dub"))


def test_complaints_become_a_question(flow: Flow, catalog: Catalog) -> None:
    drop(flow, *[f"mala voz {number}" for number in range(5)], "buena voz")
    collected = flow.run(CollectFeedbackOperator(task_id="collect"))
    assert collected == {"files": 1, "taken": 6, "refused": 0}
    assert flow.run(WeighFeedbackOperator(task_id="weigh")) == {"review": 1}
    with pytest.raises(DagRunTriggerException) as started:
        show(flow)
    assert (started.value.trigger_dag_id, started.value.logical_date) == ("review_dub", None)
    assert started.value.dag_run_id.startswith("run.review.")
    assert flow.run(CollectFeedbackOperator(task_id="collect"))["files"] == 0
    assert flow.run(WeighFeedbackOperator(task_id="weigh")) == {}


def test_nobody_is_asked_where_nothing_waits_or_a_run_is_there_for_it(
    flow: Flow, catalog: Catalog
) -> None:
    with pytest.raises(AirflowSkipException):
        show(flow)
    catalog.review_again("r", 5, "viewers complain")
    with pytest.raises(AirflowSkipException):
        show(flow, queued=1)
