"""The quality report: what was found in a dub, where by time code, and what became of it. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from enum import StrEnum

from airdub.gates.verdict import Code, Reason
from airdub.metrics import TITLE
from airdub.model import Document
from airdub.releases.dossier import Dossier
from airdub.releases.timecodes import Timecodes
from airdub.repair import LineRepair

WARNING = "warning"
"""The code of what a stage had to say."""

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


class Severity(StrEnum):
    """How bad a finding is: `blocking` keeps a dub from being published without more."""

    BLOCKING = "blocking"
    ADVISORY = "advisory"
    NOTE = "note"


class Finding(Document):
    """A row of the report.

    Attributes:
        timecode_in, timecode_out: the first frame, and the first one after it.
        segment: a line's id; "" for the whole title.
        code: as in `airdub.gates.Code`, or `WARNING`.
        resolution: what became of it.
    """

    timecode_in: str
    timecode_out: str
    segment: str
    code: str
    metric: str
    severity: Severity
    value: str
    bound: str
    text: str
    resolution: str


class QualityReport(Document):
    """The report.

    Attributes:
        frame_rate: frames a second, as `"30000/1001"`.
        drop_frame: whether time codes skip labels to keep up with the clock.
        timecode_remark: what is to be known of the time codes; "" nothing.
    """

    title_id: str
    language: str
    run_id: str
    attempt: int
    decision: str
    frame_rate: str
    drop_frame: bool
    timecode_start: str
    timecode_remark: str
    findings: tuple[Finding, ...]

    def to_csv(self) -> bytes:
        """The findings as a table (RFC 4180), safe to open in a spreadsheet."""
        lines = io.StringIO()
        table = csv.writer(lines)
        table.writerow(Finding.model_fields)
        for finding in self.findings:
            table.writerow(_plain(value) for value in finding.model_dump(mode="json").values())
        return lines.getvalue().encode()


def quality_report(dossier: Dossier) -> QualityReport:
    """The report on a run: blocking findings first, then in the order of time."""
    return _Report(dossier).whole()


class _Report:
    def __init__(self, dossier: Dossier) -> None:
        self._dossier = dossier
        self._times = Timecodes.of(dossier.facts)
        plan = dossier.placements
        self._spans = {one.segment_id: (one.start, one.end) for one in plan.placements}
        self._spans |= {one.segment_id: (one.start, one.end) for one in plan.kept}

    def whole(self) -> QualityReport:
        run, verdict = self._dossier.judgement.run, self._dossier.judgement.verdict
        order = {severity: rank for rank, severity in enumerate(Severity)}
        findings = [*self._reasons(), *self._repaired(), *self._not_measured(), *self._warnings()]
        findings.sort(key=lambda one: (order[one.severity], self._span(one.segment)))
        return QualityReport(
            title_id=run.title_id,
            language=run.language,
            run_id=run.run_id,
            attempt=run.attempt,
            decision=verdict.decision,
            frame_rate=str(self._times.rate),
            drop_frame=self._times.drop,
            timecode_start=self._times.first(0),
            timecode_remark=self._times.remark,
            findings=tuple(findings),
        )

    def _reasons(self) -> Iterator[Finding]:
        """What the gate says of the dub that is published."""
        waived = [f"waived by {one.who}: {one.why}" for one in self._dossier.waivers]
        for reason in self._dossier.judgement.verdict.reasons:
            resolution = "; ".join(waived) if reason.blocking else "accepted: it only advises"
            severity = Severity.BLOCKING if reason.blocking else Severity.ADVISORY
            yield self._finding(reason, severity, resolution)

    def _repaired(self) -> Iterator[Finding]:
        """What the gate said of earlier attempts and doesn't say any more."""
        judgement, plan = self._dossier.judgement, self._dossier.plan
        known = {(one.metric, one.scope) for one in judgement.verdict.reasons}
        for attempt in reversed(self._dossier.earlier):
            for reason in attempt.verdict.reasons:
                about = (reason.metric, reason.scope)
                if reason.blocking and reason.metric and about not in known:
                    known.add(about)
                    how = told(plan.line(reason.scope)) if plan else ""
                    words = f"repaired in attempt {judgement.run.attempt}"
                    yield self._finding(reason, Severity.NOTE, f"{words}: {how}" if how else words)

    def _not_measured(self) -> Iterator[Finding]:
        said = {one.metric for one in self._dossier.judgement.verdict.reasons}
        for row in self._dossier.judgement.table:
            if row.scope == TITLE and row.absent and row.metric not in said:
                yield self._at(
                    "",
                    code=Code.ABSENT,
                    metric=row.metric,
                    severity=Severity.NOTE,
                    text=f"{row.metric} is not measured: {row.absent}",
                    resolution="accepted: the gate doesn't ask for it",
                )

    def _warnings(self) -> Iterator[Finding]:
        stages = {
            **{name: record.warnings for name, record in self._dossier.draft.stages.items()},
            "evaluate": self._dossier.evaluation.warnings,
        }
        for stage, warnings in stages.items():
            for warning in warnings:
                yield self._at(
                    "",
                    code=WARNING,
                    metric="",
                    severity=Severity.NOTE,
                    text=f"{stage}: {warning}",
                    resolution="accepted: the gate measured what came of it",
                )

    def _finding(self, reason: Reason, severity: Severity, resolution: str) -> Finding:
        return self._at(
            "" if reason.scope == TITLE else reason.scope,
            code=reason.code,
            metric=reason.metric,
            severity=severity,
            value=reason.value,
            bound=reason.bound,
            text=reason.text,
            resolution=resolution,
        )

    def _at(self, segment: str, *, value: str = "", bound: str = "", **fields: str) -> Finding:
        first, after = self._span(segment)
        return Finding.model_validate(
            {
                "timecode_in": self._times.first(first),
                "timecode_out": self._times.after(after),
                "segment": segment,
                "value": value,
                "bound": bound,
                **fields,
            }
        )

    def _span(self, segment: str) -> tuple[int, int]:
        """Ticks of a line where it lies now; of the whole title for what has no place."""
        return self._spans.get(segment, (0, self._dossier.placements.duration))


def told(line: LineRepair) -> str:
    """What a repair changed about a line: `engine espeak_ng, take 1`."""
    words = {
        f"engine {line.engine}": line.engine,
        f"take {line.take}": line.take,
        f"rate {line.rate_percent} %": line.rate_percent,
        f"text by {line.text_engine}": line.text_engine,
        f"{line.syllable_factor} of the syllables": line.syllable_factor,
        "not stretched": line.no_stretch,
    }
    return ", ".join(text for text, given in words.items() if given)


def _plain(value: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers."""
    try:
        float(value)
    except ValueError:
        return f"'{value}" if value.startswith(_FORMULAS) else value
    return value
