"""Commands refuse what can't work at once, with the error's exit code, and start nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from airdub.cli import app
from airdub.engines import find_engine
from tests.fakes.stage_python import complete


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.mp4", "--from", "en", "--to", "es"], "there is no such file"),
        (["film.mp4", "--from", "english?", "--to", "es"], "source_language: 'english?'"),
        (["film.mp4", "--from", "en", "--to", "ko"], "can translate from 'en' to 'ko'"),
        (["film.mp4", "--from", "en", "--to", "es", "--title-id", "../x"], "title_id"),
        (["film.mp4", "--from", "en", "--to", "es", "--script", "no.srt"], "script"),
        (["film.mp4", "--from", "en", "--to", "es", "--profile", "gold"], "no profile 'gold'"),
        (["empty.mp4", "--from", "en", "--to", "es"], "the file is empty"),
        (["s3:///film.mp4", "--from", "en", "--to", "es"], "no s3://bucket/key"),
    ],
)
def test_a_bad_order_ends_with_65_and_its_remedy(
    installation: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(installation)
    (installation / "empty.mp4").touch()
    result = run("dub", *arguments)
    assert result.exit_code == 65
    assert message in result.stderr
    assert "What to do:" in result.stderr
    assert not (installation / "var" / "airflow").exists()


@pytest.mark.usefixtures("installation")
def test_status_and_down_without_airflow() -> None:
    assert "isn't running" in run("status").stdout
    result = run("down")
    assert (result.exit_code, result.stdout) == (0, "airflow: it wasn't running\n")


def test_the_doctor_finds_everything(installation: Path) -> None:
    result = run("doctor")
    assert result.exit_code == 0
    assert "Everything that the profiles use is here." in result.stdout


def test_the_doctor_names_what_is_missing(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = {name: "1" for name in complete().programs if name != "flite"}
    environment = complete().model_copy(update={"programs": programs}).to_json().decode()
    python = installation / "environment" / "bin" / "python"
    python.write_text(f"#!/bin/sh\ncat <<'END'\n{environment}END\n")
    result = run("doctor")
    assert result.exit_code == 69
    assert "missing: synthesize/flite lacks Debian package flite" in result.stdout
    assert "make setup" in result.stdout


def test_the_doctor_tells_of_engines_with_weights_and_misses_none(installation: Path) -> None:
    packaged = {
        one.path.split("/")[-1] for one in find_engine("evaluate", "metrics").weights.values()
    }
    weights = {name: sha for name, sha in complete().weights.items() if name in packaged}
    environment = complete().model_copy(update={"weights": weights}).to_json().decode()
    python = installation / "environment" / "bin" / "python"
    python.write_text(f"#!/bin/sh\ncat <<'END'\n{environment}END\n")
    result = run("doctor")
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "transcribe whisper lacks weights large-v3.pt" in lines
    assert any(line.startswith("transcribe faster_whisper lacks weights") for line in lines)
    assert any(line.endswith("and 4 more") for line in lines)
    assert "airdub weights fetch --engine STAGE/NAME" in result.stdout


def test_the_package_is_light_to_import() -> None:
    code = "from time import process_time as now; a = now(); import airdub; print(now() - a)"
    took = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert float(took.stdout) < 0.2
