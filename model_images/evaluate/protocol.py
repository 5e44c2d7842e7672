"""What a metric is to the stage: a function of the evidence that measures, or says why not.

A metric is one module `metrics/<name in metrics.yaml>.py` with

* `METHOD`: how it is measured, named as the field names it (`pocketsphinx + jiwer WER`);
* `VERSION`: raised whenever its values may change;
* `measure(evidence: Evidence) -> Measured`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from airdub.metrics import Value as Number

if TYPE_CHECKING:
    from model_images.evaluate.evidence import Evidence


@dataclass(frozen=True)
class Value:
    """A measured value.

    Attributes:
        number: in the metric's unit, finite; `identical`, or `not_applicable` (all was looked at,
            there is nothing to measure), where the registry allows it.
        n_scored: items behind it, at least 1: frames or windows. The title's value of a metric
            that has values of lines counts lines: the stage does that itself.
        coverage: share (0..1) of dialogue seconds behind it; of frames for pictures. The stage
            works it out itself for a metric that has values of lines.
    """

    number: Number
    n_scored: int = 1
    coverage: float = 1.0


@dataclass(frozen=True)
class Absent:
    """There is no value, and why: in words that a person understands."""

    reason: str


@dataclass(frozen=True)
class Measured:
    """A metric's answer.

    Attributes:
        title: the title's value.
        lines: by segment id, for metrics that have values of lines; a line that is left out here
            is absent because it couldn't be measured.
    """

    title: Value | Absent
    lines: Mapping[str, Value | Absent] = field(default_factory=dict)


class MetricModule(Protocol):
    """A module of `metrics/`."""

    METHOD: str
    VERSION: str

    def measure(self, evidence: Evidence) -> Measured:
        """Measure a finished dub."""
        ...
