"""Reports from the command line: what judged runs cost, and a page of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from airdub.gates import Consequence
from tests.unit.airdub.catalog.judged import judgement

from .library import catalog, library, run
from .test_library_status import row

__all__ = ["library"]


@pytest.fixture
def dubbed(library: Path) -> Path:
    with catalog() as opened:
        opened.record_judgement(judgement("run-1", Consequence.PUBLISH))
        opened.record_judgement(judgement("run-2", Consequence.QUARANTINE))
    return library


def test_costs_are_summed_by_engine_language_and_title(dubbed: Path) -> None:
    said = run("report").stdout
    assert "2  runs judged" in said
    assert "1  approved" in said
    assert "33%  found in the store" in said
    assert row(said, "mix: it")[:2] == ["2", "0%"]
    assert row(said, "probe: it")[:2] == ["2", "100%"]
    assert row(said, "es-419")[:1] == ["6"]
    assert row(said, "the-tower > es-419") == ["2", "5.0", "0.0"]


def test_a_page_is_written_whole(dubbed: Path) -> None:
    file = dubbed / "reports" / "today.html"
    said = run("report", "the-*", "--html", file).stdout
    assert f"written: {file}" in said
    text = file.read_text()
    assert text.rstrip().endswith("</html>")
    assert text.count("<svg") == 6  # no GPU was used
    assert "the-tower &gt; es-419" in text
    assert "titles the-*" in text


def test_titles_may_be_named_in_a_file_and_by_the_states_of_their_requests(dubbed: Path) -> None:
    listed = dubbed / "titles.txt"
    listed.write_text("nobody\nthe-tower  # of last week\n")
    assert "2  runs judged" in run("report", "--ids", listed).stdout
    assert "2  runs judged" in run("report", "nobody", "the-*").stdout
    assert "0  runs judged" in run("report", "--state", "failed").stdout  # dubbed by hand


def test_of_other_titles_languages_and_days_there_is_nothing(dubbed: Path) -> None:
    past = ["--since", "2025-01-01", "--until", "2026-01-01"]
    for scope in (["other-*"], ["--language", "fr"], ["--series", "maria"], past):
        assert "0  runs judged" in run("report", *scope).stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--since", "2026-02-01", "--until", "2026-01-01"], 65, "it ends before it begins"),
        (["--since", "yesterday"], 65, "is no time"),
        (["--language", "klingonese"], 65, "language"),
        (["--html", "/dev/null/report.html"], 75, "can't be written"),
    ],
)
def test_what_makes_no_sense_is_refused(
    dubbed: Path, arguments: list[str], code: int, message: str
) -> None:
    assert message in run("report", *arguments, code=code).stderr
