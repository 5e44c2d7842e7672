"""What a reviewer reads: a subject, and a page in markdown with links that play the worst lines.

Pure. Reasons quote what was said in a video, so whatever isn't ours is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from airdub.gates import Check, Outcome, Verdict
from airdub.judgements import Judgement
from airdub.metrics import TITLE

WAIVER = "Publish with waiver"
REDO = "Redo with notes"
REJECT = "Reject"

_MOST_REASONS = 12
_MOST_LINES = 8
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$-])")
_SHOWN = {
    Outcome.PASS: "pass",
    Outcome.FAIL: "**fail**",
    Outcome.ABSENT: "**not measured**",
    Outcome.NOT_APPLICABLE: "does not apply",
}


def subject(judgement: Judgement, asked: str = "") -> str:
    """One line: which dub, and how bad.

    Args:
        asked: why people are asked whatever the gate said; "" only the gate asks.
    """
    run, blocking = judgement.run, _blocking(judgement.verdict) + bool(asked)
    count = f"{blocking} reason{'' if blocking == 1 else 's'}"
    languages = f"{run.source_language} > {run.language}"
    return f"{run.title_id} ({languages}), attempt {run.attempt}: {count} against it"


def body(judgement: Judgement, base: str, asked: str = "") -> str:
    """The page.

    Args:
        judgement: on the run that people look at.
        base: path of Airflow's own pages, with a final slash.
        asked: see `subject`.
    """
    verdict, run_id = judgement.verdict, judgement.run.run_id
    lines = [f"[Watch the dub]({link(base, run_id)})", "", "**Why**", ""]
    lines += [f"- {escape(asked)}"] if asked else []
    lines += _reasons(verdict)
    if worst := worst_lines(verdict):
        lines += ["", "**Listen to the worst lines, in the source and in the dub**", ""]
        for segment, metrics in worst:
            name, why = escape(segment), escape(", ".join(metrics).replace("_", " "))
            lines.append(f"- [{name}]({link(base, run_id, segment)}): {why}")
    lines += ["", "**Gate**", "", *_table(verdict.checks), ""]
    lines += [
        "A waiver and a rejection say why: without that, the question is asked again. Lines that "
        "the notes of a redo name (s0004) are spoken anew, by their next take."
    ]
    return "\n".join(lines)


def link(base: str, run_id: str, segment: str = "") -> str:
    """The console's page of a run inside Airflow's own; with a line, it is played."""
    asked = {"run_id": run_id} | ({"segment": segment} if segment else {})
    return f"{base}plugin/dub-reviews/airdub/?{urlencode(asked)}"


def worst_lines(verdict: Verdict) -> list[tuple[str, tuple[str, ...]]]:
    """The lines to listen to, with what they fail: those with most failures first."""
    found: dict[str, list[str]] = {}
    for reason in verdict.reasons:
        if reason.blocking and reason.scope not in ("", TITLE):
            found.setdefault(reason.scope, []).append(reason.metric)
    for check in verdict.checks:  # a title that fails by its sum still has a worst line
        if check.worst_segment and check.blocking and check.outcome is Outcome.FAIL:
            found.setdefault(check.worst_segment, [check.metric])
    ranked = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))
    return [(segment, tuple(dict.fromkeys(metrics))) for segment, metrics in ranked[:_MOST_LINES]]


def escape(text: str) -> str:
    """Text that markdown shows as it is, in one line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _reasons(verdict: Verdict) -> Iterator[str]:
    listed = verdict.reasons[:_MOST_REASONS]
    for reason in listed:
        yield f"- {escape(reason.text)}{'' if reason.blocking else ' (advisory)'}"
    if left := len(verdict.reasons) - len(listed):
        yield f"- and {left} more"


def _table(checks: Iterable[Check]) -> Iterator[str]:
    yield "| metric | value | threshold | verdict | worst line |"
    yield "|---|---|---|---|---|"
    for check in checks:
        advisory = "" if check.blocking else " (advisory)"
        worst = f"{check.worst_segment} {check.worst}".strip()
        value = "" if check.outcome is Outcome.ABSENT else f"{check.value} {check.unit}"
        cells = (check.metric.replace("_", " "), value, check.bound)
        shown = " | ".join(escape(cell) for cell in cells)
        yield f"| {shown} | {_SHOWN[check.outcome]}{advisory} | {escape(worst)} |"


def _blocking(verdict: Verdict) -> int:
    return sum(reason.blocking for reason in verdict.reasons)
