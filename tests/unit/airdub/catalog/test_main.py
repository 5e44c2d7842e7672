"""`python -m airdub.catalog`: back to the schema of an older version."""

from __future__ import annotations

from pathlib import Path

import pytest

from airdub.catalog import open_catalog
from airdub.catalog.__main__ import main
from airdub.catalog.migrating import migration_ids


@pytest.fixture(autouse=True)
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite://{tmp_path}/catalog.db"
    monkeypatch.setenv("AIRDUB_CATALOG", url)
    with open_catalog(url):
        pass


def run(monkeypatch: pytest.MonkeyPatch, last: str) -> int:
    monkeypatch.setattr("sys.argv", ["airdub.catalog", last])
    return main()


def test_it_says_what_it_took_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    last = migration_ids()[-2]
    assert run(monkeypatch, last) == 0
    assert capsys.readouterr().out == f"took back {migration_ids()[-1]}\n"
    assert run(monkeypatch, last) == 0
    assert capsys.readouterr().out == "nothing to take back\n"


def test_an_unknown_migration_ends_it_as_invalid_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "0000_never") == 65
    assert "choose one of: 0001_judgements" in capsys.readouterr().err
