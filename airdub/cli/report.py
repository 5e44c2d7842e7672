"""`airdub report`: what was dubbed in some days, and what it cost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from airdub.catalog import open_catalog
from airdub.catalog.session import now
from airdub.cli.console import make_console
from airdub.cli.selection import Ids, Language, Series, States, select
from airdub.cli.times import utc_time
from airdub.errors import InvalidInput, TemporaryFailure
from airdub.reports.documents import Scope
from airdub.reports.gathering import Report, gather
from airdub.reports.tables import figures, tables
from airdub.settings import load_settings

_DAYS = 30
_MOST_TITLES = 20


def report(
    titles: Annotated[
        list[str] | None, typer.Argument(help="Ids of titles, or patterns such as 'maria-*'.")
    ] = None,
    *,
    ids: Ids = None,
    series: Series = "",
    language: Language = "",
    state: States = None,
    days: Annotated[int, typer.Option(min=1, max=36500, help="How many days back.")] = _DAYS,
    since: Annotated[str, typer.Option(help="From then on instead: ISO 8601, else UTC.")] = "",
    until: Annotated[str, typer.Option(help="And before then; now by default.")] = "",
    html: Annotated[
        Path | None, typer.Option(help="Write it with plots into one page, which needs no other.")
    ] = None,
) -> None:
    """Sum up judged runs: decisions, seconds and GPU seconds by engine, language and title."""
    selection = select(titles, ids, series=series, language=language, states=state)
    scope = Scope(
        since=utc_time(since, "--since") if since else now(timedelta(days=days)),
        until=utc_time(until, "--until") if until else now(),
        titles=selection.names or ("*",),
        series=selection.series,
        language=selection.language,
        states=selection.states,
    )
    if scope.since >= scope.until:
        raise InvalidInput(
            "it ends before it begins", where="--since, --until", remedy="correct them"
        )
    console = make_console()
    with open_catalog(load_settings().catalog_url) as catalog:
        gathered = gather(catalog, scope)
    _show(console, gathered)
    if html:
        from airdub.reports.page import page

        _write(html, page(gathered))
        console.print(f"written: {html}", markup=False, soft_wrap=True)


def _show(console: Console, gathered: Report) -> None:
    for name, value in figures(gathered):
        console.print(f"{value:>12}  {name}", markup=False)
    for one in tables(gathered, _MOST_TITLES):
        if not one.rows:
            continue
        table = Table(title=one.heading, title_justify="left")
        for number, name in enumerate(one.columns):
            table.add_column(name, justify="right" if number else "left")
        for row in one.rows:
            table.add_row(*(Text(cell) for cell in row))
        console.print(table)


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    except OSError as error:
        raise TemporaryFailure(
            f"it can't be written: {error.strerror}", where=str(file), remedy="choose another file"
        ) from error
