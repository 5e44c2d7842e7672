"""Retry, cancel and priority change exactly what was named, and say what they left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from .library import catalog, library, queued, run, states

__all__ = ["library"]

pytestmark = pytest.mark.usefixtures("library", "asked")


@pytest.fixture
def asked(library: Path) -> None:
    run("request", "*", "--to", "es")


def settle(state: str, reason: str = "", titles: str = "*") -> None:
    """Claim all, and let those of a pattern end so."""
    with catalog() as opened:
        opened.claim(100)
        for one in opened.requests(titles=titles):
            opened.settle(one.request_id, state, was="claimed", reason=reason)


def test_what_waits_is_cancelled_and_what_runs_goes_on() -> None:
    with catalog() as opened:
        (first,) = opened.claim(1)
    said = run("cancel", "*", "--why", "sold").stdout
    assert "2 cancelled" in said
    assert sorted(states().values()) == ["cancelled", "cancelled", "claimed"]
    assert states()[f"{first.title_id} es"] == "claimed"
    (one, _) = queued(state="cancelled")
    assert one.note.endswith(": sold")
    assert "nothing in the queue fits that" in run("cancel", "*").stdout


def test_failures_of_one_reason_are_asked_for_again() -> None:
    settle("failed", "EngineFailed", "maria-*")
    with catalog() as opened:
        (film,) = opened.requests(titles="film")
        opened.settle(film.request_id, "failed", was="claimed", reason="DependencyUnavailable")
    assert "2 asked for again" in run("retry", "--reason", "EngineFailed").stdout
    waiting = queued(state="waiting")
    assert [(one.title_id, one.attempt) for one in waiting] == [("maria-1", 2), ("maria-2", 2)]
    again = run("retry", "--reason", "EngineFailed").stdout
    assert "2 asked for again before" in again
    assert len(queued()) == 5


def test_what_is_published_is_left_alone_unless_its_release_was_withdrawn() -> None:
    settle("published")
    assert "nothing in the queue fits that" in run("retry", "*").stdout
    assert "3 left alone: the request is published" in run("retry", "--state", "published").stdout


def test_a_request_is_named_by_its_id_too() -> None:
    settle("quarantined")
    one = queued(titles="maria-2")[0]
    run("retry", one.request_id)
    (again,) = queued(state="waiting")
    assert (again.title_id, again.attempt, again.version) == ("maria-2", 2, one.version)


def test_an_older_version_is_left_alone_and_said() -> None:
    settle("failed")
    with catalog() as opened:
        title = opened.title("film")
        assert title is not None
        version = opened.source_version("film", title.version)
        assert version is not None
        newer = title.model_copy(update={"version": "newer"})
        opened.register(newer, version.model_copy(update={"version": "newer"}))
    said = run("retry", "*").stdout
    assert "2 asked for again" in said
    assert "1 left alone: another version or plan of it is wanted by now" in said


def test_priority_is_given_to_what_waits() -> None:
    run("priority", 99, "--series", "maria")
    assert {one.title_id: one.priority for one in queued()} == {
        "film": 50, "maria-1": 99, "maria-2": 99,
    }  # fmt: skip
    with catalog() as opened:
        assert [one.title_id for one in opened.claim(2)] == ["maria-1", "maria-2"]


def test_a_dry_run_changes_nothing() -> None:
    assert "3 waiting: would change" in run("cancel", "*", "--dry-run").stdout
    assert set(states().values()) == {"waiting"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cancel"], "it doesn't say which"),
        (["retry"], "it doesn't say which"),
        (["priority", "10"], "it doesn't say which"),
        (["cancel", "nosuch"], "nothing of that name"),
        (["cancel", "f" * 32], "nothing of that name"),
        (["cancel", "*", "--state", "published"], "it isn't about what is published"),
        (["retry", "*", "--state", "waiting"], "use failed, refused, quarantined, cancelled"),
    ],
)
def test_what_makes_no_sense_changes_nothing(arguments: list[str], message: str) -> None:
    before = queued()
    assert message in run(*arguments, code=65).stderr
    assert queued() == before


def test_a_pattern_is_no_sql() -> None:
    run("cancel", "%", code=65)
    run("cancel", "maria_1", code=65)
    run("cancel", "'; DROP TABLE dub_request; --", code=65)
    assert set(states().values()) == {"waiting"}
