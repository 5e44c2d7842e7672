"""Tables of metrics that a gate passes, whatever its thresholds are, but for what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airdub.gates import GateProfile, Threshold
from airdub.metrics import TITLE, Metric, MetricTable, load_metrics

LINES = ("s0001", "s0002")


def passing_table(
    gates: GateProfile,
    fingerprint: str,
    deliverable: str = "",
    changes: Mapping[str, Mapping[str, Any]] | None = None,
) -> MetricTable:
    """Every gated metric at its bound, every other one absent.

    Args:
        changes: values by metric and scope; None makes one absent.
    """
    values: dict[str, dict[str, Any]] = {
        threshold.metric: _held(threshold) for threshold in gates.thresholds
    }
    for metric, scopes in (changes or {}).items():
        values[metric] = {**values.get(metric, {}), **scopes}
    rows = [
        _row(name, scope, value, fingerprint)
        for name in load_metrics()
        for scope, value in values.get(name, {TITLE: None}).items()
        if scope == TITLE or values[name][TITLE] is not None
    ]
    return MetricTable(
        fingerprint=fingerprint, language=gates.language, deliverable=deliverable, rows=tuple(rows)
    )


def _held(threshold: Threshold) -> dict[str, float]:
    value = _edge(threshold.least, threshold.most)
    if not load_metrics()[threshold.metric].per_segment:
        return {TITLE: value}
    line = _edge(threshold.worst_least, threshold.worst_most, value)
    return {TITLE: value, **dict.fromkeys(LINES, line)}


def _edge(least: float | None, most: float | None, otherwise: float = 0.0) -> float:
    return next((bound for bound in (least, most) if bound is not None), otherwise)


def _row(metric: str, scope: str, value: Any, fingerprint: str) -> Metric:
    spec = load_metrics()[metric]
    count = len(LINES) if spec.per_segment and scope == TITLE else 1
    return Metric(
        metric=metric,
        scope=scope,
        value=value,
        unit=spec.unit,
        direction=spec.direction,
        n_scored=0 if value is None else count,
        coverage=0.0 if value is None else 1.0,
        method="fake",
        version="1",
        fingerprint=fingerprint,
        absent="not measured here" if value is None else "",
    )
