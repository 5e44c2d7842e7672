"""A stage can't write a row that isn't a measurement."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import ValidationError

from airdub.gates.table import COLUMNS
from airdub.metrics import Direction, Metric, MetricTable, load_metrics
from tests.unit.airdub.gates.tables import PRINT, row


def test_every_metric_has_a_unit_a_direction_and_a_summary() -> None:
    for name, spec in load_metrics().items():
        assert spec.unit, name
        assert spec.direction in Direction
        assert spec.summary.endswith(tuple("abcdefghijklmnopqrstuvwxyz0123456789")), name


@pytest.mark.parametrize(
    "change",
    [
        {"metric": "vibes"},
        {"unit": "dB"},
        {"direction": "higher"},
        {"value": math.nan},
        {"value": math.inf},
        {"value": "identical"},
        {"value": None},
        {"absent": "because"},
        {"n_scored": 0},
        {"n_skipped": -1},
        {"coverage": 1.01},
    ],
)
def test_a_row_that_is_no_measurement_is_refused(change: dict[str, Any]) -> None:
    Metric.model_validate(row("true_peak", -1.5))
    with pytest.raises(ValidationError):
        Metric.model_validate(row("true_peak", -1.5) | change)


def test_a_table_gives_plain_rows_with_all_columns_of_a_gate() -> None:
    table = MetricTable(
        fingerprint=PRINT,
        language="en",
        deliverable="d" * 64,
        rows=(
            Metric.model_validate(row("true_peak", -1.5)),
            Metric.model_validate(row("bleu", absent="no reference")),
        ),
    )
    assert table.plain() == [row("true_peak", -1.5), row("bleu", absent="no reference")]
    assert set(table.plain()[0]) == set(COLUMNS)
    assert (table.value("true_peak"), table.value("bleu")) == (-1.5, None)
    assert MetricTable.model_validate_json(table.to_json()) == table
