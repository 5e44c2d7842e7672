"""Ports and records of the local Airflow; its life is in tests/integration."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from airdub.errors import InvalidInput
from airdub.local.service import LocalAirflow, pools, reserve_port
from airdub.settings import load_settings


def test_a_taken_port_is_refused_with_the_remedy() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InvalidInput, match=rf"AIRDUB_PORT: port {port} .*AIRDUB_PORT=9090"):
            reserve_port(port)


def test_two_that_start_at_once_get_two_ports() -> None:
    first, one = reserve_port(0)
    with one:
        second, other = reserve_port(0)
        other.close()
        with pytest.raises(InvalidInput, match="is taken"):
            reserve_port(first)
    assert 8080 <= first < second < 8100
    again, one = reserve_port(first)
    one.close()
    assert again == first


def test_the_widest_stage_fits_into_the_pool() -> None:
    assert pools()["airdub_cpu"] >= 2


def test_another_process_with_the_recorded_pid_is_not_taken_for_airflow(tmp_path: Path) -> None:
    airflow = LocalAirflow(load_settings({"AIRDUB_VAR": str(tmp_path)}))
    assert airflow.running() is None
    airflow.home.run.mkdir(parents=True)
    record = {"pid": os.getpid(), "port": 8080, "store_url": "file:///s", "started": "2026-01-01"}
    (airflow.home.run / "airflow.json").write_text(json.dumps(record))
    assert airflow.running() is None
    assert airflow.down(print) is False
