"""What is counted arrives at a StatsD server as Airflow sends it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from airflow.sdk.observability import stats
from airflow.sdk.observability.metrics import statsd_logger

from airdub.errors import EngineFailed
from airdub.requests import EngineRef, Provenance, StageResult
from operators.stage_process import StageProcessOperator
from operators.telemetry import count_failure, count_stage

from .conftest import Flow


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A StatsD server to which Airflow is told to send."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        monkeypatch.setenv("AIRFLOW__METRICS__STATSD_ON", "True")
        monkeypatch.setenv("AIRFLOW__METRICS__STATSD_PORT", str(server.getsockname()[1]))
        monkeypatch.setenv("AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED", "True")
        stats.initialize(factory=statsd_logger.get_statsd_logger, export_legacy_names=False)
        yield server
    stats.initialize(factory=stats_off, export_legacy_names=False)


def stats_off() -> object:
    from airflow.sdk._shared.observability.metrics.base_stats_logger import NoStatsLogger

    return NoStatsLogger()


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


def received(server: socket.socket, count: int) -> list[str]:
    return [server.recv(4096).decode() for _ in range(count)]


def test_stages_are_counted_with_their_seconds(server: socket.socket) -> None:
    count_stage(result(gpu_s=1.2345), cached=False)
    assert received(server, 3) == [
        "airflow.airdub.stage.computed,stage=mux,engine=ffmpeg:1|c",
        "airflow.airdub.stage.wall,stage=mux,engine=ffmpeg:2500.000000|ms",
        "airflow.airdub.stage.gpu_ms,stage=mux,engine=ffmpeg:1234|c",
    ]


def test_what_was_found_costs_nothing(server: socket.socket) -> None:
    count_stage(result(), cached=True)
    count_failure("deliver.mux", EngineFailed("x"))
    assert received(server, 2) == [
        "airflow.airdub.stage.cached,stage=mux,engine=ffmpeg:1|c",
        "airflow.airdub.task.failed,task=mux,error=EngineFailed:1|c",
    ]


def test_the_operator_counts(flow: Flow, server: socket.socket) -> None:
    flow.run(StageProcessOperator(task_id="probe", stage="probe", inputs={}))
    assert received(server, 1)[0].startswith("airflow.airdub.stage.computed,stage=probe,engine=")
