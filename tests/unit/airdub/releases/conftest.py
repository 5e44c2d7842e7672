"""Every test of releases runs on files and on a real S3 protocol server."""

from __future__ import annotations

from pathlib import Path

import pytest

from airdub.releases.objects import ObjectStore, open_objects
from tests.unit.airdub.releases.dubs import Library, settings_at
from tests.unit.airdub.releases.objects import SMALLEST_PART


@pytest.fixture
def s3_url(s3_bucket: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty bucket; uploads go in the smallest parts there are."""
    monkeypatch.setattr("airdub.releases.s3.PART_BYTES", SMALLEST_PART)
    return f"s3://{s3_bucket}/library"


@pytest.fixture(params=["file", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where releases lie."""
    if request.param == "file":
        return (tmp_path / "releases").as_uri()
    made: str = request.getfixturevalue("s3_url")
    return made


@pytest.fixture
def objects(url: str) -> ObjectStore:
    return open_objects(url)


@pytest.fixture
def library(tmp_path: Path, url: str) -> Library:
    """An installation that publishes to `url`."""
    return Library(settings_at(tmp_path, url))


@pytest.fixture
def local_library(tmp_path: Path) -> Library:
    """One that publishes to files, for what no store changes."""
    return Library(settings_at(tmp_path, (tmp_path / "releases").as_uri()))
