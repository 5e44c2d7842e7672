"""A store of files and a store on a real S3 protocol server."""

from __future__ import annotations

from pathlib import Path

import pytest

from airdub.artifacts import ArtifactStore
from tests.builders import local_store
from tests.s3 import s3_bucket, s3_process, s3_server

__all__ = ["s3_bucket", "s3_process", "s3_server"]


@pytest.fixture(params=["file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    if request.param == "file":
        return local_store(tmp_path)
    return ArtifactStore(f"s3://{request.getfixturevalue('s3_bucket')}/library")
