"""The console inside a real Airflow API server, with Airflow's own login."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from airdub.artifacts import ArtifactStore
from tests.airflow_home import use_own_home
from tests.unit.plugins.finished import FinishedRun, finished_run

HOME = use_own_home()
PASSWORDS = {"admin": "a-secret", "viewer": "v-secret"}

os.environ |= {
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,viewer:viewer",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(HOME / "passwords.json"),
    "AIRFLOW__API_AUTH__JWT_SECRET": "not much of a secret, but long enough " * 2,
}


@pytest.fixture(scope="session")
def server() -> Iterator[TestClient]:
    """Airflow's API server with the plugin, and nobody logged in."""
    from airflow.api_fastapi.app import create_app
    from airflow.utils.db import initdb

    (HOME / "passwords.json").write_text(json.dumps(PASSWORDS))
    initdb()
    with TestClient(create_app("core"), headers={"Accept-Encoding": "identity"}) as client:
        yield client


@pytest.fixture(scope="session")
def tokens(server: TestClient) -> dict[str, str]:
    """Logged in users' tokens."""
    made = {}
    for name, password in PASSWORDS.items():
        login = {"username": name, "password": password}
        made[name] = server.post("/auth/token", json=login).json()["access_token"]
    return made


@pytest.fixture
def anybody(server: TestClient) -> TestClient:
    """A client without a login."""
    server.headers.pop("Authorization", None)
    server.cookies.clear()
    return server


@pytest.fixture
def viewer(anybody: TestClient, tokens: dict[str, str]) -> TestClient:
    """A client of somebody who may only look."""
    anybody.headers["Authorization"] = f"Bearer {tokens['viewer']}"
    return anybody


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ArtifactStore:
    """An empty local store: the console's."""
    monkeypatch.setenv("AIRDUB_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("AIRDUB_STORE", raising=False)
    monkeypatch.delenv("AIRDUB_CATALOG", raising=False)
    return ArtifactStore((tmp_path / "var" / "store").as_uri())


@pytest.fixture
def run(store: ArtifactStore) -> FinishedRun:
    """A finished run of `dub_video` in the store."""
    return finished_run(store)
