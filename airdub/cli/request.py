"""`airdub request`: ask for dubs of titles of the library, now and in future."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console

from airdub.catalog import Catalog, open_catalog
from airdub.catalog.session import now
from airdub.cli.console import make_console
from airdub.cli.selection import Ids, Names, Selection, Series, must_say, select, titles_of
from airdub.cli.times import utc_time
from airdub.errors import InvalidInput
from airdub.languages import parse_language, same_language
from airdub.library.documents import Title
from airdub.profiles import load_profile
from airdub.queue.canaries import tried
from airdub.queue.documents import NEVER, PRIORITY, Request, RequestState, StandingOrder
from airdub.queue.selecting import Planner
from airdub.settings import load_settings

_WISH = {"titles", "series_id", "language", "profile", "priority", "deadline_hours"}


def request(
    names: Names = None,
    *,
    to: Annotated[list[str], typer.Option(help="Language of the dub; repeat it for several.")],
    ids: Ids = None,
    series: Series = "",
    spoken: Annotated[str, typer.Option("--from", help="Only titles spoken in this one.")] = "",
    profile: Annotated[str, typer.Option(help="Which engines and gates to use.")] = "embedded",
    priority: Annotated[int, typer.Option(min=0, max=100, help="Highest first.")] = PRIORITY,
    due: Annotated[str, typer.Option(help="When they must be there: ISO 8601, else UTC.")] = "",
    within: Annotated[int, typer.Option(min=0, help="... or within so many hours.")] = 0,
    canaries: Annotated[
        int, typer.Option(min=0, help="Try a plan that is new to the queue on so many first.")
    ] = 0,
    standing: Annotated[
        bool, typer.Option("--standing", help="And the same for titles that are scanned later.")
    ] = False,
) -> None:
    """Ask for dubs of titles that `airdub library scan` has registered.

    What was asked for before is left alone, unless a new version of the title or an upgrade of an
    engine, the profile or its gates made it another dub. With --standing, --within counts from the
    ingest of each title.
    """
    selection = must_say(select(names, ids, series=series))
    languages = tuple(dict.fromkeys(parse_language(tag, where="--to") for tag in to))
    load_profile(profile)
    wish = _Wish(languages, profile, priority, _deadline(due, within))
    console = make_console()
    with open_catalog(load_settings().catalog_url) as catalog:
        if standing:
            if ids or due:
                raise InvalidInput(
                    "a standing order is about names and hours",
                    where="--standing",
                    remedy="leave out --ids and --due",
                )
            _place_orders(console, catalog, wish, selection, within or None)
        language = parse_language(spoken) if spoken else ""
        titles = titles_of(catalog, selection, language, or_none=standing)
        requests: Iterable[Request] = wish.requests(titles)
        if canaries:
            requests = tried(catalog, requests, canaries)
        new = catalog.enqueue(requests, f"request {now()[:16]}Z")
    wish.tell(console, new)


class _Wish:
    """What is asked for of every title, and what came of it."""

    def __init__(self, languages: tuple[str, ...], profile: str, priority: int, due: str) -> None:
        self.languages = languages
        self.profile = profile
        self.priority = priority
        self._due = due
        self._made = 0
        self._notes = Counter[str]()

    def requests(self, titles: Iterable[Title]) -> Iterator[Request]:
        """A request for each title and language that can be dubbed."""
        planner = Planner()
        for title in titles:
            if title.missing_since:
                self._notes["their file is missing"] += 1
                continue
            for language in self.languages:
                if same_language(title.source_language, language):
                    self._notes[f"they are spoken in {language} already"] += 1
                    continue
                made = planner.request(
                    title, language, self.profile, priority=self.priority, due=self._due
                )
                self._made += 1
                if made.state is RequestState.REFUSED:
                    self._notes[f"refused: {made.note}"] += 1
                yield made

    def tell(self, console: Console, new: int) -> None:
        """How many were asked for, how many of them are new, and what was left out and why."""
        console.print(f"{self._made} dubs asked for, {new} of them new in the queue")
        for note, count in self._notes.most_common():
            console.print(f"{count} {note}", markup=False)
        if new < self._made:
            console.print(
                "the others are there: `airdub retry` asks again for what came to nothing"
            )
        if new:
            console.print("`airdub status` shows how they get on; `airdub up` starts Airflow")


def _place_orders(
    console: Console, catalog: Catalog, wish: _Wish, selection: Selection, hours: int | None
) -> None:
    """Standing orders for all names and languages, but for those that stand already."""
    known = {one.model_dump_json(include=_WISH): one for one in catalog.standing_orders()}
    for titles in selection.names or ("*",):
        for language in wish.languages:
            order = StandingOrder(
                order_id=uuid.uuid4().hex[:8],
                titles=titles,
                series_id=selection.series,
                language=language,
                profile=wish.profile,
                priority=wish.priority,
                deadline_hours=hours,
            )
            placed = known.get(order.model_dump_json(include=_WISH)) or catalog.order(order)
            console.print(f"standing order {placed.order_id}: {titles} into {language}")


def _deadline(due: str, within: int) -> str:
    """The deadline as the catalogue writes it.

    Raises:
        InvalidInput: both are given, or `due` is no time, or over.
    """
    if due and within:
        raise InvalidInput("both say when", where="--due, --within", remedy="leave one of them out")
    if within:
        return now(-timedelta(hours=within))
    if not due:
        return NEVER
    if (time := utc_time(due, "--due")) > now():
        return time
    raise InvalidInput(f"{due} is over", where="--due", remedy="give a time to come")
