"""A small library, and commands on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from airdub.catalog import Catalog, open_catalog
from airdub.cli import app
from airdub.queue.documents import Request
from airdub.settings import load_settings
from tests.unit.airdub.catalog.queued import add_titles


def run(*arguments: object, code: int = 0, stdin: str = "") -> Result:
    """A command, which must end with an exit code."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)
    assert result.exit_code == code, f"{result.output}{result.exception!r}"
    return result


@contextmanager
def catalog() -> Iterator[Catalog]:
    """The installation's."""
    with open_catalog(load_settings().catalog_url) as opened:
        yield opened


def queued(**which: str) -> list[Request]:
    """Requests, by title and language."""
    with catalog() as opened:
        return opened.requests(**which)


def states(**which: str) -> dict[str, str]:
    """State by title and language, of the latest attempt."""
    return {f"{one.title_id} {one.language}": str(one.state) for one in queued(**which)}


@pytest.fixture
def library(installation: Path) -> Path:
    """Two episodes of the series `maria` and a film, all in English; the installation's folder."""
    with catalog() as opened:
        add_titles(opened, ["maria-1", "maria-2"], series="maria")
        add_titles(opened, ["film"])
    return installation
