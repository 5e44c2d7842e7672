"""Consents and casts from the command line."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from airdub.catalog import open_catalog
from airdub.cli import app
from airdub.settings import load_settings


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def paper(installation: Path) -> Path:
    file = installation / "signed.pdf"
    file.write_bytes(b"I agree. Ana")
    return file


def test_a_grant_keeps_the_hash_of_its_evidence_and_not_the_file(paper: Path) -> None:
    result = run(
        "consent", "grant", "Ana", "--use", "voice", "--use", "likeness", "--evidence", paper,
        "--language", "es", "--territory", "es", "--until", "2030-12-31",
    )  # fmt: skip
    assert result.exit_code == 0
    with open_catalog(load_settings().catalog_url) as catalog:
        (known,) = catalog.consents()
    assert known.consent_id in result.stdout
    assert known.evidence_sha256 == hashlib.sha256(b"I agree. Ana").hexdigest()
    assert (known.evidence_name, known.territories) == ("signed.pdf", ("ES",))
    kept = [file for file in load_settings().var.rglob("*") if file.is_file()]
    assert not any(b"I agree" in file.read_bytes() for file in kept)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--use", "voice", "--evidence", "missing.pdf"], "there is no such file"),
        (["--use", "voice", "--evidence", "signed.pdf", "--until", "soon"], "no consent"),
        (["--use", "voice", "--evidence", "signed.pdf", "--language", "klingonese"], "language"),
        (["--use", "voice", "--evidence", "signed.pdf", "--territory", "Spain"], "ISO 3166-1"),
    ],
)
def test_a_bad_grant_ends_with_65_and_records_nothing(
    paper: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(paper.parent)
    result = run("consent", "grant", "Ana", *arguments)
    assert result.exit_code == 65
    assert message in result.stderr
    with open_catalog(load_settings().catalog_url) as catalog:
        assert catalog.consents() == []


def test_the_cast_shows_who_agreed(paper: Path) -> None:
    run("consent", "grant", "Ana López", "--use", "voice", "--evidence", paper)
    assert run("cast", "film", "ANNA=Ana López", "BEN=Ben", "X=Y").exit_code == 0
    shown = run("cast", "film", "X=").stdout
    assert "voice" in next(line for line in shown.splitlines() if "ANNA" in line)
    assert "none" in next(line for line in shown.splitlines() if "BEN" in line)
    assert "X" not in shown
    assert "Ana López" in run("consent", "list", "--title", "film").stdout
    assert "Ana López" not in run("consent", "list", "--title", "other").stdout
    assert run("cast", "film", "ANNA").exit_code == 65


def test_a_revoked_consent_is_listed_as_such_and_needs_a_reason(paper: Path) -> None:
    run("consent", "grant", "Ana", "--use", "voice", "--evidence", paper)
    with open_catalog(load_settings().catalog_url) as catalog:
        (known,) = catalog.consents()
    assert run("consent", "revoke", known.consent_id).exit_code == 2
    assert run("consent", "revoke", "unknown", "--why", "because").exit_code == 65
    result = run("consent", "revoke", known.consent_id, "--why", "she asked for it")
    assert result.exit_code == 0
    assert f"consent {known.consent_id} of Ana is revoked: 0 runs used it" in result.stdout
    (line,) = [row for row in run("consent", "list").stdout.splitlines() if "Ana" in row]
    assert "revoked" in line
    assert "not yet erased" not in line
    again = run("consent", "grant", "Ana", "--use", "voice", "--evidence", paper)
    assert (again.exit_code, "was revoked on" in again.stderr) == (73, True)


@pytest.mark.usefixtures("installation")
def test_a_commercial_order_without_a_cast_ends_with_77_and_starts_nothing(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(installation)
    result = run("dub", "film.mp4", "--from", "en", "--to", "es", "--profile", "commercial")
    assert result.exit_code == 77
    assert "nobody is cast" in result.stderr
    assert "airdub cast" in result.stderr
    assert not (installation / "var" / "airflow").exists()


def test_names_are_shown_as_they_are(paper: Path) -> None:
    person, evidence = "Ana [red]López[/bold]", paper.rename(paper.with_name("[b]signed.pdf"))
    run("consent", "grant", person, "--use", "voice", "--evidence", evidence)
    for shown in (run("cast", "film", f"[/ANA]={person}"), run("consent", "list")):
        assert shown.exit_code == 0
        assert "[red]López[/bold]" in "".join(shown.stdout.split())
    assert "[/ANA]" in run("cast", "film").stdout
    assert "[b]signed.pdf" in "".join(run("consent", "list").stdout.split())
