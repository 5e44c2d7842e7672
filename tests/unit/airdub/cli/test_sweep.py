"""`airdub sweep` on a real store."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from airdub.artifacts import ArtifactStore
from airdub.cli import app
from airdub.settings import load_settings
from tests.unit.airdub.sweeping.test_sweep import is_swept, stored_mix


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["sweep", *arguments])


def test_it_tells_and_only_with_yes_removes(installation: Path, store: ArtifactStore) -> None:
    made = stored_mix(load_settings())
    told = run()
    assert (told.exit_code, told.stdout.splitlines()[-1]) == (0, "--yes removes it")
    assert "1.4 MiB could go" in told.stdout
    row = next(line for line in told.stdout.splitlines() if " mix " in line)
    assert [cell.strip() for cell in row.strip("│ ").split("│")][1:6] == ["1", "0", "0", "0.0", "1"]
    assert not is_swept(load_settings(), made)
    assert run("--days", "50").stdout.splitlines()[-2] == "0.0 MiB could go"
    removed = run("--yes")
    assert "MiB removed" in removed.stdout
    assert is_swept(load_settings(), made)


def test_days_are_days(installation: Path) -> None:
    assert run("--days", "0").exit_code == 2
