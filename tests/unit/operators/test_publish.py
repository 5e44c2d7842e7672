"""The publish task: what is stored decides, and its XCom is a small reference."""

from __future__ import annotations

import json

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from airdub.catalog import open_catalog
from airdub.errors import InvalidInput
from airdub.releases import Place, open_objects, verify_release
from airdub.settings import load_settings
from operators import publish
from operators.publish import PublishOperator, publish_task
from operators.release_gate import ReleaseGateOperator
from tests.unit.airdub.catalog.queued import add_titles, wanted

from .conftest import Flow
from .pipeline import ORDER, deliver, run_all

PLACE = Place("film", "es")


def judge(flow: Flow) -> Flow:
    """A whole run, up to its verdict."""
    run_all(flow)
    deliver(flow)
    gate = ReleaseGateOperator(task_id="release_gate", stages=ORDER, draft="draft")
    assert flow.run(gate)["consequence"] == "publish"
    return flow


@pytest.fixture
def judged(flow: Flow) -> Flow:
    """The same."""
    return judge(flow)


def test_a_run_that_passed_is_published_by_its_last_task(judged: Flow) -> None:
    reference = judged.run(publish_task())
    assert set(reference) == {"release_id", "folder", "sha256"}
    assert reference["folder"] == f"releases/film/es/{reference['release_id']}"
    objects = open_objects(load_settings().releases_url)
    found = verify_release(objects, PLACE, reference["release_id"], recorded=reference["sha256"])
    assert (found.is_whole, found.state) == (True, "current")
    stored = objects.read(f"{reference['folder']}/release.json")
    assert stored
    said = json.loads(stored.data)
    assert (said["decision"], said["run_id"]) == ("APPROVED", judged.run_id)
    assert [stage["stage"] for stage in said["stages"]][-2:] == ["mux", "evaluate"]
    assert judged.run(publish_task()) == reference
    with open_catalog(load_settings().catalog_url) as catalog:
        (row,) = catalog.releases("film", "es")
        publication = catalog.publication(judged.run_id)
    assert (row.release_id, row.state) == (reference["release_id"], "current")
    assert publication
    assert publication.state == "published"


def test_another_run_than_its_own_may_be_named(judged: Flow) -> None:
    run_id, judged.run_id = judged.run_id, "review-1"
    reference = judged.run(PublishOperator(task_id="publish", run_id=run_id))
    assert reference["folder"].startswith("releases/film/es/")
    assert "run_id" in PublishOperator.template_fields
    with pytest.raises(InvalidInput, match="review-1: the run was not judged"):
        judged.run(publish_task())


def test_progress_is_told_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    clock = iter([0.0, 1.0, 6.0, 7.0, 12.0])
    monkeypatch.setattr(publish.time, "monotonic", lambda: next(clock))
    report = publish._progress(told.append)
    for done in (1, 2, 3, 4):
        report(done << 20, 4 << 20)
    assert told == [
        "Progress: 50 % (2 of 4 MiB), 6 s left",
        "Progress: 100 % (4 of 4 MiB)",
    ]


def test_what_scores_below_the_current_release_is_skipped_and_that_one_stays(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_METRICS", '{"psnr": {"title": 45.0}};{"psnr": {"title": 36.0}}')
    current = judge(flow).run(publish_task())
    flow.run_id = "another"
    repair = {"attempt": 2, "based_on": "run-1", "lines": [{"segment_id": "s0001", "take": 1}]}
    flow.params |= {"attempt": 2, "repair": repair}
    with pytest.raises(AirflowSkipException, match="below the current release, of run run-1: psnr"):
        judge(flow).run(publish_task())
    with open_catalog(load_settings().catalog_url) as catalog:
        assert [one.release_id for one in catalog.releases()] == [current["release_id"]]


def test_what_is_of_an_older_version_of_its_title_is_skipped(flow: Flow) -> None:
    asked = wanted("film", "es", version="before")
    with open_catalog(load_settings().catalog_url) as catalog:
        add_titles(catalog, ["film"])
        catalog.enqueue([asked], "lane")
    flow.run_id = asked.run_id
    with pytest.raises(AirflowSkipException, match="another version by now"):
        judge(flow).run(publish_task())
    with open_catalog(load_settings().catalog_url) as catalog:
        assert catalog.releases() == []
