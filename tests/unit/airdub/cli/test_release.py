"""`airdub release` on a real store and catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from airdub.artifacts import ArtifactStore
from airdub.catalog import Release
from airdub.cli import app
from airdub.cli.progress import byte_progress
from airdub.releases import publish_run
from airdub.settings import load_settings
from tests.unit.airdub.releases.dubs import LANGUAGE, TITLE_ID, Library, reason

DUB = (TITLE_ID, LANGUAGE)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["release", *map(str, arguments)])


@pytest.fixture
def library(installation: Path) -> Library:
    return Library(load_settings())


@pytest.fixture
def two(library: Library) -> tuple[Release, Release]:
    """Two releases of one dub, the second one current."""
    for run_id in ("one", "two"):
        library.judged(run_id, deliverable=run_id.encode())
    return publish_run(library.settings, "one"), publish_run(library.settings, "two")


def spoil(library: Library, key: str) -> None:
    ArtifactStore(library.settings.releases_url).write(key, b"spoilt")


def test_nothing_published_is_an_empty_list(installation: Path) -> None:
    result = run("list")
    assert (result.exit_code, "release" in result.stdout) == (0, True)
    assert run("verify").stdout.splitlines()[-1] == "0 verified, 0 damaged"


def test_the_list_names_state_and_run_and_why_it_was_withdrawn(
    two: tuple[Release, Release],
) -> None:
    run("withdraw", *DUB, "--why", "a [red]wrong[/red] name[/]", "--who", "ana")
    rows = [line for line in run("list").stdout.splitlines() if TITLE_ID in line]
    assert [[two[1].release_id in rows[0], "withdrawn" in rows[0]]] == [[True, True]]
    assert "by ana: a [red]wrong[/red] name[/]" in rows[0]
    assert [two[0].release_id in rows[1], "replaced" in rows[1], "one" in rows[1]] == [True] * 3
    assert run("list", TITLE_ID, LANGUAGE.upper()).stdout == run("list").stdout
    assert TITLE_ID not in run("list", "another").stdout


def test_show_tells_verdict_disclosure_and_files(library: Library) -> None:
    library.judged("run", "review", reasons=(reason(),))
    from airdub.catalog import open_catalog

    with open_catalog(library.settings.catalog_url) as catalog:
        catalog.decide_review("run", "publish_with_waiver", "ana", "it is [a] song")
    release = publish_run(library.settings, "run")
    result = run("show", *DUB)
    assert result.exit_code == 0
    for words in (
        f"release {release.release_id}: current",
        "run: run, attempt 1, profile embedded",
        "REVIEW",
        "waived by ana on ",
        "it is [a] song",
        "disclosed: The Spanish speech of this video (es-419) is synthetic",
        "  speech: 3 spans by espeak_ng, world",
        "C2PA: not signed: no certificate and key are configured",
        "not measured: mos: not measured here",
        "Data Docs: gates/run/index.html",
        "word error rate",
        f"{TITLE_ID}.{LANGUAGE}.mp4",
    ):
        assert words in result.stdout, words


def test_verify_reads_everything_and_ends_with_65_when_something_changed(
    library: Library, two: tuple[Release, Release]
) -> None:
    result = run("verify")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "2 verified, 0 damaged"
    assert f"{two[1].folder}: whole, current, " in result.stdout
    spoil(library, f"{two[0].folder}/qc.csv")
    result = run("verify", TITLE_ID)
    assert result.exit_code == 65
    assert f"{two[0].folder}: DAMAGED, replaced, " in result.stdout
    assert "  changed: qc.csv: 6 bytes, not " in result.stdout
    assert run("verify", *DUB, "--release", two[1].release_id).exit_code == 0
    spoil(library, f"{two[1].folder}/release.json")
    assert run("verify", *DUB, "--release", two[1].release_id).exit_code == 65
    shown = run("show", *DUB)
    assert (shown.exit_code, "damaged" in shown.stderr) == (65, True)


def test_withdraw_leaves_nothing_or_the_one_before(two: tuple[Release, Release]) -> None:
    result = run("withdraw", *DUB, "--why", "why", "--previous")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == f"current now: {two[0].release_id}"
    result = run("withdraw", *DUB, "--release", two[0].release_id, "--why", "why")
    assert result.stdout.splitlines()[-1] == "current now: none"
    assert run("withdraw", *DUB, "--release", two[0].release_id, "--why", "again").exit_code == 0
    assert "by " in run("list").stdout
    shown = run("show", *DUB, "--release", two[0].release_id)
    assert "withdrawn on " in shown.stdout
    result = run("withdraw", *DUB, "--why", "why")
    assert (result.exit_code, "no release is current" in result.stderr) == (65, True)
    assert run("verify").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "../../x", "es"),
        ("show", "film", "../es"),
        ("verify", TITLE_ID, LANGUAGE, "--release", "../../../etc"),
        ("withdraw", TITLE_ID, LANGUAGE, "--why", " "),
        ("verify", "--release", "0123456789abcdef"),
    ],
)
def test_what_is_no_release_ends_with_65(
    two: tuple[Release, Release], arguments: tuple[str, ...]
) -> None:
    assert run(*arguments).exit_code == 65


def test_progress_shows_what_is_left_once_it_takes_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("airdub.cli.progress._SHOWN_AFTER_S", -1.0)
    monkeypatch.setattr("airdub.cli.progress._PLAIN_EVERY_S", -1.0)
    for terminal in (True, False):
        console = Console(force_terminal=terminal, width=100, record=True)
        with console.capture() as shown, byte_progress(console, "film es") as report:
            report(1 << 20, 4 << 20)
        assert "film es" in shown.get()
        assert ("25 % (1 of 4 MiB)" in shown.get()) != terminal
