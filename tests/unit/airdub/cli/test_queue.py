"""Pauses, quotas and rights are set by people, in words that are checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from airdub.queue.documents import NEVER

from .library import catalog, library, run

__all__ = ["library"]

pytestmark = pytest.mark.usefixtures("library")


def claimed() -> list[str]:
    with catalog() as opened:
        return [one.title_id for one in opened.claim(10)]


def test_a_paused_queue_gives_nothing_until_somebody_resumes() -> None:
    run("request", "*", "--to", "es")
    assert "new disks" in run("queue", "pause", "--why", "new disks").stdout
    assert claimed() == []
    assert "the queue goes on" in run("queue", "resume").stdout
    assert "wasn't paused" in run("queue", "resume").stdout
    assert len(claimed()) == 3


def test_a_quota_bounds_a_day() -> None:
    run("request", "*", "--to", "es")
    run("queue", "quota", "language:ES", 2)
    assert len(claimed()) == 2
    said = run("queue", "quota").stdout
    assert "language:es" in said
    assert "language:es" not in run("queue", "quota", "language:es", "--remove").stdout
    assert len(claimed()) == 1


def test_rights_hold_a_title_back_and_are_taken_away_again() -> None:
    run("request", "*", "--to", "es")
    said = run("queue", "rights", "--title", "film", "--opens", "2100-01-01").stdout
    assert "2100-01-01T00:00Z" in said
    assert claimed() == ["maria-1", "maria-2"]
    with catalog() as opened:
        (window,) = opened.rights()
    assert (window.title_id, window.language, window.closes_at) == ("film", "", NEVER)
    run("queue", "rights", "--remove", window.window_id)
    assert claimed() == ["film"]


def test_of_many_rights_a_list_says_that_there_are_more() -> None:
    for title in ("a", "b", "c"):
        run("queue", "rights", "--title", title, "--opens", "2100-01-01")
    said = run("queue", "rights", "--most", "2").stdout
    assert said.count("2100-01-01") == 2
    assert "and more: --most 20" in said
    assert "and more" not in run("queue", "rights", "--most", "3").stdout


def test_rights_of_what_the_library_does_not_have_are_told(tmp_path: Path) -> None:
    table = tmp_path / "rights.csv"
    rows = ("film,,es,2026-01-01,", "Film,,es,2026-01-01,", ",maria,,2026-01-01,")
    table.write_text("\n".join(["title,series,language,opens,closes", *rows]))
    said = run("queue", "rights", "--csv", table).stdout
    assert "no title 'Film' yet" in said
    assert said.count("the library has no") == 1
    said = run("queue", "rights", "--series", "mary", "--opens", "2026-01-01").stdout
    assert "no series 'mary' yet" in said


def test_many_rights_come_from_a_table(tmp_path: Path) -> None:
    table = tmp_path / "rights.csv"
    table.write_text(
        "title,series,language,opens,closes\nfilm,,ES,2026-01-01,2027-01-01\n,maria,,,2027-01-01\n"
    )
    run("queue", "rights", "--csv", table)
    run("queue", "rights", "--csv", table)
    with catalog() as opened:
        found = {(one.title_id, one.series_id): one for one in opened.rights()}
    assert set(found) == {("film", ""), ("", "maria")}
    assert found["film", ""].language == "es"
    assert found["", "maria"].opens_at < "0002"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("title,opens\nfilm,soon\n", "line 2: 'soon' is no time"),
        ("title,series,opens\nfilm,maria,2026-01-01\n", "about a title or about a series"),
        ("title\nfilm\n", "neither opens nor closes"),
        ("title,opens,closes\nfilm,2027-01-01,2026-01-01\n", "opens before it closes"),
        ("name,opens\nfilm,2026-01-01\n", "it has no column 'name'"),
        ("title,language,opens\nfilm,klingonese,2026-01-01\n", "line 2"),
    ],
)
def test_a_table_with_a_fault_sets_nothing(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "rights.csv").write_text("title,opens\n")
    good = "film,2026-01-01\n" if content.startswith("title,opens\n") else ""
    head, _, rest = content.partition("\n")
    (tmp_path / "rights.csv").write_text(f"{head}\n{rest}{good}")
    assert message in run("queue", "rights", "--csv", tmp_path / "rights.csv", code=65).stderr
    with catalog() as opened:
        assert opened.rights() == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["quota", "everything", "3"],
        ["quota", "language:klingonese", "3"],
        ["quota", "profile:nosuch", "3"],
        ["quota", "language:es"],
        ["quota", "language:es", "--remove"],
        ["rights", "--remove", "nosuch"],
        ["rollout", "abc", "--to", "open"],
        ["rollout", "abc"],
        ["orders", "--end", "nosuch"],
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str]) -> None:
    assert "What to do" in run("queue", *arguments, code=65).stderr
