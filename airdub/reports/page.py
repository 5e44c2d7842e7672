"""A report as one page that needs nothing else: tables, and plots as SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from airdub import __version__
from airdub.gates.verdict import Outcome
from airdub.reports import plots
from airdub.reports.documents import Scope
from airdub.reports.gathering import LATEST_RUNS, Report
from airdub.reports.tables import figures, tables

_TEMPLATE = Path(__file__).with_name("page.html")
_MOST_TITLES = 100
_NOTHING = "No run of this scope was judged."
_NAMED = 5


@dataclass(frozen=True)
class _Section:
    """A part of the page: a plot, a table, or a sentence about why there is neither."""

    heading: str
    words: str
    svg: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    absent: str = _NOTHING


def page(report: Report) -> str:
    """The page's HTML; whatever the catalogue says is text in it, never markup."""
    import jinja2

    template = jinja2.Environment(autoescape=True).from_string(_TEMPLATE.read_text("utf-8"))
    return template.render(
        heading="Report on dubs",
        scope=told(report.scope),
        figures=figures(report),
        sections=[*_plots(report), *_tables(report)],
        version=__version__,
        latest=LATEST_RUNS,
    )


def told(scope: Scope) -> str:
    """Which runs it is about, in a line."""
    parts = [f"Judged from {scope.since[:10]} to {scope.until[:16]}Z"]
    if scope.titles != ("*",):
        more = len(scope.titles) - _NAMED
        names = ", ".join(scope.titles[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        parts.append(f"titles {names}")
    if scope.states:
        parts.append(f"requests that are {' or '.join(scope.states)}".replace("_", " "))
    if scope.series:
        parts.append(f"series {scope.series}")
    parts.append(f"into {scope.language}" if scope.language else "into all languages")
    return ", ".join(parts)


def _plots(report: Report) -> Iterator[_Section]:
    yield _Section(
        "Throughput",
        "Runs by the day of their verdict, and releases by the day of their publication.",
        svg=plots.throughput(report.days, report.released) if report.days else "",
    )
    computed = any(not one.cached and one.wall_s > 0 for one in report.stages)
    yield _Section(
        "Stage times",
        "Seconds of stages that were computed: median, quartiles and extremes.",
        svg=plots.stage_times(report.stages) if computed else "",
        absent="Nothing was computed.",
    )
    yield _Section(
        "Cache hits",
        "Whether a stage's result was found in the store or computed.",
        svg=plots.cache_hits(report.costs) if report.costs else "",
    )
    yield _Section(
        "Gate metrics",
        "How often each blocking threshold was met; those missed most come first.",
        svg=plots.gate_outcomes(report.outcomes) if report.outcomes else "",
    )
    missed = Counter(
        {one.metric: one.count for one in report.outcomes if one.outcome == Outcome.FAIL}
    )
    first = [metric for metric, _ in missed.most_common()]
    yield _Section(
        "Values of gate metrics",
        "Runs by a title's value, for the metrics that were missed most.",
        svg=plots.metric_values(report.metrics, first) if report.metrics else "",
        absent="No blocking metric had a number.",
    )
    yield from _seconds(report)


def _seconds(report: Report) -> Iterator[_Section]:
    for field, what in (("gpu_s", "GPU seconds"), ("wall_s", "Seconds")):
        used = any(getattr(one, field) > 0 for one in report.titles)
        yield _Section(
            f"{what} per title",
            "Dubs by what was computed for them, repairs included.",
            svg=plots.title_seconds(report.titles, field) if used else "",
            absent=f"No {what} were used.",
        )


def _tables(report: Report) -> Iterator[_Section]:
    for one in tables(report, _MOST_TITLES):
        yield _Section(
            one.heading, one.words, columns=one.columns, rows=one.rows, absent="There is nothing."
        )
