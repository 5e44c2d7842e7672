"""`airdub feedback`: bring in what people say about dubs, and see what they complain of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from airdub.catalog import open_catalog
from airdub.cli.console import AirdubGroup, make_console
from airdub.locations import checked_file
from airdub.settings import load_settings

if TYPE_CHECKING:
    from airdub.catalog import Catalog

_SHOWN = 50

feedback = typer.Typer(
    cls=AirdubGroup,
    help="Bring in and show what viewers and reviewers say about dubs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@feedback.command(name="import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="CSV files: title, language, text, ...")],
) -> None:
    """Take comments from CSV files; a comment that is there already changes nothing.

    What follows from them is the business of the DAG collect_feedback.
    """
    from airdub.feedback.collecting import import_file

    console, settings = make_console(), load_settings()
    for file in files:
        path = checked_file(str(file.absolute()), "file")
        taken = import_file(settings, path.read_bytes(), path.name)
        for refused in taken.refused:
            console.print(f"{path.name}, {refused}", markup=False, soft_wrap=True)
        console.print(
            f"{path.name}: {taken.new} new, {taken.known} known, {len(taken.refused)} refused",
            markup=False,
        )


@feedback.command()
def show(
    title: Annotated[str, typer.Argument(help="Show what was said about this title.")] = "",
    *,
    engines: Annotated[bool, typer.Option("--engines", help="Count by engine.")] = False,
    days: Annotated[int, typer.Option(min=1, help="Said within so many days.")] = 90,
) -> None:
    """Show how many complain of what, by title or engine, or what was said about one title."""
    since = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with open_catalog(load_settings().catalog_url) as catalog:
        if title:
            table = _comments(catalog, title, since)
        elif engines:
            table = _by_engine(catalog, since)
        else:
            table = _by_title(catalog, since)
    make_console().print(table)


def _comments(catalog: Catalog, title: str, since: str) -> Table:
    table = Table("said", "language", "by", "complains of", "text")
    for comment, tags in catalog.comments(title, most=_SHOWN):
        if comment.said_at >= since:
            words = ", ".join(tags) or "-"
            day = comment.said_at[:10]
            table.add_row(day, comment.language, comment.said_by, words, escape(comment.text))
    return table


def _by_title(catalog: Catalog, since: str) -> Table:
    table = Table("title", "language", "complaint", "comments")
    for one in catalog.complaints(since, most=_SHOWN):
        table.add_row(escape(one.title_id), one.language, one.tag, str(one.comments))
    return table


def _by_engine(catalog: Catalog, since: str) -> Table:
    table = Table("stage", "engine", "complaint", "comments", "of all about it")
    for one in catalog.engine_complaints(since):
        share = f"{100 * one.comments / one.heard:.0f} %"
        table.add_row(one.stage, one.engine, one.tag, str(one.comments), share)
    return table
