"""The short sample, made once for all tests here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.media.catalog import SAMPLES
from tests.media.make import make_sample

SHORT = next(sample for sample in SAMPLES if sample.name == "short")


@pytest.fixture(scope="session")
def short_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `short.mp4`, its script and its bed."""
    folder = tmp_path_factory.mktemp("short")
    make_sample(folder, SHORT)
    return folder
