"""Rows become columns that say what was a number, a word, nothing, or none of these."""

from __future__ import annotations

import math
from typing import Any

import pytest

from airdub.gates.frame import frame_of
from tests.unit.airdub.gates.tables import good_table, row


@pytest.mark.parametrize(
    ("value", "number", "state"),
    [
        (40.5, 40.5, "measured"),
        (math.inf, math.inf, "measured"),
        (-(10**400), math.inf, "measured"),
        ("identical", math.inf, "identical"),
        ("not_applicable", None, "not_applicable"),
        (None, None, "absent"),
        ("40", None, "malformed"),
        (True, None, "malformed"),
        ({"value": 40}, None, "malformed"),
    ],
)
def test_a_value_is_a_number_or_says_what_it_is(value: Any, number: Any, state: str) -> None:
    frame = frame_of([row("psnr", value)])
    assert (frame["value"], frame["state"]) == ([number], [state])


def test_nan_stays_nan() -> None:
    frame = frame_of([row("psnr", math.nan)])
    assert math.isnan(frame["value"][0])
    assert frame["state"] == ["measured"]


def test_text_is_escaped() -> None:
    frame = frame_of([row("psnr", 1.0) | {"metric": "<img onerror=x>", "scope": ["a"]}])
    assert frame["metric"] == ["&lt;img onerror=x&gt;"]
    assert frame["scope"] == ["[&#x27;a&#x27;]"]


def test_columns_that_no_row_has_are_left_out() -> None:
    table = [{name: cell for name, cell in one.items() if name != "unit"} for one in good_table()]
    assert "unit" not in frame_of(table)
    half = frame_of([*table[:-1], good_table()[-1]])
    assert set(half["unit"][:-1]) == {None}
    assert frame_of([]) == {"state": []}
