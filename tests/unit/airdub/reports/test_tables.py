"""Tables add up, by engine, language and title, whatever of it is empty."""

from __future__ import annotations

import pytest

from airdub.reports.gathering import sums
from airdub.reports.tables import ReportTable, figures, tables

from .reports import EMPTY, report


def table(heading: str, most: int = 10) -> ReportTable:
    (found,) = (one for one in tables(report(), most) if one.heading == heading)
    return found


def test_the_dearest_engine_comes_first() -> None:
    assert table("Cost by engine").rows == (
        ("lipsync: lipsync-engine", "6", "67%", "1.00", "0.50", "0.01"),
        ("probe: probe-engine", "4", "25%", "2.00", "0.00", "0.00"),
    )


def test_languages_add_up() -> None:
    assert table("Cost by language").rows == (
        ("fr", "2", "0%", "1.00", "0.50", "0.00"),
        ("es", "8", "62%", "2.00", "0.00", "0.01"),
    )


def test_titles_are_cut_and_that_is_said() -> None:
    assert table("Cost by title").words == "All titles."
    cut = table("Cost by title", most=1)
    assert cut.rows == (("a > fr", "2", "3,600.0", "1,800.0"),)
    assert cut.words == "The 1 dearest."


def test_what_says_most() -> None:
    assert dict(figures(report())) == {
        "runs judged": "4",
        "released": "2",
        "approved": "3",
        "rejected": "1",
        "hours computed": "3.00",
        "GPU hours": "0.50",
        "found in the store": "50%",
    }


def test_nothing_is_no_share() -> None:
    empty = report(**EMPTY)
    assert dict(figures(empty))["found in the store"] == "-"
    assert [one.rows for one in tables(empty, 10)] == [(), (), (), ()]
    assert sums((), lambda one: one.stage) == []


def test_sums_lose_nothing() -> None:
    costs = report().costs
    for name in ("uses", "cached", "wall_s", "gpu_s", "saved_s"):
        total = sum(getattr(one, name) for one in sums(costs, lambda one: one.language))
        assert total == pytest.approx(sum(getattr(one, name) for one in costs))
