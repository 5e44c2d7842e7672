"""What the page is told of a run."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from airdub.catalog import open_catalog
from airdub.drafts import order_key
from airdub.settings import load_settings
from plugins.console.waveforms import PEAKS_HZ
from tests.unit.airdub.catalog.judged import judgement
from tests.unit.plugins.finished import VIDEO, FinishedRun

RUN = "/airdub/api/runs/film.es.20261121T134720.1a12%2Bb"


def test_a_run_tells_its_order_its_stages_and_its_lines(
    viewer: TestClient, run: FinishedRun
) -> None:
    found = viewer.get(RUN).json()
    assert (found["run_id"], found["title_id"], found["duration_s"]) == (run.run_id, "film", 4.0)
    assert (found["source_language"], found["language"]) == ("en", "es")
    assert [(one["stage"], one["cached"]) for one in found["stages"]][:2] == [
        ("ingest", True),
        ("extract_audio", False),
    ]
    first, second = found["lines"]
    assert (first["text"], first["target_text"]) == ("Good evening.", "Buenas noches.")
    assert (first["start_s"], first["end_s"]) == (0.0, 1.0)
    assert (first["dub_start_s"], first["dub_end_s"]) == (0.1, 1.35)
    assert (second["action"], second["dub_start_s"], second["target_text"]) == ("keep", None, "")
    assert found["judgement"] is None


def test_where_files_lie_on_the_server_is_not_told(viewer: TestClient, run: FinishedRun) -> None:
    text = viewer.get(RUN).text
    assert "film.mp4" in text
    assert "/srv/videos" not in text
    assert str(run.store.local_path("x").parent) not in text


def test_the_order_is_the_runs_own(viewer: TestClient, run: FinishedRun) -> None:
    order = run.draft.order.model_copy(update={"source": "/elsewhere/copy.mp4"})
    run.store.write(order_key(run.run_id), order.to_json())
    assert viewer.get(RUN).json()["source_name"] == "copy.mp4"


def test_lines_stay_when_work_was_cleaned(viewer: TestClient, run: FinishedRun) -> None:
    run.store.delete("work/mix")
    found = viewer.get(RUN).json()
    assert [line["dub_start_s"] for line in found["lines"]] == [None, None]
    assert "dub_sound" not in found["files"]
    run.store.delete("work")
    assert viewer.get(RUN).json()["lines"] == []
    assert viewer.get(f"{RUN}/files/dub").status_code == 200


def test_what_was_swept_is_offered_no_more(viewer: TestClient, run: FinishedRun) -> None:
    assert "source_dialogue" in viewer.get(RUN).json()["files"]
    (sound,) = (key for key in run.store.list("work/separate") if key.endswith(".wav"))
    run.store.delete(sound)
    assert "source_dialogue" not in viewer.get(RUN).json()["files"]
    assert viewer.get(f"{RUN}/peaks/source").status_code == 404
    assert viewer.get(f"{RUN}/files/source_dialogue").status_code == 404


def test_the_source_is_served_because_the_run_names_it(
    viewer: TestClient, run: FinishedRun
) -> None:
    answer = viewer.get(f"{RUN}/files/source", headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.content) == (206, VIDEO[:10])
    assert viewer.get(f"{RUN}/files/subtitles").content == b"WEBVTT\n"
    for name in ("nothing", "manifest", "%2e%2e", "transcript"):
        assert viewer.get(f"{RUN}/files/{name}").status_code == 404


@pytest.mark.parametrize("run_id", ["other", "%2e%2e", "..%2f..%2fx", "a%2Fb", "a" * 300, "%00"])
def test_there_is_no_other_run(viewer: TestClient, run: FinishedRun, run_id: str) -> None:
    assert viewer.get(f"/airdub/api/runs/{run_id}").status_code in (404, 422)
    assert viewer.get(f"/airdub/api/runs/{run_id}/files/dub").status_code in (404, 422)


def test_peaks_are_those_of_the_sound(viewer: TestClient, run: FinishedRun) -> None:
    dub = viewer.get(f"{RUN}/peaks/dub").content
    assert len(dub) == 4 * PEAKS_HZ
    assert [at for at, peak in enumerate(dub) if peak] == [1 * PEAKS_HZ]
    assert dub[PEAKS_HZ] == 255
    source = viewer.get(f"{RUN}/peaks/source").content
    assert set(source) <= {126, 127, 128}  # half of full scale, as the samples hit it
    assert viewer.get(f"{RUN}/peaks/other").status_code == 422


def test_peaks_are_kept(viewer: TestClient, run: FinishedRun) -> None:
    first = viewer.get(f"{RUN}/peaks/dub").content
    run.store.delete(run.draft.files["dialogue_stem"].key)
    assert viewer.get(f"{RUN}/peaks/dub").content == first


def test_a_judged_run_tells_its_verdict_its_attempts_and_its_review(
    viewer: TestClient, run: FinishedRun
) -> None:
    with open_catalog(load_settings().catalog_url) as catalog:
        first, second = run.run_id, f"{run.run_id}.a2"
        catalog.record_judgement(judgement(first, "repair"))
        later = {"parent_run_id": first}
        catalog.record_judgement(
            judgement(second, "review", attempt=2, run=later, best_run_id=first)
        )
        catalog.show_next_review("task 1")
    found = viewer.get(RUN).json()
    assert found["judgement"]["decision"] == "RETRY"
    assert found["judgement"]["checks"][0]["worst_segment"] == "s0002"
    assert found["judgement"]["data_docs"] == f"gates/{first}/index.html"
    assert [(one["run_id"], one["attempt"]) for one in found["attempts"]] == [
        (first, 1),
        (second, 2),
    ]
    assert found["review"]["state"] == "open"
    assert found["review"]["task_run_id"] == "task 1"
    rows = viewer.get(f"{RUN}/metrics").json()
    assert {row["fingerprint"] for row in rows} == {f"evaluation of {first}"}


def test_an_attempt_says_who_asked_for_it(viewer: TestClient, run: FinishedRun) -> None:
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.record_judgement(judgement("before", "review"))
        catalog.decide_review("before", "redo", "Ana", notes="s0002 is mumbled")
        catalog.record_judgement(
            judgement(run.run_id, "publish", attempt=2, run={"parent_run_id": "before"})
        )
    assert viewer.get(RUN).json()["sent_back"] == {"who": "Ana", "notes": "s0002 is mumbled"}


def test_what_waits_is_listed_with_why(viewer: TestClient, run: FinishedRun) -> None:
    assert viewer.get("/airdub/api/reviews").json() == []
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.record_judgement(judgement(run.run_id, "review"))
        catalog.show_next_review("task.1")
    [review] = viewer.get("/airdub/api/reviews").json()
    assert (review["best_run_id"], review["segment"]) == (run.run_id, "s0002")
    assert review["reasons"] == ["word_error_rate of s0002 is 0.9 — «¿qué?»"]
    assert viewer.get("/airdub/api/reviews/task.1/dub").json() == {"run_id": run.run_id}
    assert viewer.get("/airdub/api/reviews/task.2/dub").status_code == 404
