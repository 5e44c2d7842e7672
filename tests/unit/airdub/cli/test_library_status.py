"""Status says where everything stands, why things failed, and how long the rest will take."""

from __future__ import annotations

import pytest

from airdub.gates import Consequence
from tests.unit.airdub.catalog.judged import judgement

from .library import catalog, library, run

__all__ = ["library"]

pytestmark = pytest.mark.usefixtures("library")


def row(said: str, first: str) -> list[str]:
    """Cells of the table's row that begins with a cell."""
    for line in said.splitlines():
        cells = [cell.strip() for cell in line.strip("│┃").replace("┃", "│").split("│")]
        if cells[0] == first:
            return cells[1:]
    raise AssertionError(f"no row {first} in {said}")


def test_an_empty_queue_says_what_to_do() -> None:
    said = run("status").stdout
    assert "airflow: it isn't running" in said
    assert "nothing has been asked for: `airdub library scan`, then `airdub request`" in said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AIRDUB_RUNTIME", "kubernetes", "airflow: `kubectl -n airdub-airflow get pods` shows"),
        ("AIRFLOW__API__BASE_URL", "http://127.0.0.1:8080", "8080; `docker compose ps` shows"),
    ],
)
def test_an_airflow_that_others_run_is_asked_after_where_they_run_it(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert said in run("status").stdout


def test_on_a_cluster_the_rest_is_estimated_from_its_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    run("request", "*", "--to", "es")
    with catalog() as opened:
        opened.record_judgement(judgement("run", Consequence.PUBLISH))  # 2 stages of 1.25 s
    for name, value in {"RUNTIME": "kubernetes", "ACTIVE_DUBS": "1000", "POD_SLOTS": "1"}.items():
        monkeypatch.setenv(f"AIRDUB_{name}", value)
    assert "3 left, about 8 seconds" in run("status").stdout
    monkeypatch.setenv("AIRDUB_POD_SLOTS", "4")
    assert "3 left, about 2 seconds" in run("status").stdout


def test_counts_by_language_and_state_and_reasons_of_failures() -> None:
    run("request", "*", "--to", "es", "--to", "ca")
    with catalog() as opened:
        film, other, _ = opened.claim(3)
        opened.settle(film.request_id, "failed", was="claimed", reason="EngineFailed")
        opened.settle(other.request_id, "published", was="claimed")
    said = run("status").stdout
    assert row(said, "language") == ["waiting", "claimed", "published", "failed", "all"]
    assert row(said, "all") == ["3", "1", "1", "1", "6"]
    assert sum(int(count) for count in row(said, "es")[:-1]) == 3
    assert row(said, "failed") == ["EngineFailed", "1", film.request_id]
    assert "4 left; for how long is known once a dub has been judged" in said


def test_the_rest_is_estimated_from_what_dubs_took() -> None:
    run("request", "*", "--to", "es-419", "--to", "ca")
    with catalog() as opened:
        opened.record_judgement(judgement("run", Consequence.PUBLISH))  # 2 stages of 1.25 s
    said = run("status").stdout
    assert "6 left, about " in said
    assert "by the stage times of the latest 1 dubs; none yet in ca" in said


def test_what_holds_the_queue_back_is_said() -> None:
    run("request", "film", "--to", "es", "--within", 1)
    run("queue", "pause", "--why", "new disks")
    run("queue", "quota", "language:es", 10)
    with catalog() as opened:
        opened._database.connection.execute("UPDATE dub_request SET due = '2026-01-01'")
    said = run("status").stdout
    assert "1 overdue" in said
    assert "PAUSED since" in said
    assert "new disks; `airdub queue resume` goes on" in said
    assert "quota language:es: 0 of 10 dubs used today" in said
    run("queue", "resume")
    assert "PAUSED" not in run("status").stdout


def test_requests_are_listed_by_what_people_know_of_them() -> None:
    run("request", "*", "--to", "es")
    run("cancel", "film", "--why", "[red]sold[/red]")
    said = run("status", "--state", "cancelled").stdout
    assert row(said, "film")[:2] == ["es", "cancelled"]
    assert "[red]sold[/red]" in said
    assert "maria" not in said
    assert "maria-1" in run("status", "maria-*").stdout
    assert "--most 10 lists more" in run("status", "*", "--most", 1).stdout
    run("status", "nosuch", code=65)


def test_a_library_of_many_languages_fits_on_a_page() -> None:
    from airdub.cli.library_status import _states
    from airdub.queue.documents import RequestState, StateCount

    counts = [
        StateCount(state=RequestState.WAITING, language=f"x{number}", count=number + 1)
        for number in range(40)
    ]
    table = _states(counts)
    assert table.row_count == 32
    assert list(table.columns[0].cells)[-2:] == ["10 others", "all"]
    assert list(table.columns[1].cells)[-2:] == ["55", "820"]
