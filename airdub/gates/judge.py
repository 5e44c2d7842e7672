"""The verdict: thresholds against a table of metrics. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from airdub.gates.table import Row, Table, read_table
from airdub.gates.thresholds import GateProfile, Threshold
from airdub.gates.verdict import Check, Code, Consequence, Outcome, Reason, Verdict
from airdub.metrics import NOT_APPLICABLE, TITLE, load_metrics


def judge(
    profile: GateProfile, rows: Iterable[Row], fingerprint: str, *, attempt: int = 1
) -> Verdict:
    """Judge one evaluation.

    The consequence is the gravest of quarantine, repair, review that a blocking reason asks for,
    in this order: what can be repaired is repaired before a person looks. The profile's last
    attempt is not repaired again: people decide.

    Args:
        rows: as `MetricTable.plain` gives them, or read back from anywhere.
        fingerprint: of the evaluation that must have measured them.
        attempt: of the dub, from 1.
    """
    table = read_table(rows, fingerprint)
    reasons = list(table.defects)
    checks = []
    for threshold in profile.thresholds:
        found = _reasons(threshold, table)
        reasons += found
        checks.append(_check(threshold, table, found))
    if not any(threshold.blocking for threshold in profile.thresholds):
        reasons.append(_no_gate())
    return Verdict(
        gates=profile.name,
        language=profile.language,
        fingerprint=fingerprint,
        attempt=attempt,
        consequence=_consequence(reasons, last=attempt >= profile.attempts),
        checks=tuple(checks),
        reasons=tuple(sorted(reasons, key=lambda reason: not reason.blocking)),
    )


def _consequence(reasons: Iterable[Reason], *, last: bool) -> Consequence:
    asked = {reason.consequence for reason in reasons if reason.blocking}
    if Consequence.QUARANTINE in asked:
        return Consequence.QUARANTINE
    if Consequence.REPAIR in asked and not last:
        return Consequence.REPAIR
    return Consequence.REVIEW if asked else Consequence.PUBLISH


def _reasons(threshold: Threshold, table: Table) -> list[Reason]:
    """Why a threshold isn't held: the title's reasons, then every line's."""
    values = table.values.get(threshold.metric, {})
    title = values.get(TITLE)
    if title is None:
        told = any((d.metric, d.scope) == (threshold.metric, TITLE) for d in table.defects)
        return [] if told else [_absence(threshold, table)]
    found = []
    if threshold.excess(title["value"]) > 0:
        found.append(_out_of_bounds(threshold, title, segment=False))
    if float(title["coverage"]) < threshold.coverage:
        found.append(_uncovered(threshold, title))
    if threshold.gates_segments:
        found += [
            _out_of_bounds(threshold, row, segment=True)
            for scope, row in values.items()
            if scope != TITLE and threshold.excess(row["value"], segment=True) > 0
        ]
    return found


def _absence(threshold: Threshold, table: Table) -> Reason:
    why = table.absent.get(threshold.metric, {}).get(TITLE)
    return Reason(
        code=Code.ABSENT if why else Code.MISSING,
        metric=threshold.metric,
        scope=TITLE,
        text=f"{threshold.metric} is absent: {why or 'the table has no sound row of it'}",
        consequence=threshold.when_absent if why else Consequence.QUARANTINE,
        blocking=threshold.blocking,
        bound=threshold.bound(),
    )


def _out_of_bounds(threshold: Threshold, row: Row, *, segment: bool) -> Reason:
    value, bound = _shown(row), threshold.bound(segment=segment)
    return Reason(
        code=Code.OUT_OF_BOUNDS,
        metric=threshold.metric,
        scope=row["scope"],
        text=f"{threshold.metric} of {row['scope']} is {value} {row['unit']}, wanted {bound}",
        consequence=Consequence(threshold.on_fail),
        blocking=threshold.blocking,
        value=value,
        bound=bound,
    )


def _uncovered(threshold: Threshold, row: Row) -> Reason:
    value, bound = f"{row['coverage']:.2f}", f">= {threshold.coverage:g}"
    return Reason(
        code=Code.COVERAGE,
        metric=threshold.metric,
        scope=TITLE,
        text=f"{threshold.metric} covers {value} of the title, wanted {bound}",
        consequence=threshold.when_absent,
        blocking=threshold.blocking,
        value=value,
        bound=bound,
    )


def _no_gate() -> Reason:
    return Reason(
        code=Code.NO_GATE,
        metric="",
        scope="",
        text="the profile has no blocking threshold",
        consequence=Consequence.QUARANTINE,
    )


def _check(threshold: Threshold, table: Table, reasons: list[Reason]) -> Check:
    values = table.values.get(threshold.metric, {})
    title = values.get(TITLE)
    check = Check(
        metric=threshold.metric,
        unit=load_metrics()[threshold.metric].unit,
        value="absent" if title is None else _shown(title),
        bound=threshold.bound(),
        outcome=_outcome(title, reasons),
        blocking=threshold.blocking,
    )
    lines = [row for scope, row in values.items() if scope != TITLE]
    if not (threshold.gates_segments and lines):
        return check
    worst = max(lines, key=lambda row: threshold.excess(row["value"], segment=True))
    return check.model_copy(
        update={
            "worst": _shown(worst),
            "worst_bound": threshold.bound(segment=True),
            "worst_segment": worst["scope"],
        }
    )


def _outcome(title: Row | None, reasons: list[Reason]) -> Outcome:
    if title is None:
        return Outcome.ABSENT
    if reasons:
        return Outcome.FAIL
    return Outcome.NOT_APPLICABLE if title["value"] == NOT_APPLICABLE else Outcome.PASS


def _shown(row: Row) -> str:
    value = row["value"]
    return value if isinstance(value, str) else f"{value:.4g}"
