"""What is counted arrives at a StatsD server as Airflow sends it."""

from __future__ import annotations

import socket

from airdub.errors import EngineFailed
from airdub.requests import EngineRef, Provenance, StageResult
from operators.stage_process import StageProcessOperator
from operators.telemetry import count_failure, count_stage
from tests.fakes.receivers import statsd

from .conftest import Flow

__all__ = ["statsd"]


def result(gpu_s: float = 0.0) -> StageResult:
    engine = EngineRef(name="ffmpeg", version="1")
    return StageResult(
        stage="mux",
        fingerprint="f",
        outputs={},
        provenance=Provenance(engine=engine),
        wall_s=2.5,
        gpu_s=gpu_s,
    )


def received(statsd: socket.socket, count: int) -> list[str]:
    return [statsd.recv(4096).decode() for _ in range(count)]


def test_stages_are_counted_with_their_seconds(statsd: socket.socket) -> None:
    count_stage(result(gpu_s=1.2345), cached=False)
    assert received(statsd, 3) == [
        "airflow.airdub.stage.computed,stage=mux,engine=ffmpeg:1|c",
        "airflow.airdub.stage.wall,stage=mux,engine=ffmpeg:2500.000000|ms",
        "airflow.airdub.stage.gpu_ms,stage=mux,engine=ffmpeg:1234|c",
    ]


def test_what_was_found_costs_nothing(statsd: socket.socket) -> None:
    count_stage(result(), cached=True)
    count_failure("deliver.mux", EngineFailed("x"))
    assert received(statsd, 2) == [
        "airflow.airdub.stage.cached,stage=mux,engine=ffmpeg:1|c",
        "airflow.airdub.task.failed,task=mux,error=EngineFailed:1|c",
    ]


def test_the_operator_counts(flow: Flow, statsd: socket.socket) -> None:
    flow.run(StageProcessOperator(task_id="probe", stage="probe", inputs={}))
    assert received(statsd, 1)[0].startswith("airflow.airdub.stage.computed,stage=probe,engine=")
