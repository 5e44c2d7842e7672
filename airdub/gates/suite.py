"""A gate profile as expectations on a data frame of metric rows. Pure.

`operators.validation` hands them to Great Expectations, which judges the rows a second time,
apart from `airdub.gates.judge`. Two traps shape them: an expectation on the values of a column
passes without any row, and it leaves out what is null or NaN. So rows are counted, and values
that must be there have an expectation of their own.

Texts are shown in pages that don't escape them: they hold no `<`, `>` or `&`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pydantic import JsonValue

from airdub.gates.frame import ABSENT, MEASURED, STATE
from airdub.gates.table import COLUMNS
from airdub.gates.thresholds import GateProfile, Threshold
from airdub.metrics import IDENTICAL, NOT_APPLICABLE, TITLE, load_metrics
from airdub.model import Document

_ALWAYS = tuple(column for column in COLUMNS if column != "value")


class Condition(Document):
    """Which rows an expectation is about."""

    column: str
    is_: Literal["equal", "different", "among"]
    value: str | tuple[str, ...]


class Expectation(Document):
    """One expectation.

    Attributes:
        type: name of a class in `great_expectations.expectations`.
        arguments: for that class, in JSON values.
        rows: all of these conditions hold for the rows that it is about.
        metric: which one it is about; "" for the whole table.
        blocking: False only tells.
        text: what it expects, for people.
    """

    type: str
    arguments: dict[str, JsonValue]
    rows: tuple[Condition, ...] = ()
    metric: str = ""
    blocking: bool = True
    text: str


def suite_of(gates: GateProfile, fingerprint: str) -> tuple[Expectation, ...]:
    """What every sound table meets, then what the profile asks of its values.

    Args:
        fingerprint: of the evaluation that must have measured the rows.
    """
    asked = [one for threshold in gates.thresholds for one in _of_threshold(threshold)]
    return (*_of_columns(), *_of_identity(fingerprint), *_of_values(), *asked)


def _of_columns() -> Iterator[Expectation]:
    count = len(load_metrics())
    yield Expectation(
        type="ExpectTableRowCountToBeBetween",
        arguments={"min_value": count},
        text=f"The table has at least one row for each of {count} metrics",
    )
    yield Expectation(
        type="ExpectTableColumnsToMatchSet",
        arguments={"column_set": [*COLUMNS, STATE], "exact_match": True},
        text="The table has its columns, and no others",
    )
    for column in (*_ALWAYS, STATE):
        yield Expectation(
            type="ExpectColumnValuesToNotBeNull",
            arguments={"column": column},
            text=f"No row lacks its {column}",
        )


def _of_identity(fingerprint: str) -> Iterator[Expectation]:
    """Known metrics in their own units, each once for the title, of this evaluation."""
    metrics = load_metrics()
    names: list[JsonValue] = [*metrics]
    yield _in_set("fingerprint", [fingerprint], "All rows were measured by this evaluation")
    yield _in_set("metric", names, "Every row is of a known metric")
    for column in ("unit", "direction"):
        pairs: list[JsonValue] = [
            [name, str(getattr(spec, column))] for name, spec in metrics.items()
        ]
        yield Expectation(
            type="ExpectColumnPairValuesToBeInSet",
            arguments={"column_A": "metric", "column_B": column, "value_pairs_set": pairs},
            text=f"Every metric has its own {column}",
        )
    yield Expectation(
        type="ExpectColumnDistinctValuesToContainSet",
        arguments={"column": "metric", "value_set": names},
        rows=(_equal("scope", TITLE),),
        text="Every metric has a row for the title",
    )
    yield Expectation(
        type="ExpectCompoundColumnsToBeUnique",
        arguments={"column_list": ["metric", "scope"]},
        text="Nothing stands in the table twice",
    )


def _of_values() -> Iterator[Expectation]:
    """Values are finite numbers, or words that their metric allows, made of something."""
    metrics = load_metrics()
    most = sys.float_info.max
    measured = (_equal(STATE, MEASURED),)
    yield _in_set(
        STATE,
        [MEASURED, IDENTICAL, NOT_APPLICABLE, ABSENT],
        "A value is a number, a word that stands for one, or absent",
    )
    for word in (IDENTICAL, NOT_APPLICABLE):
        allowing: list[JsonValue] = [name for name, spec in metrics.items() if word in spec.words]
        yield _in_set(
            "metric",
            allowing,
            f"Only some metrics can be {word.replace('_', ' ')}",
            (_equal(STATE, word),),
        )
    yield Expectation(
        type="ExpectColumnValuesToNotBeNull",
        arguments={"column": "value"},
        rows=measured,
        text="No measured value is NaN",
    )
    yield _between("value", -most, most, "Every measured value is finite", rows=measured)
    with_value = (Condition(column=STATE, is_="different", value=ABSENT),)
    yield _between("n_scored", 1, None, "Every value was made of something", rows=with_value)
    yield _between("n_scored", 0, None, "Counts of what was scored are counts")
    yield _between("n_skipped", 0, None, "Counts of what was left out are counts")
    yield _between("coverage", 0, 1, "Coverage is a share")


def _of_threshold(threshold: Threshold) -> Iterator[Expectation]:
    spec = load_metrics()[threshold.metric]
    metric, unit = spec.name, spec.unit
    name = metric if threshold.blocking else f"{metric} (advice)"
    about = {"metric": metric, "blocking": threshold.blocking}
    title = (_equal("metric", metric), _equal("scope", TITLE))
    lines = (_equal("metric", metric), Condition(column="scope", is_="different", value=TITLE))
    found = Condition(column=STATE, is_="among", value=(MEASURED, IDENTICAL, NOT_APPLICABLE))
    bounded = Condition(column=STATE, is_="among", value=(MEASURED, IDENTICAL))
    yield Expectation(
        type="ExpectTableRowCountToBeBetween",
        arguments={"min_value": 1, "max_value": 1},
        rows=(*title, found),
        text=f"{name}: there is a value for the title",
        **about,
    )
    bounds = _between(
        "value",
        threshold.least,
        threshold.most,
        f"{name}: {_bounds(threshold.least, threshold.most)} {unit}",
        rows=(*title, bounded),
        **about,
    )
    # of one row the greatest value is the value: pages show it, and without a row it isn't met
    alone = {} if spec.not_applicable else {"type": "ExpectColumnMaxToBeBetween"}
    yield bounds.model_copy(update=alone)
    if threshold.coverage:
        yield _between(
            "coverage",
            threshold.coverage,
            1,
            f"{name}: covers at least {threshold.coverage:g} of the title",
            rows=(*title, found),
            **about,
        )
    if threshold.gates_segments:
        yield _between(
            "value",
            threshold.worst_least,
            threshold.worst_most,
            f"{name}, every line: {_bounds(threshold.worst_least, threshold.worst_most)} {unit}",
            rows=(*lines, bounded),
            **about,
        )


def _bounds(least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f"from {least:g} to {most:g}"
    return f"at least {least:g}" if least is not None else f"at most {most:g}"


def _equal(column: str, value: str) -> Condition:
    return Condition(column=column, is_="equal", value=value)


def _in_set(
    column: str, values: Sequence[JsonValue], text: str, rows: tuple[Condition, ...] = ()
) -> Expectation:
    return Expectation(
        type="ExpectColumnValuesToBeInSet",
        arguments={"column": column, "value_set": [*values]},
        rows=rows,
        text=text,
    )


def _between(
    column: str,
    least: float | None,
    most: float | None,
    text: str,
    *,
    rows: tuple[Condition, ...] = (),
    **about: Any,
) -> Expectation:
    bounds: dict[str, JsonValue] = {"min_value": least, "max_value": most}
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    return Expectation(
        type="ExpectColumnValuesToBeBetween",
        arguments={"column": column, **given},
        rows=rows,
        text=text,
        **about,
    )
