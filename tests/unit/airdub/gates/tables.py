"""Tables of metrics for gate tests: every metric of the registry, good by default."""

from __future__ import annotations

from typing import Any

from airdub.gates import GateProfile, Threshold
from airdub.metrics import TITLE, load_metrics

PRINT = "f" * 64
SEGMENTS = ("s0001", "s0002", "s0003")
GATED_LINES = "word_error_rate"
GATED_TITLE = "true_peak"
GATED_PICTURE = "psnr"
ADVISORY = "chrf"


def row(metric: str, value: Any = 0.0, scope: str = TITLE, **changes: Any) -> dict[str, Any]:
    """A sound row of a metric; with `absent=...` one without a value."""
    spec = load_metrics()[metric]
    lines = len(SEGMENTS) if spec.per_segment and scope == TITLE else 1
    made = {
        "metric": metric,
        "scope": scope,
        "value": None if changes.get("absent") else value,
        "unit": spec.unit,
        "direction": spec.direction.value,
        "n_scored": 0 if changes.get("absent") else lines,
        "n_skipped": 0,
        "coverage": 1.0,
        "method": "test",
        "version": "1",
        "fingerprint": PRINT,
        "absent": "",
    }
    return made | changes


def good_table() -> list[dict[str, Any]]:
    """A complete table that `profile()` passes: all gated metrics good, all others absent."""
    values = {GATED_LINES: 0.1, GATED_TITLE: -1.5, GATED_PICTURE: 40.0, ADVISORY: 60.0}
    rows = []
    for name, spec in load_metrics().items():
        if name not in values:
            rows.append(row(name, absent="not measured here"))
            continue
        rows.append(row(name, values[name]))
        if spec.per_segment:
            rows += [row(name, values[name], segment) for segment in SEGMENTS]
    return rows


def profile(**changes: Any) -> GateProfile:
    """Gates lines, the sound, the picture; chrF only as advice."""
    fields: dict[str, Any] = {
        "name": "test",
        "language": "en",
        "summary": "for tests",
        "attempts": 3,
        "thresholds": (
            Threshold(
                metric=GATED_LINES, most=0.3, worst_most=0.5, coverage=0.9,
                on_fail="repair", absent="review",
            ),
            Threshold(metric=GATED_TITLE, most=-1.0),
            Threshold(metric=GATED_PICTURE, least=35.0, on_fail="quarantine"),
            Threshold(metric=ADVISORY, least=50.0, blocking=False, absent="review"),
        ),
    }  # fmt: skip
    return GateProfile.model_validate(fields | changes)


def changed(metric: str, scope: str = TITLE, /, **changes: Any) -> list[dict[str, Any]]:
    """The good table with one row changed."""
    table = good_table()
    for at, one in enumerate(table):
        if (one["metric"], one["scope"]) == (metric, scope):
            table[at] = one | changes
            return table
    raise KeyError((metric, scope))
