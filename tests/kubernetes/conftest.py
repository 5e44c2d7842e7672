"""An installation on a test cluster for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from operators.pods import cluster as cluster_calls
from tests.fakes.stage_python import install
from tests.kubernetes.containers import FakeStage, Image
from tests.kubernetes.rights import asked, granted
from tests.kubernetes.site import Parts, Site, installed
from tests.s3 import S3Server, s3_process

__all__ = ["s3_process"]


@pytest.fixture(scope="session")
def airflow_database() -> None:
    from airflow.utils.db import initdb

    initdb()


@pytest.fixture
def image() -> Image:
    """What pods run: here, what makes small results at once."""
    return FakeStage


@pytest.fixture
def stages_python(tmp_path: Path) -> Path:
    """The interpreter that tells Airflow which versions the images have."""
    return install(tmp_path)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """What is dubbed."""
    file = tmp_path / "film.mp4"
    file.write_bytes(b"moving pictures")
    return file


@pytest.fixture
def parts(s3_process: S3Server, image: Image, stages_python: Path, film: Path) -> Parts:
    return Parts(s3_process.url, image, stages_python, film)


@pytest.fixture
def site(tmp_path: Path, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The installation; an API that falters is asked again soon.

    Whatever a test does, nothing is asked of the API that a real one would refuse.
    """
    monkeypatch.setattr(cluster_calls, "PAUSE_S", 0.05)
    with installed(tmp_path, parts, monkeypatch) as made:
        yield made
    assert asked(made.cluster.calls) <= granted("airdub-worker")
