"""The benchmarks measure what they say, on processes and runs whose numbers are known."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from airdub.artifacts import ArtifactStore
from airdub.drafts import Draft, RunSummary, StageRecord, summary_key
from airdub.orders import DubOrder
from airdub.requests import EngineRef, Provenance
from tests.benchmarks import airflow_overhead, loops, memory
from tests.benchmarks.airflow_overhead import TaskTimes
from tests.media import clips
from tests.media.containers import decode_audio, describe

HOLD = "import sys; block = bytearray({mb} << 20); print('ready', flush=True); sys.stdin.read()"


def test_memory_of_children_counts_and_freed_memory_is_remembered() -> None:
    child = HOLD.format(mb=60)
    parent = (
        "import subprocess, sys\n"
        "block = bytearray(40 << 20)\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}], "
        "stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "child.communicate()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    assert len(memory.family(process.pid)) == 2
    watch = memory.MemoryWatch()
    watch.watch(process.pid)
    assert memory.family_memory(process.pid).own == pytest.approx(115, abs=20)
    assert memory.family_share(process.pid) == pytest.approx(120, abs=25)
    process.communicate(b"go\n")
    peak = watch.result()
    assert peak.own == pytest.approx(115, abs=20)
    assert peak.resident >= peak.own


def test_a_process_that_is_gone_has_no_memory() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert memory.family_memory(process.pid) == memory.Peak(0, 0)
    assert memory.family_share(process.pid) == 0


def test_looped_video_is_whole_turns_with_sound_as_long_as_the_picture(tmp_path: Path) -> None:
    video = clips.plain(tmp_path / "clip.mp4")
    video.with_suffix(".srt").write_text("1\n00:00:00,500 --> 00:00:01,500\nHola.\n")
    looped, length_s = loops.loop(video, 0.1, tmp_path)
    assert length_s == 6.0
    assert describe(looped)["frames"] == 150
    assert len(decode_audio(looped)) / 48_000 == pytest.approx(6.0, abs=0.025)
    assert looped.with_suffix(".srt").read_text() == (
        "1\n00:00:00,500 --> 00:00:01,500\nHola.\n\n"
        "2\n00:00:02,500 --> 00:00:03,500\nHola.\n\n"
        "3\n00:00:04,500 --> 00:00:05,500\nHola.\n"
    )


def test_a_script_goes_on_after_the_hour() -> None:
    srt = "1\n00:59:59,990 --> 01:00:01,000\nUno.\n"
    later = loops.loop_script(srt, 2, 20 * 48)
    assert later.split("\n\n")[1] == "2\n01:00:00,010 --> 01:00:01,020\nUno.\n"


TASKS = (
    TaskTimes("prepare.ingest", 0.1, 0.1, 1.0),
    TaskTimes("prepare.probe", 1.1, 1.2, 4.0),
    TaskTimes("picture.track_faces", 4.2, 9.2, 20.0),
    TaskTimes("speech.separate", 4.3, 4.3, 7.0, undisturbed=False),
    TaskTimes("voice.mix", 20.5, 20.5, 21.5),
)
UPSTREAM = {
    "prepare.ingest": set(),
    "prepare.probe": {"prepare.ingest"},
    "picture.track_faces": {"prepare.probe"},
    "speech.separate": {"prepare.probe"},
    "voice.mix": {"speech.separate", "picture.track_faces"},
}
STAGE_S = {"probe": 1.5, "track_faces": 9.0, "separate": 2.0, "mix": 3.0}
CACHED = {"probe": False, "track_faces": False, "separate": False, "mix": True}


def test_overhead_is_what_is_neither_work_nor_a_wait_for_a_slot() -> None:
    rows = airflow_overhead.run_overheads(("run", 0.0), TASKS, UPSTREAM, STAGE_S, CACHED)
    found = {row.task_id: (row.cached, row.overhead_s, row.waited_s) for row in rows}
    assert found == {
        "prepare.probe": (False, pytest.approx(4.0 - 1.0 - 1.5 - 0.1), pytest.approx(0.1)),
        "picture.track_faces": (False, pytest.approx(20.0 - 4.0 - 9.0 - 5.0), pytest.approx(5.0)),
        "voice.mix": (True, pytest.approx(21.5 - 20.0), pytest.approx(0.0)),
    }


def test_overheads_are_read_from_airflows_database_and_the_manifests(tmp_path: Path) -> None:
    store = ArtifactStore(str(tmp_path / "store"))
    record = StageRecord(
        fingerprint="f", provenance=Provenance(engine=EngineRef(name="ffprobe", version="1")),
        measurements={}, warnings=(), n_scored=0, n_skipped=0, wall_s=2.0, peak_memory_mb=1.0,
    )  # fmt: skip
    order = DubOrder(source="/a.mp4", source_language="es", target_language="en")
    draft = Draft(order=order, digest="d", duration_s=1, files={}, stages={"probe": record})
    store.write("drafts/manifest.json", draft.to_json())
    summary = RunSummary(manifest="drafts/manifest.json", cached={"probe": False})
    store.write(summary_key("run1"), summary.to_json())
    database = tmp_path / "airflow.db"
    tasks = [{"__var": {"task_id": "prepare.probe", "downstream_task_ids": []}}]
    with sqlite3.connect(database) as connection:
        connection.executescript(
            "CREATE TABLE dag_run (dag_id, run_id, state, start_date);"
            "CREATE TABLE serialized_dag (dag_id, data, last_updated);"
            "CREATE TABLE task_instance (dag_id, run_id, task_id, state, scheduled_dttm,"
            " queued_dttm, end_date, try_number, trigger_timeout);"
        )
        connection.executemany(
            "INSERT INTO dag_run VALUES ('dub_video', ?, 'success', '2026-01-01 00:00:00.000000')",
            [("run1",), ("run_without_draft",)],
        )
        data = json.dumps({"dag": {"tasks": tasks}})
        connection.execute("INSERT INTO serialized_dag VALUES ('dub_video', ?, 1)", (data,))
        connection.execute(
            "INSERT INTO task_instance VALUES ('dub_video', 'run1', 'prepare.probe', 'success',"
            " '2026-01-01 00:00:00.500000', '2026-01-01 00:00:01.500000',"
            " '2026-01-01 00:00:04.500000', 1, NULL)"
        )
    (row,) = airflow_overhead.read_overheads(database, store)
    assert (row.run_id, row.stage_s) == ("run1", 2.0)
    assert row.waited_s == pytest.approx(1.0)
    assert row.overhead_s == pytest.approx(4.5 - 1.0 - 2.0)


def test_no_airflow_has_no_overheads(tmp_path: Path) -> None:
    store = ArtifactStore(str(tmp_path))
    assert airflow_overhead.read_overheads(tmp_path / "airflow.db", store) == []
