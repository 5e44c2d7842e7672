"""A verdict as people read it in a terminal: metric, value, threshold, verdict."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from airdub.gates import Check, Outcome, Verdict

_WORDS = {
    Outcome.PASS: ("pass", "green"),
    Outcome.FAIL: ("FAIL", "bold red"),
    Outcome.ABSENT: ("not measured", "yellow"),
    Outcome.NOT_APPLICABLE: ("does not apply", "dim"),
}


def gate_table(title: str, verdict: Verdict) -> Table:
    """All checks of the verdict, those that block first.

    Args:
        title: of the table.
    """
    table = Table(
        *("metric", "value", "threshold", "worst line", "its threshold", "verdict"),
        title=title,
        title_justify="left",
        title_style="bold",
    )
    for check in sorted(verdict.checks, key=lambda check: not check.blocking):
        worst = f"{check.worst_segment} {check.worst}".strip()
        table.add_row(
            check.metric.replace("_", " "),
            check.shown,
            check.bound,
            worst,
            check.worst_bound,
            _verdict(check),
        )
    return table


def _verdict(check: Check) -> Text:
    words, style = _WORDS[check.outcome]
    if check.blocking:
        return Text(words, style)
    return Text(f"{words} (advice)", "dim" if check.outcome is Outcome.PASS else "yellow")
