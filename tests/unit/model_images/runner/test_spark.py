"""Chunks made by a real Spark on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from airdub.errors import (
    DependencyUnavailable,
    EngineFailed,
    InvalidInput,
    ResourceExhausted,
)
from airdub.spark import SparkSettings, driver_environment, spark_properties
from airdub.stages import Resources
from model_images.runner.chunks import ChunkJob
from model_images.runner.context import StageContext
from model_images.runner.spark import cores_of, grouped, partitions_for
from model_images.runner.spark_session import failure_of, named_properties, own_address
from tests.builders import stage_context
from tests.unit.model_images.runner.makers import Clerk

PROJECT = Path(__file__).resolve().parents[4]


def jobs(count: int) -> list[ChunkJob]:
    return [ChunkJob(n, (n * 240, n * 240 + 240), {"source": "s"}) for n in range(count)]


def jvms() -> list[int]:
    """Processes of Java that this one started."""
    found = subprocess.run(
        ["pgrep", "--parent", str(os.getpid()), "java"], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in found.stdout.split()]


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StageContext:
    settings = SparkSettings(partitions=3)
    for name, value in driver_environment(settings, Resources(cpus=2)).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    (tmp_path / "spark-defaults.conf").write_text("spark.master spark://elsewhere.invalid:7077")
    for name in ("SPARK_HOME", "SPARK_CONF_DIR", "SPARK_LOCAL_DIRS", "PYSPARK_SUBMIT_ARGS"):
        monkeypatch.setenv(name, str(tmp_path))  # another Spark's, which must not matter
    monkeypatch.setenv("PYSPARK_PYTHON", "/bin/false")
    return stage_context(tmp_path, "lipsync", "hybrid")


class TestSpreading:
    def test_chunks_are_those_of_a_plain_loop(
        self, context: StageContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clerk = Clerk(tmp_path / "diary")
        made = context.make_chunks(clerk, jobs(7))
        assert [chunk.number for chunk in made] == [*range(7)]
        assert all(chunk.data["pid"] != os.getpid() for chunk in made)
        assert {(chunk.data["threads"], chunk.data["foreign"]) for chunk in made} == {(1, False)}
        monkeypatch.delenv("AIRDUB_SPARK_MASTER")
        plain = stage_context(tmp_path / "plain", "lipsync", "hybrid")
        plain_refs = [chunk.ref for chunk in plain.make_chunks(clerk, jobs(7))]
        assert [chunk.ref for chunk in made] == plain_refs
        assert [chunk.ref for chunk in context.make_chunks(clerk, jobs(7))] == plain_refs
        assert sorted(clerk.made()) == sorted(2 * [n * 240 for n in range(7)])
        said = json.loads(context._store.read(context.request.application_key))
        assert said["id"].startswith("local-")
        assert said["master"] == "local[2,4]"

    def test_jobs_larger_than_the_jvms_heap_come_to_executors_and_do_not_stay(
        self, context: StageContext, tmp_path: Path
    ) -> None:
        large = [replace(job, payload=bytes(100_000_000)) for job in jobs(5)]
        made = context.make_chunks(Clerk(tmp_path / "diary"), large)
        assert {chunk.data["payload"] for chunk in made} == {100_000_000}
        assert context._store.list(f"{context.request.attempt_key}/groups") == []

    def test_a_killed_worker_costs_the_chunk_that_it_was_making(
        self, context: StageContext, tmp_path: Path
    ) -> None:
        clerk = Clerk(tmp_path / "diary", killed=(720,))
        made = context.make_chunks(clerk, jobs(6))
        assert len(made) == 6
        assert sorted(clerk.made()) == [n * 240 for n in range(6)]  # each of them once

    def test_what_fails_is_told_with_its_frames_and_all_else_is_kept(
        self, context: StageContext, tmp_path: Path
    ) -> None:
        clerk = Clerk(tmp_path / "diary", torn=(240, 960))
        with pytest.raises(InvalidInput, match="frames 240 to 479: the picture is torn"):
            context.make_chunks(clerk, jobs(6))
        assert sorted(clerk.made()) == [0, 480, 720, 1200]

    def test_a_bug_is_told_once_and_leaves_no_jvm(
        self, context: StageContext, tmp_path: Path
    ) -> None:
        with pytest.raises(EngineFailed, match="ZeroDivisionError: a bug"):
            context.make_chunks(Clerk(tmp_path / "diary", buggy=(0,)), jobs(2))
        assert jvms() == []

    def test_a_killed_jvm_is_told_as_such_and_the_next_one_works(
        self, context: StageContext, tmp_path: Path
    ) -> None:
        def kill(done: int, _total: int, _unit: str) -> None:
            if done:
                for pid in jvms():
                    os.kill(pid, signal.SIGKILL)

        context.progress = kill
        with pytest.raises(ResourceExhausted, match="Spark's JVM"):
            context.make_chunks(Clerk(tmp_path / "diary", 0.7), jobs(9))
        assert jvms() == []
        context.progress = lambda *_: None
        assert len(context.make_chunks(Clerk(tmp_path / "diary"), jobs(9))) == 9

    def test_a_crash_is_not_taken_for_a_kill(self, context: StageContext, tmp_path: Path) -> None:
        with pytest.raises(EngineFailed, match="Fatal Python error: Segmentation fault"):
            context.make_chunks(Clerk(tmp_path / "diary", crashed=(0,)), jobs(1))

    def test_without_java_it_says_what_to_install(
        self, context: StageContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))
        with pytest.raises(DependencyUnavailable, match="default-jre-headless"):
            context.make_chunks(Clerk(tmp_path / "diary"), jobs(1))


class TestGrouping:
    @pytest.mark.parametrize(("count", "wanted"), [(1, 7), (7, 1), (7, 2), (7, 7), (240, 64)])
    def test_every_job_is_in_one_group_of_consecutive_ones(self, count: int, wanted: int) -> None:
        groups = grouped(jobs(count)[::-1], wanted)
        assert [job.number for group in groups for job in group] == [*range(count)]
        assert len(groups) == min(count, wanted)
        sizes = {len(group) for group in groups}
        assert max(sizes) - min(sizes) <= 1

    @pytest.mark.parametrize(
        ("master", "cores"),
        [("spark://here:7077", 40), ("k8s://https://here", 40), ("local[3]", 3)],
    )
    def test_cores_are_counted_before_their_machines_are_there(
        self, master: str, cores: int
    ) -> None:
        settings = SparkSettings(master, executors=5)
        assert cores_of(spark_properties(settings, Resources(cpus=8)), 3) == cores


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)", 137),
        ("numpy._core._exceptions._ArrayMemoryError: Unable to allocate", 137),
        ("java.io.IOException: No space left on device", 75),
        ("All masters are unresponsive! Giving up.", 69),
        ("Job aborted\n  File x\nValueError: too many\n SQLSTATE: 38000", 70),
        ("", 70),
    ],
)
def test_sparks_words_are_typed(text: str, kind: int) -> None:
    assert failure_of(text).exit_code == kind


@pytest.mark.parametrize(
    ("chunks", "cores", "from_start", "wanted"),
    [(400, 16, False, 50), (40, 16, False, 48), (400, 16, True, 16), (400, 0, True, 1)],
)
def test_what_is_only_reached_from_the_start_is_not_cut_finer_than_there_are_cores(
    chunks, cores, from_start, wanted
):
    assert partitions_for(chunks, cores, from_start=from_start) == wanted


def test_a_failure_names_what_was_raised() -> None:
    assert failure_of("Job aborted\n  File x\nav.error.EOFError: end\n").what.endswith("end")
    chained = "x\nKeyError: 'a'\n\nDuring handling\n\nValueError: last\n\tat java"
    assert failure_of(chained).what == "ValueError: last"
    assert isinstance(failure_of("... MemoryError"), ResourceExhausted)


def test_properties_of_the_installation_are_known_by_name() -> None:
    text = "# secret\nspark.authenticate.secret abc\n\nspark.ui.enabled=true\n!x\n a.b : c"
    assert named_properties(text) == {"spark.authenticate.secret", "spark.ui.enabled", "a.b"}


def test_the_address_is_the_one_that_the_master_sees() -> None:
    assert own_address("spark://127.0.0.1:7077") == "127.0.0.1"
    with pytest.raises(DependencyUnavailable, match="nowhere"):
        own_address("spark://nowhere.invalid:7077")
