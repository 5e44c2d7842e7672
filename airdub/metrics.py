"""What was measured on a finished dub: one row per metric and scope, or the reason for none.

`Metric` refuses what can't be a measurement, so a stage can't write one; `airdub.gates` reads
tables that may come from anywhere and trusts none of this.
"""

from __future__ import annotations

import math
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from airdub.model import Document

REGISTRY = Path(__file__).with_name("metrics.yaml")

TITLE = "title"
"""The scope of a row about the whole title; all other scopes are segment ids."""

IDENTICAL: Literal["identical"] = "identical"
"""The value of a comparison that found no difference: an infinite PSNR is no number."""

NOT_APPLICABLE: Literal["not_applicable"] = "not_applicable"
"""The value of a share of nothing: everything was looked at, and there is nothing to hold. It is a
finding, not an absence, and meets every bound; only metrics whose registry entry says so have it.
"""

Value = float | Literal["identical", "not_applicable"]
"""A number, or a word that a metric's registry entry allows."""


class Direction(StrEnum):
    """Which values are good."""

    HIGHER = "higher"
    LOWER = "lower"
    WITHIN = "within"


class MetricSpec(Document):
    """A metric as the registry states it.

    Attributes:
        per_segment: lines have rows of their own.
        identical: `IDENTICAL` is a value.
        not_applicable: `NOT_APPLICABLE` is a value.
    """

    name: str
    unit: str
    direction: Direction
    summary: str
    per_segment: bool = False
    identical: bool = False
    not_applicable: bool = False

    @property
    def words(self) -> frozenset[str]:
        """The words that are values of this metric."""
        allowed = {IDENTICAL: self.identical, NOT_APPLICABLE: self.not_applicable}
        return frozenset(word for word, is_allowed in allowed.items() if is_allowed)


@cache
def load_metrics() -> dict[str, MetricSpec]:
    """Every metric by name, in the registry's order."""
    import yaml

    registry = yaml.safe_load(REGISTRY.read_text())
    return {name: MetricSpec(name=name, **fields) for name, fields in registry.items()}


class Metric(Document):
    """One row.

    Attributes:
        metric: name in the registry.
        scope: `TITLE` or a segment's id.
        value: None when it is absent; then `absent` says why.
        n_scored, n_skipped: items behind the value and items left out: lines, for the title's row
            of a metric that has rows per line.
        coverage: share (0..1) of dialogue seconds behind the value; of frames for pictures.
        method, version: of the measurement; another version's values don't compare.
        fingerprint: of the evaluation that measured it.
    """

    metric: str
    scope: str = TITLE
    value: Value | None
    unit: str
    direction: Direction
    n_scored: int = Field(ge=0)
    n_skipped: int = Field(0, ge=0)
    coverage: float = Field(ge=0, le=1)
    method: str
    version: str
    fingerprint: str
    absent: str = ""

    @model_validator(mode="after")
    def _is_a_measurement(self) -> Metric:
        spec = load_metrics().get(self.metric)
        if spec is None:
            raise ValueError(f"{self.metric!r} is not in metrics.yaml")
        if (self.unit, self.direction) != (spec.unit, spec.direction):
            raise ValueError(f"{self.metric} is in {spec.unit}, {spec.direction} is better")
        if (self.value is None) != bool(self.absent):
            raise ValueError(f"{self.metric} needs a value or a reason for its absence")
        if isinstance(self.value, str) and self.value not in spec.words:
            raise ValueError(f"{self.metric} can't be {self.value}")
        if isinstance(self.value, float) and not math.isfinite(self.value):
            raise ValueError(f"{self.metric} is {self.value}")
        if self.value is not None and not self.n_scored:
            raise ValueError(f"{self.metric} has a value of nothing")
        return self


class MetricTable(Document):
    """All rows of one evaluation.

    Attributes:
        fingerprint: of the evaluation; each row repeats it.
        language: BCP-47 tag of the dub.
        deliverable: sha256 of the file that was measured.
    """

    fingerprint: str
    language: str
    deliverable: str
    rows: tuple[Metric, ...]

    def plain(self) -> list[dict[str, Any]]:
        """The rows as `airdub.gates.judge` and the catalogue read them: JSON values only."""
        return [row.model_dump(mode="json") for row in self.rows]

    def value(self, metric: str, scope: str = TITLE) -> float | str | None:
        """A metric's value; None when it is absent. Raises KeyError without such a row."""
        return {(row.metric, row.scope): row.value for row in self.rows}[metric, scope]
