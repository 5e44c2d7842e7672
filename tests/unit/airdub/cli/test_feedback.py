"""`airdub feedback` on a real catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from airdub.catalog import Catalog, Release, open_catalog
from airdub.cli import app
from airdub.judgements import StageUse
from airdub.settings import load_settings
from tests.unit.airdub.catalog.judged import TITLE_ID, judgement


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["feedback", *map(str, arguments)])


@pytest.fixture(autouse=True)
def catalog(installation: Path) -> Iterator[Catalog]:
    spoken = StageUse(
        stage="synthesize", engine="flite", fingerprint="s", result_key="r", cached=False, wall_s=1
    )
    with open_catalog(load_settings().catalog_url) as opened:
        opened.record_judgement(judgement("run", "publish", stages=(spoken,)))
        release = {"release_id": "r", "title_id": TITLE_ID, "language": "es-419", "run_id": "run"}
        opened.record_release(Release(**release, folder="f", sha256="s"))
        yield opened


@pytest.fixture
def week(tmp_path: Path) -> Path:
    rows = ["la voz es [red]mala[/]", "voz metálica", "muy bien"]
    lines = [f"{TITLE_ID},es-419,{text}\n" for text in rows]
    file = tmp_path / "week.csv"
    file.write_text("".join(["title,language,text\n", *lines, "nobody,es,x\n"]), encoding="utf-8")
    return file


def test_a_file_is_taken_once_and_bad_rows_are_named(week: Path) -> None:
    first = run("import", week)
    assert first.exit_code == 0
    assert "week.csv, line 5: nobody es: there is no such dub" in first.stdout
    assert first.stdout.splitlines()[-1] == "week.csv: 3 new, 0 known, 1 refused"
    assert "week.csv: 0 new, 3 known, 1 refused" in run("import", week).stdout


def test_complaints_are_counted_by_title_and_by_engine(week: Path) -> None:
    run("import", week)
    (row,) = [line for line in run("show").stdout.splitlines() if TITLE_ID in line]
    assert row.strip("│ ").split() == [TITLE_ID, "│", "es-419", "│", "voice", "│", "2"]
    (row,) = [line for line in run("show", "--engines").stdout.splitlines() if "flite" in line]
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "synthesize", "flite", "voice", "2", "67 %",
    ]  # fmt: skip


def test_a_titles_comments_are_shown_as_they_are(week: Path) -> None:
    run("import", week)
    told = run("show", TITLE_ID).stdout
    assert "la voz es [red]mala[/]" in told
    assert [" voice " in line for line in told.splitlines() if "es-419" in line].count(True) == 2


def test_a_file_that_is_not_there_ends_with_its_name(tmp_path: Path) -> None:
    result = run("import", tmp_path / "nothing.csv")
    assert (result.exit_code, "nothing.csv" in result.stderr) == (65, True)
