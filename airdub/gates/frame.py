"""Metric rows as the columns of a data frame, whatever they hold. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from numbers import Real
from typing import Any

from airdub.gates.table import COLUMNS, Row
from airdub.metrics import IDENTICAL, NOT_APPLICABLE

STATE = "state"
"""The column that says what the column `value` holds."""

MEASURED, ABSENT, MALFORMED = "measured", "absent", "malformed"
"""A number, nothing, anything else; the words `identical` and `not_applicable` are states too."""


def frame_of(rows: Iterable[Row]) -> dict[str, list[Any]]:
    """The rows as columns, whatever they hold; a column that no row has is left out.

    `value` becomes a number or None: infinite for `identical`, None for all else that is no
    number. Text is escaped for HTML: it ends in pages that don't do that.
    """
    listed = [*rows]
    there = [column for column in COLUMNS if any(column in row for row in listed)]
    frame = {column: [_cell(row.get(column)) for row in listed] for column in there}
    if "value" in frame:
        frame["value"] = [_number(row.get("value")) for row in listed]
    return frame | {STATE: [_state(row.get("value")) for row in listed]}


def _state(value: object) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, str) and value in (IDENTICAL, NOT_APPLICABLE):
        return value
    return MEASURED if _is_number(value) else MALFORMED


def _number(value: Any) -> float | None:
    if _is_number(value):
        try:
            return float(value)
        except OverflowError:  # an integer that is too large
            return float("inf")
    return float("inf") if isinstance(value, str) and value == IDENTICAL else None


def _cell(value: object) -> object:
    if value is None or _is_number(value):
        return value
    return escape(value if isinstance(value, str) else repr(value))


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
