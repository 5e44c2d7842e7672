"""Plots of a report, each an SVG that stands alone: no script, no font, no address."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from airdub.gates.verdict import DECISIONS, Consequence, Outcome
from airdub.reports.documents import (
    DayCount,
    MetricSample,
    OutcomeCount,
    StageCost,
    StageSample,
    TitleCost,
)
from airdub.stages import STAGES

_WIDTH = 800
_ROW = 18
_MOST_METRICS = 12
_BINS = 20
_GOOD, _FAIR, _BAD, _NONE, _PLAIN = "#2f855a", "#d69e2e", "#c53030", "#a0aec0", "#3182ce"
_DECISIONS = {
    DECISIONS[Consequence.PUBLISH]: _GOOD,
    DECISIONS[Consequence.REPAIR]: _FAIR,
    DECISIONS[Consequence.REVIEW]: _PLAIN,
    DECISIONS[Consequence.QUARANTINE]: _BAD,
}
_OUTCOMES = {
    Outcome.PASS: ("met", _GOOD),
    Outcome.NOT_APPLICABLE: ("does not apply", _NONE),
    Outcome.ABSENT: ("not measured", _FAIR),
    Outcome.FAIL: ("missed", _BAD),
}
_SECONDS = {"wall_s": "seconds of a title's dub", "gpu_s": "GPU seconds of a title's dub"}
_FOUND = {"computed": _PLAIN, "found in the store": _GOOD}


def throughput(days: Sequence[DayCount], released: Sequence[DayCount]) -> str:
    """Runs that were judged each day by decision, and a line of what was released."""
    import altair as alt

    x = alt.X("day:T", timeUnit="utcyearmonthdate", title=None, axis=alt.Axis(format="%d %b"))
    judged = _bars(
        [day.model_dump() for day in days],
        x=x,
        y=alt.Y("count:Q", title="runs judged; line: released"),
        colours=_DECISIONS,
    )
    line = (
        _chart([day.model_dump() for day in released])
        .mark_line(color="black", point=True)
        .encode(x=x, y="count:Q")
    )
    return _svg(alt.layer(judged, line).properties(width=_WIDTH, height=200))


def stage_times(samples: Sequence[StageSample]) -> str:
    """Seconds that each stage took where it was computed: median, quartiles, extremes."""
    import altair as alt

    computed = [one for one in samples if not one.cached and one.wall_s > 0]
    rows = [{"stage": one.stage, "seconds": one.wall_s} for one in computed]
    stages = _stages(one.stage for one in computed)
    chart = (
        _chart(rows)
        .mark_boxplot(extent="min-max", color=_PLAIN, size=10)
        .encode(
            x=alt.X("seconds:Q", title="seconds", scale=alt.Scale(type="log")),
            y=alt.Y("stage:N", title=None, sort=stages),
        )
    )
    return _svg(chart.properties(width=_WIDTH, height=_ROW * max(len(stages), 1)))


def cache_hits(costs: Iterable[StageCost]) -> str:
    """For each stage, which share of its uses was found and which was computed."""
    import altair as alt

    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in costs:
        found[one.stage]["found in the store"] += one.cached
        found[one.stage]["computed"] += one.uses - one.cached
    rows = [
        {"row": stage, "what": what, "count": count}
        for stage, counts in found.items()
        for what, count in counts.items()
    ]
    return _shares(rows, _stages(found), _FOUND, alt.Axis(format="%", title="share of uses"))


def gate_outcomes(outcomes: Iterable[OutcomeCount]) -> str:
    """For each blocking threshold, how often it was met; those missed most come first."""
    import altair as alt

    rows, missed = [], Counter[str]()
    for one in outcomes:
        what, _ = _OUTCOMES[Outcome(one.outcome)]
        metric = _words(one.metric)
        rows.append({"row": metric, "what": what, "count": one.count})
        missed[metric] += one.count * (one.outcome == Outcome.FAIL)
    order = [metric for metric, _ in missed.most_common()]
    colours = dict(_OUTCOMES.values())
    return _shares(rows, order, colours, alt.Axis(format="%", title="share of judged runs"))


def metric_values(samples: Iterable[MetricSample], first: Sequence[str]) -> str:
    """How the values of metrics are spread, each on its own scale.

    Args:
        first: metrics that come first; of all others as many as there is room for.
    """
    import altair as alt

    values: dict[str, list[MetricSample]] = defaultdict(list)
    for one in samples:
        values[one.metric].append(one)
    ranked = sorted(values, key=lambda name: (first.index(name) if name in first else 99, name))
    charts = [_histogram(values[name]) for name in ranked[:_MOST_METRICS]]
    rows = [alt.hconcat(*charts[start : start + 3]) for start in range(0, len(charts), 3)]
    return _svg(alt.vconcat(*rows))


def title_seconds(titles: Iterable[TitleCost], field: str) -> str:
    """How many titles and languages took how many seconds.

    Args:
        field: `wall_s` or `gpu_s`.
    """
    import altair as alt

    rows = [{"seconds": value} for one in titles if (value := getattr(one, field)) > 0]
    chart = (
        _chart(rows)
        .mark_bar(color=_PLAIN)
        .encode(
            x=alt.X("seconds:Q", bin=alt.Bin(maxbins=_BINS), title=_SECONDS[field]),
            y=alt.Y("count():Q", title="dubs"),
        )
    )
    return _svg(chart.properties(width=_WIDTH, height=160))


def _histogram(samples: list[MetricSample]) -> Any:
    import altair as alt

    unit = "" if samples[0].unit == "ratio" else f" ({samples[0].unit})"
    return (
        _chart([{"value": one.value} for one in samples])
        .mark_bar(color=_PLAIN)
        .encode(
            x=alt.X("value:Q", bin=alt.Bin(maxbins=_BINS), title=None),
            y=alt.Y("count():Q", title=None),
        )
        .properties(
            title=alt.Title(f"{_words(samples[0].metric)}{unit}", fontSize=10, anchor="start"),
            width=_WIDTH // 3 - 50,
            height=80,
        )
    )


def _shares(
    rows: list[dict[str, Any]], order: list[str], colours: Mapping[str, str], axis: Any
) -> str:
    """Bars from 0 to 100 %, one for each row."""
    import altair as alt

    chart = _bars(
        rows,
        x=alt.X("count:Q", stack="normalize", axis=axis),
        y=alt.Y("row:N", title=None, sort=order),
        colours=colours,
    )
    return _svg(chart.properties(width=_WIDTH, height=_ROW * max(len(order), 1)))


def _bars(rows: list[dict[str, Any]], *, x: Any, y: Any, colours: Mapping[str, str]) -> Any:
    """Stacked bars; what they are stacked of is named and coloured as `colours` says."""
    import altair as alt

    names = [name for name in colours if any(row["what"] == name for row in rows)]
    rank = {name: number for number, name in enumerate(names)}
    scale = alt.Scale(domain=names, range=[colours[name] for name in names])
    return (
        _chart([{**row, "rank": rank[row["what"]]} for row in rows])
        .mark_bar()
        .encode(
            x=x,
            y=y,
            color=alt.Color("what:N", scale=scale, legend=alt.Legend(title=None, orient="top")),
            order=alt.Order("rank:Q"),
        )
    )


def _chart(rows: list[dict[str, Any]]) -> Any:
    import altair as alt

    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]


def _svg(chart: Any) -> str:
    """The chart drawn; nothing is loaded from anywhere."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[])
    return svg


def _stages(names: Iterable[str]) -> list[str]:
    """Names of stages, in the pipeline's order."""
    known = list(STAGES)
    return sorted(set(names), key=lambda name: known.index(name) if name in known else len(known))


def _words(metric: str) -> str:
    return metric.replace("_", " ")
