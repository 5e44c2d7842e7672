"""Reading a table of metrics that may come from anywhere: a row is sound, or it is a reason.

Tables pass through JSON, SQL and data frames on their way, so nothing that `airdub.metrics.Metric`
would refuse is taken for granted here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

from airdub.gates.verdict import Code, Consequence, Reason
from airdub.metrics import NOT_APPLICABLE, TITLE, Metric, MetricSpec, load_metrics

Row = Mapping[str, Any]
Defect = tuple[Code, str]

COLUMNS = tuple(Metric.model_fields)


@dataclass
class Table:
    """The sound rows of a table by metric and scope, and what is wrong with all others.

    Attributes:
        absent: reasons of rows without a value.
    """

    values: dict[str, dict[str, Row]] = field(default_factory=dict)
    absent: dict[str, dict[str, str]] = field(default_factory=dict)
    defects: list[Reason] = field(default_factory=list)


def read_table(rows: Iterable[Row], fingerprint: str) -> Table:
    """Sort the rows; every metric of the registry must have exactly one row for the title.

    A metric of lines must have a row for every line that any metric names, and its title's row
    must count them: a bad line can't be left out.

    Args:
        fingerprint: of the evaluation that is judged; rows of another one are defects.
    """
    table = Table()
    seen: set[tuple[str, str]] = set()
    for row in rows:
        metric, scope = (_text(row, column) for column in ("metric", "scope"))
        defect = row_defect(row, fingerprint)
        if defect is None and (metric, scope) in seen:
            defect = (Code.DUPLICATE, "stands in the table more than once")
        seen.add((metric, scope))
        if defect:
            table.defects.append(_defect(metric, scope, *defect, row))
        elif row["value"] is None:
            table.absent.setdefault(metric, {})[scope] = str(row["absent"])
        else:
            table.values.setdefault(metric, {})[scope] = row
    lines = {scope for _, scope in seen} - {TITLE}
    for metric, spec in load_metrics().items():
        table.defects += _incomplete(table, spec, lines, has_title=(metric, TITLE) in seen)
    return table


def row_defect(row: Row, fingerprint: str) -> Defect | None:
    """What is wrong with a row by itself; None: it is sound, with a value or honestly without."""
    return next(_row_defects(row, fingerprint), None)


def _row_defects(row: Row, fingerprint: str) -> Iterator[Defect]:
    """Checks in an order in which each may rely on those before it: read the first alone."""
    if missing := [column for column in COLUMNS if column not in row]:
        yield Code.MALFORMED, f"lacks the column {', '.join(missing)}"
    for column in ("metric", "scope", "unit", "direction", "method", "version", "absent"):
        if not isinstance(row[column], str):
            yield Code.MALFORMED, f"{column} is {row[column]!r}, no text"
    if row["metric"] not in load_metrics():
        yield Code.UNKNOWN_METRIC, "is no known metric"
    if row["fingerprint"] != fingerprint or not fingerprint:
        yield Code.OTHER_FINGERPRINT, "was measured by another evaluation"
    spec = load_metrics()[row["metric"]]
    if (row["unit"], row["direction"]) != (spec.unit, spec.direction):
        yield Code.MALFORMED, f"is in {row['unit']}, {row['direction']}: not this metric's"
    if row["scope"] != TITLE and not spec.per_segment:
        yield Code.MALFORMED, "has no values of single lines"
    for column in ("n_scored", "n_skipped"):
        if not _is_count(row[column]):
            yield Code.MALFORMED, f"{column} is {row[column]!r}, no count"
    if not _is_finite(row["coverage"]) or not 0 <= row["coverage"] <= 1:
        yield Code.MALFORMED, f"coverage is {row['coverage']!r}, not 0..1"
    if (row["value"] is None) != bool(row["absent"]):
        yield Code.MALFORMED, "needs either a value or a reason for its absence"
    if row["value"] is not None:
        yield from _value_defects(row["value"], row["n_scored"], spec)


def _value_defects(value: object, n_scored: int, spec: MetricSpec) -> Iterator[Defect]:
    if isinstance(value, str) and value in spec.words:
        pass
    elif not _is_number(value):
        yield Code.MALFORMED, f"is {value!r}, no number"
    elif not _is_finite(value):
        yield Code.NOT_A_NUMBER, f"is {value}"
    if not n_scored:
        yield Code.NO_SAMPLES, "has a value of nothing: n_scored is 0"


def _incomplete(
    table: Table, spec: MetricSpec, lines: set[str], *, has_title: bool
) -> list[Reason]:
    """A metric without its row for the title, or with other lines than the table or it counts."""
    if not has_title:
        text = "has no row: whatever wasn't measured must say why"
        return [_defect(spec.name, TITLE, Code.MISSING, text, {})]
    values = table.values.get(spec.name, {})
    if TITLE not in values or not spec.per_segment:
        return []
    title, absent = values[TITLE], table.absent.get(spec.name, {})
    applies = {row["value"] for row in values.values()} != {NOT_APPLICABLE}
    if title["value"] == NOT_APPLICABLE and applies:
        return [_defect(spec.name, TITLE, Code.SEGMENTS, "applies to lines of the title", title)]
    counted = (int(title["n_scored"]), int(title["n_skipped"]))
    found = (len(values) - 1, len(absent))
    if counted == found and {*values, *absent} == {*lines, TITLE}:
        return []
    text = (
        f"counts {counted[0]} lines and {counted[1]} without a value, has {found[0]} and "
        f"{found[1]}; the table names {len(lines)}"
    )
    return [_defect(spec.name, TITLE, Code.SEGMENTS, text, title)]


def _defect(metric: str, scope: str, code: Code, text: str, row: Row) -> Reason:
    return Reason(
        code=code,
        metric=metric,
        scope=scope,
        text=f"{metric or 'a row'} ({scope or 'no scope'}) {text}",
        consequence=Consequence.QUARANTINE,
        value=repr(row["value"]) if "value" in row else "",
    )


def _text(row: Row, column: str) -> str:
    value = row.get(column)
    return value if isinstance(value, str) else ""


def _is_count(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 0


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_finite(value: object) -> bool:
    """Whether it is a number that a bound can be held against: some integers are too large."""
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False
