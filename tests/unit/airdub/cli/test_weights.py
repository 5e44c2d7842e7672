"""`airdub weights` on a registry whose engines have weights on a mirror."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from airdub import engines
from airdub.cli import app
from tests.fakes.mirror import Mirror, mirror

MODEL, VOICE = b"model " * 100_000, b"voice " * 9_000


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    with mirror({"model.bin": MODEL, "voice.bin": VOICE}) as running:
        whisper = _engine(running, "model.bin", MODEL, "MIT")
        xtts = _engine(running, "voice.bin", VOICE, "CPML") | {"commercial_use": False}
        registry = {"transcribe": {"whisper": whisper}, "synthesize": {"xtts": xtts}}
        (tmp_path / "engines.yaml").write_text(yaml.safe_dump(registry))
        monkeypatch.setattr(engines, "REGISTRY", tmp_path / "engines.yaml")
        monkeypatch.setenv("AIRDUB_MODEL_CACHE", str(tmp_path / "models"))
        engines.load_engines.cache_clear()
        yield running
    engines.load_engines.cache_clear()


def _engine(server: Mirror, name: str, content: bytes, licence: str) -> dict[str, object]:
    digest = hashlib.sha256(content).hexdigest()
    file = {"path": f"r1/{name}", "url": server.url(name), "licence": licence}
    weights = {name: {**file, "sha256": digest, "bytes": len(content)}}
    return {"summary": "a model", "licence": licence, "weights": weights}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["weights", *arguments])


def states(result: Result) -> dict[str, list[str]]:
    rows = [line.split() for line in result.stdout.splitlines() if line.strip().startswith("r1/")]
    return {row[0]: row[1:] for row in rows}


def test_fetch_list_and_verify(server: Mirror, tmp_path: Path) -> None:
    only = ("--engine", "transcribe/whisper")
    assert states(run("list")) == {
        "r1/model.bin": ["0.6", "MIT", "transcribe/whisper", "missing"],
        "r1/voice.bin": ["0.1", "CPML", "synthesize/xtts", "missing"],
    }
    assert run("verify", *only).exit_code == 69
    fetched = run("fetch", *only)
    assert fetched.exit_code == 0, fetched.output
    assert f"1 of 1 files fetched into {tmp_path / 'models'}" in fetched.stdout
    assert "0 of 1 files fetched" in run("fetch", *only).stdout
    assert run("verify", *only).exit_code == 0
    (tmp_path / "models/r1/model.bin").write_bytes(b"")
    damaged = run("verify", *only)
    assert (damaged.exit_code, states(damaged)["r1/model.bin"][-1]) == (69, "damaged")


def test_a_licence_is_accepted_or_nothing_is_fetched(server: Mirror, tmp_path: Path) -> None:
    refused = run("fetch")
    assert refused.exit_code == 77
    assert "r1/voice.bin (CPML)" in refused.stderr
    assert "--accept-licence CPML" in refused.stderr
    assert not server.requests
    assert run("fetch", "--accept-licence", "CPML").exit_code == 0
    assert (tmp_path / "models/r1/voice.bin").read_bytes() == VOICE


def test_a_file_that_is_not_there_ends_with_65(server: Mirror) -> None:
    del server.files["model.bin"]
    result = run("fetch", "--engine", "transcribe/whisper")
    assert result.exit_code == 65
    assert "model.bin: the host answers 404" in result.stderr


def test_import(server: Mirror, tmp_path: Path) -> None:
    (tmp_path / "downloaded.bin").write_bytes(MODEL)
    result = run("import", str(tmp_path / "downloaded.bin"))
    assert result.exit_code == 0, result.output
    assert "r1/model.bin for transcribe/whisper" in result.stdout
    assert states(run("verify", "--engine", "transcribe/whisper"))["r1/model.bin"][-1] == "here"
    (tmp_path / "downloaded.bin").write_bytes(b"other")
    assert run("import", str(tmp_path / "downloaded.bin")).exit_code == 65


def test_what_is_optional_needs_not_be_there_and_is_known_by_its_folder(
    server: Mirror, tmp_path: Path
) -> None:
    registry = yaml.safe_load((tmp_path / "engines.yaml").read_text())
    stated = {"licence": "MIT", "unverified": True, "optional": True, "files": ["m.bin"]}
    page = {**stated, "page": "https://example.org/how"}
    registry["translate"] = {
        "pairs": {
            "summary": "a model for each pair",
            "licence": "MIT",
            "repositories": {"r1/en-es": page, "r1/es-en": page},
        }
    }
    (tmp_path / "engines.yaml").write_text(yaml.safe_dump(registry))
    engines.load_engines.cache_clear()
    only = ("--engine", "translate/pairs")
    assert run("fetch", *only).exit_code == 0, "nobody could fetch them"
    assert run("verify", *only).exit_code == 0
    got = tmp_path / "es-en" / "m.bin"
    got.parent.mkdir()
    got.write_bytes(MODEL)
    result = run("import", str(got), *only, "--accept-new")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "models/r1/es-en/m.bin").read_bytes() == MODEL
    twin = tmp_path / "en-es" / "m.bin"
    twin.parent.mkdir()
    twin.write_bytes(MODEL)
    assert run("import", str(twin), *only).exit_code == 77, "nobody has accepted it for this pair"
    assert run("import", str(twin), *only, "--accept-new").exit_code == 0
    assert (tmp_path / "models/r1/en-es/m.bin").read_bytes() == MODEL
    (tmp_path / "m.bin").write_bytes(MODEL)
    assert "may be r1/en-es/m.bin or r1/es-en/m.bin" in run(
        "import", str(tmp_path / "m.bin"), *only
    ).stderr.replace("\n", " ")
