"""The talk that is measured, made once for all tests here."""

from __future__ import annotations

import pytest

from model_images.evaluate.evidence import Evidence
from tests.unit.model_images.evaluate.talks import Talk


@pytest.fixture(scope="session")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    """A portrait that says two lines, and dubs of it."""
    return Talk(tmp_path_factory.mktemp("talk"))


@pytest.fixture(scope="session")
def clean(talk: Talk) -> Evidence:
    """Its dub without a fault."""
    return talk.evidence("clean", talk.dub)
