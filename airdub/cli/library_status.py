"""`airdub status`: how Airflow is, and how the library's dubs get on."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from airdub.catalog import Catalog, open_catalog
from airdub.catalog.session import now
from airdub.cli.console import make_console
from airdub.cli.selection import Ids, Language, Names, Reason, Series, States, requests_of, select
from airdub.cli.service import show_airflow
from airdub.local.service import pools
from airdub.queue.documents import NEVER, OPEN, FailureCount, Request, RequestState, StateCount
from airdub.reports.documents import Scope
from airdub.reports.remaining import Remaining, remaining, told
from airdub.settings import Settings, load_settings

_LATEST_RUNS = 300
_RECENT = timedelta(days=30)
_MOST_LANGUAGES = 30
_MOST_REASONS = 15


def status(
    names: Names = None,
    *,
    ids: Ids = None,
    series: Series = "",
    language: Language = "",
    state: States = None,
    reason: Reason = "",
    most: Annotated[int, typer.Option(min=1, help="How many to list.")] = 50,
) -> None:
    """Say how Airflow is and how all dubs get on; or list those that are named."""
    console, settings = make_console(), load_settings()
    selection = select(names, ids, series=series, language=language, states=state, reason=reason)
    if selection.is_empty:
        show_airflow(console, settings)
        with open_catalog(settings.catalog_url) as catalog:
            _show_queue(console, catalog, settings)
        return
    with open_catalog(settings.catalog_url) as catalog:
        pages = requests_of(catalog, selection)
        found = list(itertools.islice(itertools.chain.from_iterable(pages), most + 1))
    _list(console, found[:most])
    if len(found) > most:
        console.print(f"and more: --most {most * 10} lists more of them")


def _show_queue(console: Console, catalog: Catalog, settings: Settings) -> None:
    if counts := catalog.counts():
        console.print(_states(counts))
        console.print(_left(_remaining(catalog, settings, counts)), soft_wrap=True)
    else:
        console.print("\nnothing has been asked for: `airdub library scan`, then `airdub request`")
    for line in _lines(catalog):
        console.print(line, markup=False, soft_wrap=True)
    if failures := catalog.failure_reasons():
        console.print(_failures(failures))


def _states(counts: list[StateCount]) -> Table:
    """A row for each language, the busiest first, and one for all."""
    by_language: dict[str, Counter[RequestState]] = {}
    for one in counts:
        by_language.setdefault(one.language, Counter())[one.state] += one.count
    total = sum(by_language.values(), Counter[RequestState]())
    states = [state for state in RequestState if total[state]]
    table = Table("language", *(state.replace("_", " ") for state in states), "all")
    ranked = sorted(by_language.items(), key=lambda item: -item[1].total())
    for language, row in ranked[:_MOST_LANGUAGES]:
        table.add_row(language, *(_number(row[state]) for state in states), _number(row.total()))
    if len(ranked) > _MOST_LANGUAGES:
        rest = sum((row for _, row in ranked[_MOST_LANGUAGES:]), Counter[RequestState]())
        cells = (_number(rest[state]) for state in states)
        table.add_row(f"{len(ranked) - _MOST_LANGUAGES} others", *cells, _number(rest.total()))
    table.add_section()
    table.add_row("all", *(_number(total[state]) for state in states), _number(total.total()))
    return table


def _remaining(catalog: Catalog, settings: Settings, counts: list[StateCount]) -> Remaining:
    left = Counter[str]()
    for one in counts:
        if one.state in OPEN:
            left[one.language] += one.count
    samples = catalog.stage_samples(Scope(since=now(_RECENT), until=NEVER), most=_LATEST_RUNS)
    pods = settings.pods if settings.runtime == "kubernetes" else None
    slots = pods.pod_slots if pods else pools()["airdub_cpu"]
    gpus = pods.gpu_slots if pods else 0
    return remaining(left, samples, slots=slots, active=settings.active_dubs, gpus=gpus)


def _lines(catalog: Catalog) -> Iterator[str]:
    """What is to be known beside the numbers."""
    if oldest := catalog.oldest_waiting():
        yield f"the oldest that waits was asked for {oldest[:16]}Z"
    if late := catalog.overdue("", now(), most=1)[0]:
        yield f"{_number(late)} overdue"
    if pause := catalog.open_pause():
        since = f"since {pause.paused_at[:16]}Z ({pause.reason}): {pause.note}".rstrip(": ")
        yield f"PAUSED {since}; `airdub queue resume` goes on"
    for use in catalog.quota_use():
        quota = use.quota
        yield f"quota {quota.scope}: {use.used:g} of {quota.per_day:g} {quota.unit} used today"
    for rollout in catalog.rollouts("trying"):
        gone = sum(catalog.plan_counts(rollout.plan_digest).values())
        yield (
            f"trying plan {rollout.plan_digest[:12]} ({rollout.profile}, {rollout.language}) on "
            f"{rollout.canaries} of {gone}"
        )


def _left(found: Remaining) -> str:
    if not found.dubs:
        return "nothing is left to do"
    dubs = f"{_number(found.dubs)} left"
    if found.seconds is None:
        return f"{dubs}; for how long is known once a dub has been judged"
    guessed = f"; none yet in {', '.join(found.guessed)}" if found.guessed else ""
    return (
        f"{dubs}, about {told(found.seconds)} by the stage times of the latest {found.measured} "
        f"dubs{guessed}"
    )


def _failures(failures: list[FailureCount]) -> Table:
    table = Table("state", "reason", "dubs", "one of them", title="Why", title_justify="left")
    for one in failures[:_MOST_REASONS]:
        table.add_row(one.state, Text(one.reason or "-"), _number(one.count), one.example)
    return table


def _list(console: Console, requests: Iterable[Request]) -> None:
    table = Table("title", "language", "state", "priority", "due", "since", "run", "why")
    for one in requests:
        why = ": ".join(word for word in (one.reason, one.note) if word)
        table.add_row(
            *(Text(one.title_id), one.language, one.state, str(one.priority)),
            *("-" if one.due == NEVER else f"{one.due[:16]}Z", f"{one.changed_at[:16]}Z"),
            *(Text(one.run_id), Text(why)),
        )
    console.print(table)


def _number(count: int) -> str:
    return f"{count:,}"
