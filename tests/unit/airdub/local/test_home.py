"""Airflow's home: local only, and secret where it must be."""

from __future__ import annotations

import configparser
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from airdub.local.home import AirflowHome
from airdub.settings import load_settings


@pytest.fixture
def home(tmp_path: Path) -> AirflowHome:
    made = AirflowHome(load_settings({"AIRDUB_VAR": str(tmp_path / "100 % var")}))
    made.prepare(9090)
    return made


def config(home: AirflowHome) -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(home.path / "airflow.cfg")
    return parser


def test_everything_listens_on_this_machine_alone(home: AirflowHome) -> None:
    api = config(home)["api"]
    assert (api["host"], api["port"], api["base_url"]) == (
        "127.0.0.1",
        "9090",
        "http://127.0.0.1:9090",
    )
    assert config(home)["core"]["execution_api_server_url"].startswith("http://127.0.0.1:9090/")


def test_odd_folders_survive_the_configuration_file(home: AirflowHome) -> None:
    assert config(home)["logging"]["base_log_folder"] == f"{home.path}/logs"


def test_only_the_owner_reads_secrets(home: AirflowHome) -> None:
    for name in ("airflow.cfg", "passwords.json", "secrets.json"):
        assert stat.S_IMODE((home.path / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_secrets_and_password_are_made_once(home: AirflowHome) -> None:
    before = (home.password, config(home)["api_auth"]["jwt_secret"])
    home.prepare(9091)
    again = AirflowHome(home.settings)
    assert (again.password, config(home)["api_auth"]["jwt_secret"]) == before
    assert len(home.password) >= 16


def test_the_password_is_in_no_variable_of_any_process(home: AirflowHome) -> None:
    assert not [value for value in home.environment(9090).values() if home.password in value]


def test_a_long_path_gets_a_socket_elsewhere(tmp_path: Path) -> None:
    far = AirflowHome(load_settings({"AIRDUB_VAR": str(tmp_path / ("deep" * 30))}))
    near = AirflowHome(load_settings({"AIRDUB_VAR": "/srv/airdub"}))
    assert len(str(far.socket)) < 108
    assert str(near.socket) == "/srv/airdub/run/supervisor.sock"


def test_the_library_is_caught_up_from_the_week_before_its_airflow_was_made(
    home: AirflowHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRDUB_CATALOG_START", raising=False)
    start = home.environment(9090)["AIRDUB_CATALOG_START"]
    assert start == (datetime.now(UTC).date() - timedelta(days=7)).isoformat()
    (home.path / "first-day").write_text("2026-11-05")
    home.prepare(9090)
    assert home.environment(9090)["AIRDUB_CATALOG_START"] == "2026-11-05"
    monkeypatch.setenv("AIRDUB_CATALOG_START", "2026-01-01")
    assert home.environment(9090)["AIRDUB_CATALOG_START"] == "2026-01-01"
