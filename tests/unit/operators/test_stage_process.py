"""The stage operator with a real store and real processes that speak the runner's protocol."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest
from airflow.sdk.exceptions import TaskDeferred

from airdub import profiles
from airdub.engines import load_engines
from airdub.errors import (
    DependencyUnavailable,
    EngineFailed,
    IncompleteResult,
    InvalidInput,
    ResourceExhausted,
    TemporaryFailure,
)
from airdub.leases import Lease
from airdub.results import load_result
from operators.ingest import IngestOperator
from operators.references import Source
from operators.stage_process import StageProcessOperator, stage_environment
from tests.fakes.stage_python import complete, install

from .conftest import Flow
from .test_processes import wait_until_dead


def probe() -> StageProcessOperator:
    inputs = {"source": Source("ingest", "source")}
    return StageProcessOperator(task_id="probe", stage="probe", inputs=inputs)


@pytest.fixture
def ingested(flow: Flow) -> Flow:
    flow.run(IngestOperator(task_id="ingest"))
    return flow


def folder_of(flow: Flow) -> str:
    """The folder of the one probe request that there is."""
    [found] = {"/".join(key.split("/")[:4]) for key in flow.store.list("work/probe")}
    return found


def test_a_stage_is_run_once_and_then_found(ingested: Flow) -> None:
    first = ingested.run(probe())
    assert first["cached"] is False
    result = load_result(ingested.store, first["result_key"])
    assert result is not None
    assert result.fingerprint == first["fingerprint"]
    second = ingested.run(probe())
    assert second == first | {"cached": True}
    assert ingested.starts("probe") == 1
    assert ingested.told == [("progress", "50 % (1 of 2 frames), 2 s left")]


def test_the_reference_is_all_that_passes_between_tasks(ingested: Flow) -> None:
    assert set(ingested.run(probe())) == {"result_key", "fingerprint", "cached"}


def test_an_output_of_another_size_is_no_cache_hit(ingested: Flow) -> None:
    first = ingested.run(probe())
    result = load_result(ingested.store, first["result_key"])
    assert result is not None
    ingested.store.local_path(result.outputs["facts"].key).write_bytes(b"cut")
    ingested.store.delete(first["result_key"])
    assert ingested.run(probe())["cached"] is False
    assert ingested.starts("probe") == 2


def test_a_new_version_of_a_program_is_no_cache_hit(ingested: Flow) -> None:
    ingested.run(probe())
    newer = complete().model_copy(update={"programs": {"ffmpeg": "2"}})
    (ingested.folder / "environment" / "airdub-environment.json").write_bytes(newer.to_json())
    assert ingested.run(probe())["cached"] is False


def test_an_engine_runs_by_the_interpreter_of_its_environment(
    ingested: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = load_engines()["probe", "ffprobe"].model_copy(update={"environment": "neural"})
    monkeypatch.setitem(load_engines(), ("probe", "ffprobe"), spec)
    monkeypatch.setenv("AIRDUB_NEURAL_PYTHON", str(install(ingested.folder / "further")))
    (ingested.folder / "environment" / "bin" / "python").write_text("#!/bin/sh\nexit 70\n")
    assert ingested.run(probe())["cached"] is False


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ("exit 65", InvalidInput),
        ("exit 69", DependencyUnavailable),
        ("silent 1", EngineFailed),
        ("silent 137", ResourceExhausted),
        ("exit 75", TemporaryFailure),
        ("nothing", IncompleteResult),
    ],
)
def test_exit_codes_become_errors(
    ingested: Flow, monkeypatch: pytest.MonkeyPatch, steps: str, kind: type
) -> None:
    monkeypatch.setenv("FAKE_PROBE", f"{steps};ok")
    with pytest.raises(kind):
        ingested.run(probe())
    assert ingested.run(probe())["cached"] is False


def test_the_error_line_is_handed_on(ingested: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_PROBE", "exit 65")
    with pytest.raises(InvalidInput, match=r"here: bad\. What to do: mend it"):
        ingested.run(probe())


def test_kill_9_of_the_stage_leaves_nothing_and_the_retry_works(
    ingested: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_PROBE", "hang;ok")

    child = ingested.fakes / "probe.child"

    def kill() -> None:
        while not child.exists() or not child.read_text():
            time.sleep(0.05)
        os.kill(int((ingested.fakes / "probe.tries").read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(ResourceExhausted):
        ingested.run(probe())
    killer.join()
    assert wait_until_dead(int(child.read_text()))
    assert not ingested.store.exists(f"{folder_of(ingested)}/result.json")
    assert ingested.run(probe())["cached"] is False


def test_on_kill_ends_the_stage(ingested: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_PROBE", "hang")
    operator = probe()
    stopper = threading.Timer(1.5, operator.on_kill)
    stopper.start()
    began = time.monotonic()
    with pytest.raises(TemporaryFailure, match="stopped from outside"):
        ingested.run(operator)
    assert time.monotonic() - began < 10
    stopper.join()


def test_a_profile_bounds_how_long_a_process_may_take(
    ingested: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(profiles._FOLDER, tmp_path / "profiles"))
    monkeypatch.setattr(profiles, "_FOLDER", folder)
    hasty = "extends: embedded\nresources: {probe: {timeout_s: 2}}\n"
    (folder / "hasty.yaml").write_text(hasty)
    ingested.params["profile"] = "hasty"
    monkeypatch.setenv("FAKE_PROBE", "hang;ok")
    began = time.monotonic()
    with pytest.raises(EngineFailed, match="probe took longer than it may"):
        ingested.run(probe())
    assert 2 <= time.monotonic() - began < 15
    assert wait_until_dead(int((ingested.fakes / "probe.child").read_text()))
    assert ingested.run(probe())["cached"] is False


def test_it_defers_while_another_run_makes_the_same(
    ingested: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_PROBE", "exit 70;ok")
    with pytest.raises(EngineFailed):
        ingested.run(probe())
    folder = folder_of(ingested)
    with Lease(ingested.store, folder) as lease:
        assert lease.acquire()
        with pytest.raises(TaskDeferred) as deferred:
            ingested.run(probe())
    assert deferred.value.trigger.output_key == folder
    assert ingested.starts("probe") == 1
    operator = probe()
    resumed = operator.resume(ingested.context("probe"), {"reason": "nobody is making it any more"})
    assert resumed["cached"] is False


def test_the_request_tells_languages_and_who_asked(ingested: Flow) -> None:
    ingested.run(probe())
    [key] = [
        key
        for key in ingested.store.list("work/probe")
        if "/requests/" in key and "lease" not in key
    ]
    request = json.loads(ingested.store.read(key))
    assert request["asked_by"] == {
        "title_id": "film",
        "language": "es",
        "run_id": "run-1",
        "attempt": 1,
    }
    assert request["engine"]["programs"]["ffmpeg"] == "1"


def test_a_stage_sees_none_of_airflows_settings(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airdub.settings import load_settings

    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "secret")
    seen = stage_environment(load_settings())
    assert not [name for name in seen if "AIRFLOW" in name and name != "AIRDUB_TEST_AIRFLOW_HOME"]
    assert seen["AIRDUB_STORE"] == flow.store.url
