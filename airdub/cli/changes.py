"""`airdub retry`, `airdub cancel`, `airdub priority`: changing what is in the queue."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Annotated

import typer
from rich.console import Console

from airdub.catalog import Catalog, open_catalog
from airdub.catalog.session import now
from airdub.cli.console import make_console
from airdub.cli.selection import (
    Ids,
    Language,
    Names,
    Reason,
    Selection,
    Series,
    States,
    must_say,
    requests_of,
    select,
)
from airdub.errors import Conflict
from airdub.queue.documents import RETRIED, Request, RequestState
from airdub.settings import load_settings

_WAITING = (RequestState.HELD, RequestState.WAITING)

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say how many it is about.")]


def retry(
    names: Names = None,
    *,
    ids: Ids = None,
    series: Series = "",
    language: Language = "",
    state: States = None,
    reason: Reason = "",
    dry_run: DryRun = False,
) -> None:
    """Ask again for dubs that failed, were refused, quarantined or cancelled.

    Mend the cause first: what is done is found again, so a retry costs what failed. With
    --state published, for those whose release was withdrawn.
    """
    selection = select(names, ids, series=series, language=language, states=state, reason=reason)
    lane, began = f"retry {now()[:16]}Z", now()

    def change(catalog: Catalog, request: Request) -> str:
        again = catalog.retry(request.request_id, lane)
        return "asked for again" if again.requested_at >= began else "asked for again before"

    published = (RequestState.PUBLISHED,) if selection.states else ()
    _change(must_say(selection), (*RETRIED, *published), change, dry_run=dry_run)


def cancel(
    names: Names = None,
    *,
    ids: Ids = None,
    series: Series = "",
    language: Language = "",
    state: States = None,
    reason: Reason = "",
    why: Annotated[str, typer.Option(help="Kept with it.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Take dubs that wait out of the queue; what runs goes on."""
    selection = select(names, ids, series=series, language=language, states=state, reason=reason)
    note = f"{getpass.getuser()}: {why}" if why else f"by {getpass.getuser()}"

    def change(catalog: Catalog, request: Request) -> str:
        catalog.cancel(request.request_id, note)
        return "cancelled"

    _change(must_say(selection), _WAITING, change, dry_run=dry_run)


def priority(
    value: Annotated[int, typer.Argument(min=0, max=100, help="0 to 100; the highest go first.")],
    names: Names = None,
    *,
    ids: Ids = None,
    series: Series = "",
    language: Language = "",
    state: States = None,
    dry_run: DryRun = False,
) -> None:
    """Give dubs that wait another priority."""
    selection = select(names, ids, series=series, language=language, states=state)

    def change(catalog: Catalog, request: Request) -> str:
        catalog.set_priority(request.request_id, value)
        return f"of priority {value} now"

    _change(must_say(selection), _WAITING, change, dry_run=dry_run)


def _change(
    selection: Selection,
    states: tuple[RequestState, ...],
    change: Callable[[Catalog, Request], str],
    *,
    dry_run: bool,
) -> None:
    """Change every request that was selected; a page is a transaction."""
    console, done = make_console(), Counter[str]()
    with open_catalog(load_settings().catalog_url) as catalog:
        for page in requests_of(catalog, selection, states):
            if dry_run:
                done.update(f"{request.state}: would change" for request in page)
                continue
            with catalog.transaction():
                done.update(_outcomes(catalog, page, change))
    _tell(console, done)


def _outcomes(
    catalog: Catalog, page: list[Request], change: Callable[[Catalog, Request], str]
) -> Iterator[str]:
    for request in page:
        try:
            yield change(catalog, request)
        except Conflict as overtaken:  # it went on in this moment, or something newer is wanted
            yield f"left alone: {overtaken.what}"


def _tell(console: Console, done: Counter[str]) -> None:
    for outcome, count in done.most_common():
        console.print(f"{count} {outcome}", markup=False)
    if not done:
        console.print("nothing in the queue fits that")
