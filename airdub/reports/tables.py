"""Tables of a report: the same rows for the terminal and for the page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from airdub.reports.gathering import Report, Sum, sums

_SUMMED = ("uses", "found", "hours", "GPU hours", "hours saved")


@dataclass(frozen=True)
class ReportTable:
    """A table.

    Attributes:
        columns: the first one names the row, all others are numbers.
    """

    heading: str
    words: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(report: Report, most_titles: int) -> list[ReportTable]:
    """What it cost by engine, language and title, and why dubs failed."""
    engines = sums(report.costs, lambda one: f"{one.stage}: {one.engine}")
    languages = sums(report.costs, lambda one: one.language)
    return [
        ReportTable(
            "Cost by engine",
            "What was computed, and what finding the rest in the store saved.",
            ("engine", *_SUMMED),
            tuple(_sum_row(one) for one in engines),
        ),
        ReportTable(
            "Cost by language",
            "All stages of all runs into a language.",
            ("language", *_SUMMED),
            tuple(_sum_row(one) for one in languages),
        ),
        _titles(report, most_titles),
        ReportTable(
            "Failures",
            "All requests that failed, were refused or quarantined, whenever that was.",
            ("why", "state", "dubs"),
            tuple((one.reason or "-", one.state, str(one.count)) for one in report.failures),
        ),
    ]


def figures(report: Report) -> list[tuple[str, str]]:
    """The numbers that say most."""
    uses = sum(one.uses for one in report.costs)
    cached = sum(one.cached for one in report.costs)
    wall_s = sum(one.wall_s for one in report.costs)
    gpu_s = sum(one.gpu_s for one in report.costs)
    decisions = Counter[str]()
    for day in report.days:
        decisions[day.what] += day.count
    released = sum(day.count for day in report.released)
    return [
        ("runs judged", f"{report.runs:,}"),
        ("released", f"{released:,}"),
        *((name.lower(), f"{count:,}") for name, count in sorted(decisions.items())),
        ("hours computed", _hours(wall_s)),
        ("GPU hours", _hours(gpu_s)),
        ("found in the store", f"{cached / uses:.0%}" if uses else "-"),
    ]


def _titles(report: Report, most: int) -> ReportTable:
    more = len(report.titles) > most
    return ReportTable(
        "Cost by title",
        f"The {most} dearest." if more else "All titles.",
        ("title and language", "runs", "seconds", "GPU seconds"),
        tuple(
            (
                f"{one.title_id} > {one.language}",
                str(one.runs),
                f"{one.wall_s:,.1f}",
                f"{one.gpu_s:,.1f}",
            )
            for one in report.titles[:most]
        ),
    )


def _sum_row(one: Sum) -> tuple[str, ...]:
    return (
        one.name,
        f"{one.uses:,}",
        f"{one.cached_share:.0%}",
        _hours(one.wall_s),
        _hours(one.gpu_s),
        _hours(one.saved_s),
    )


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:,.2f}"
