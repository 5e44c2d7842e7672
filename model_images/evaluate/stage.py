"""evaluate: measures the encoded deliverable and its stems; one metric, one file of `metrics/`.

Every metric of `airdub/metrics.yaml` has a row for the title, with a value or with the reason for
none. A metric that breaks breaks the stage: a missing measurement is never taken for a good one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from airdub.errors import AirdubError, EngineFailed
from airdub.metrics import TITLE, Metric, MetricSpec, MetricTable, load_metrics
from airdub.model import Document
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured, MetricModule, Value

if TYPE_CHECKING:
    from model_images.runner.context import StageContext

_NOT_MEASURED = Absent("the line could not be measured")


class Parameters(Document):
    """Parameters of the stage: BCP-47 tags."""

    source_language: str
    target_language: str


def run(context: StageContext) -> None:
    """Measure everything; writes `metrics`."""
    parameters = Parameters.model_validate(context.parameters)
    evidence = Evidence(
        context,
        source_language=parameters.source_language,
        target_language=parameters.target_language,
    )
    rows: list[Metric] = []
    specs = load_metrics()
    for number, spec in enumerate(specs.values(), 1):
        context.log.info("measuring %s", spec.name)
        rows += measure_rows(spec, evidence, context.request.fingerprint)
        context.progress(number, len(specs), "metrics")
    absent = [row for row in rows if row.scope == TITLE and row.value is None]
    context.count(n_scored=len(specs) - len(absent), n_skipped=len(absent))
    table = MetricTable(
        fingerprint=context.request.fingerprint,
        language=evidence.target_language,
        deliverable=evidence.sha256("deliverable"),
        rows=tuple(rows),
    )
    context.write_document("metrics", table)


def load_metric(name: str) -> MetricModule:
    """The metric's module."""
    module: MetricModule = import_module(f"model_images.evaluate.metrics.{name}")  # type: ignore[assignment]
    return module


def measure_rows(spec: MetricSpec, evidence: Evidence, fingerprint: str) -> list[Metric]:
    """A metric's rows.

    Raises:
        EngineFailed: it broke, or gave something that is no measurement.
    """
    module = load_metric(spec.name)
    try:
        measured = module.measure(evidence)
        return list(_rows(spec, module, measured, evidence, fingerprint))
    except AirdubError:
        raise
    except Exception as error:
        raise EngineFailed(
            f"the metric can't be measured: {type(error).__name__}: {error}", where=spec.name
        ) from error


def _rows(
    spec: MetricSpec, module: MetricModule, measured: Measured, evidence: Evidence, fingerprint: str
) -> Iterator[Metric]:
    """The title's row, then one for each line, if the metric has them and any has a value."""

    def row(scope: str, value: Value | Absent, n_skipped: int = 0) -> Metric:
        is_absent = isinstance(value, Absent)
        return Metric(
            metric=spec.name,
            scope=scope,
            value=None if is_absent else _rounded(value.number),
            unit=spec.unit,
            direction=spec.direction,
            n_scored=0 if is_absent else value.n_scored,
            n_skipped=n_skipped,
            coverage=0.0 if is_absent else round(value.coverage, 6),
            method=module.METHOD,
            version=module.VERSION,
            fingerprint=fingerprint,
            absent=value.reason if is_absent else "",
        )

    if not spec.per_segment or isinstance(measured.title, Absent):
        yield row(TITLE, measured.title)
        return
    ids = [line.id for line in evidence.lines]
    if unknown := set(measured.lines) - set(ids):
        raise ValueError(f"{min(unknown)} is no line of the dub")
    lines = {id_: measured.lines.get(id_, _NOT_MEASURED) for id_ in ids}
    scored = [id_ for id_, value in lines.items() if isinstance(value, Value)]
    title = Value(measured.title.number, len(scored), evidence.coverage(scored))
    yield row(TITLE, title, len(lines) - len(scored))
    for id_, value in lines.items():
        yield row(id_, value)


def _rounded(number: float | str) -> float | str:
    """Six significant digits: what a last bit of arithmetic changes isn't a measurement."""
    if isinstance(number, str) or number == 0 or not math.isfinite(number):
        return number
    return float(f"{number:.6g}")
