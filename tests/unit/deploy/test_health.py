"""How components are asked how they are."""

from __future__ import annotations

import json
import threading
import urllib.error
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from deploy.compose import health

TOLD = {"scheduler": "healthy", "triggerer": "unhealthy", "dag_processor": "healthy"}


class Api(BaseHTTPRequestHandler):
    """What Airflow's API tells of its components."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        told = {name: {"status": status} for name, status in TOLD.items()}
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(health, "_API", f"http://127.0.0.1:{server.server_port}/health")
        yield server
        server.shutdown()


@pytest.mark.parametrize(
    ("component", "well"),
    [("api-server", True), ("scheduler", True), ("dag-processor", True), ("triggerer", False)],
)
def test_a_component_is_as_the_api_says(api: HTTPServer, component: str, well: bool) -> None:
    assert health.component_is_well(component) == well


def test_an_api_that_does_not_answer_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_API", "http://127.0.0.1:1/health")
    with pytest.raises(urllib.error.URLError):
        health.component_is_well("api-server")
