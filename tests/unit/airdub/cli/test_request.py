"""Dubs are asked for by what people know of titles, once, and what can't be is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from airdub.catalog.session import now
from airdub.queue.documents import NEVER
from airdub.queue.selecting import Planner

from .library import catalog, library, queued, run, states

__all__ = ["library"]

pytestmark = pytest.mark.usefixtures("library")


def test_titles_are_asked_for_by_pattern_and_once() -> None:
    said = run("request", "maria-*", "--to", "es", "--to", "ca").stdout
    assert "4 dubs asked for, 4 of them new in the queue" in said
    assert "airdub retry" not in said
    assert states() == {
        f"maria-{number} {language}": "waiting" for number in (1, 2) for language in ("ca", "es")
    }
    again = run("request", "maria-1", "maria-*", "--to", "ES").stdout
    assert "2 dubs asked for, 0 of them new" in again
    assert "`airdub retry` asks again" in again
    assert len(queued()) == 4


def test_titles_are_asked_for_by_series_and_by_a_file_of_ids(tmp_path: Path) -> None:
    run("request", "--series", "maria", "--to", "es")
    assert set(states()) == {"maria-1 es", "maria-2 es"}
    ids = tmp_path / "ids.txt"
    ids.write_text("# of today\nfilm\n\nmaria-2  # again\n")
    run("request", "--ids", ids, "--to", "fr")
    assert set(states(language="fr")) == {"film fr", "maria-2 fr"}
    run("request", "--ids", "-", "--to", "de", stdin="film\n")
    assert set(states(language="de")) == {"film de"}


def test_what_goes_first_and_by_when() -> None:
    run("request", "film", "--to", "es", "--priority", 90, "--within", 2)
    run("request", "maria-1", "--to", "es", "--due", "2100-01-02T03:04:05+01:00")
    run("request", "maria-2", "--to", "es")
    film, one, two = queued()
    assert (film.priority, film.title_id) == (90, "film")
    assert now() < film.due < "2100"
    assert (one.due, two.due) == ("2100-01-02T02:04:05.000000Z", NEVER)


def test_what_can_not_be_dubbed_is_said() -> None:
    with catalog() as opened:
        opened.mark_missing("maria-1")
    said = run("request", "*", "--to", "en", "--to", "es").stdout
    assert "2 dubs asked for, 2 of them new" in said
    assert "2 they are spoken in en already" in said
    assert "1 their file is missing" in said


def test_what_no_engine_can_do_is_refused_at_once_with_its_reason() -> None:
    said = run("request", "film", "--to", "th").stdout
    assert "1 refused: embedded has no engine to" in said
    (request,) = queued()
    assert (request.state, request.reason) == ("refused", "no_engine")


def test_a_new_plan_is_tried_on_some_first() -> None:
    run("request", "*", "--to", "es", "--canaries", 1)
    assert sorted(states().values()) == ["held", "held", "waiting"]
    said = run("queue", "rollout").stdout
    assert "trying" in said
    with catalog() as opened:
        (rollout,) = opened.rollouts()
        plan = Planner().request(opened.titles("film")[0], "es", "embedded").plan_digest
    assert rollout.plan_digest == plan
    assert "2 requests may go now" in run("queue", "rollout", plan[:8], "--to", "open").stdout
    assert set(states().values()) == {"waiting"}


def test_a_wish_stands_for_titles_to_come_and_is_placed_once() -> None:
    for _ in range(2):
        run("request", "maria-*", "--to", "es", "--standing", "--within", 48, "--priority", 70)
    with catalog() as opened:
        (order,) = opened.standing_orders()
    assert (order.titles, order.language, order.profile) == ("maria-*", "es", "embedded")
    assert (order.priority, order.deadline_hours) == (70, 48)
    assert len(queued()) == 2
    assert "maria-*" in run("queue", "orders").stdout
    assert "maria-*" not in run("queue", "orders", "--end", order.order_id).stdout
    run("queue", "orders", "--end", order.order_id, code=65)


def test_a_wish_may_come_before_its_titles() -> None:
    said = run("request", "coming-*", "--to", "es", "--standing").stdout
    assert "coming-* into es" in said
    assert "0 dubs asked for" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "es"], "it doesn't say which"),
        (["nosuch", "film", "--to", "es"], "nosuch: nothing of that name is there"),
        (["film", "--to", "klingonese"], "--to"),
        (["film", "--to", "es", "--profile", "nosuch"], "nosuch"),
        (["film", "--to", "es", "--due", "soon"], "'soon' is no time"),
        (["film", "--to", "es", "--due", "2020-01-01"], "2020-01-01 is over"),
        (["film", "--to", "es", "--due", "2100-01-01", "--within", "3"], "both say when"),
        (["film", "--to", "es", "--due", "2100-01-01", "--standing"], "standing order"),
        (["--ids", "nosuch.txt", "--to", "es"], "can't be read"),
        (["--ids", "-", "--to", "es"], "there are no ids in it"),
    ],
)
def test_what_makes_no_sense_is_refused_and_asks_for_nothing(
    arguments: list[str], message: str
) -> None:
    assert message in run("request", *arguments, code=65).stderr
    assert queued() == []


def test_a_file_of_ids_that_is_none_is_refused_by_line(tmp_path: Path) -> None:
    (tmp_path / "ids").write_text("film\nmaria 1 and 2\n")
    said = run("request", "--ids", tmp_path / "ids", "--to", "es", code=65).stderr
    assert "line 2: 'maria 1 and 2' is no id" in said
    (tmp_path / "ids").write_bytes(b"\xff\xfe\x00")
    run("request", "--ids", tmp_path / "ids", "--to", "es", code=65)
