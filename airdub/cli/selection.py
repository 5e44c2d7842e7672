"""Which titles and requests a command is about: by pattern, series, language, state, or a file."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from airdub.catalog import Catalog
from airdub.errors import InvalidInput
from airdub.languages import parse_language
from airdub.library.documents import Title
from airdub.queue.documents import Request, RequestState

PAGE = 500
_REQUEST_ID = re.compile(r"[0-9a-f]{32}")

Names = Annotated[
    list[str] | None,
    typer.Argument(help="Ids of titles or requests, or patterns such as 'maria-*'; '*' is all."),
]
Ids = Annotated[
    Path | None,
    typer.Option("--ids", help="A file of ids, one a line; # begins a remark; - is the input."),
]
Series = Annotated[str, typer.Option(help="Only of this series.")]
Language = Annotated[str, typer.Option(help="Only into this language, such as es or pt-BR.")]
States = Annotated[
    list[RequestState] | None, typer.Option("--state", help="Only in this state; repeatable.")
]
Reason = Annotated[str, typer.Option(help="Only with this reason, as `airdub status` shows it.")]


@dataclass(frozen=True)
class Selection:
    """What a command was told.

    Attributes:
        names: ids and patterns; those of the file are among them.
        series, language, reason: "" any.
        states: empty: those that the command is about.
    """

    names: tuple[str, ...]
    series: str = ""
    language: str = ""
    states: tuple[RequestState, ...] = ()
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said at all."""
        return not (self.names or self.series or self.language or self.states or self.reason)


def select(
    names: list[str] | None,
    ids: Path | None = None,
    *,
    series: str = "",
    language: str = "",
    states: Iterable[RequestState] | None = None,
    reason: str = "",
) -> Selection:
    """What the arguments say.

    Raises:
        InvalidInput: the language is unknown, or the file can't be read or holds no ids.
    """
    listed = tuple(_read_ids(ids)) if ids else ()
    return Selection(
        names=tuple(dict.fromkeys((*(names or ()), *listed))),
        series=series,
        language=parse_language(language) if language else "",
        states=tuple(dict.fromkeys(states or ())),
        reason=reason,
    )


def must_say(selection: Selection) -> Selection:
    """The selection of a command that changes things.

    Raises:
        InvalidInput: it says nothing: that is all, and nobody should mean all by saying nothing.
    """
    if selection.is_empty:
        raise InvalidInput(
            "it doesn't say which", where="selection", remedy="name titles; '*' means all of them"
        )
    return selection


def titles_of(
    catalog: Catalog, selection: Selection, source_language: str = "", *, or_none: bool = False
) -> Iterator[Title]:
    """Titles that were named, each once; missing ones too.

    Args:
        or_none: names may be of titles that are yet to come.

    Raises:
        InvalidInput: there is no title of one of the names.
    """
    names = selection.names or ("*",)
    of = {"series": selection.series, "language": source_language}
    for name in names:
        if not or_none and not catalog.titles(name, **of, limit=1):
            raise _nothing(name, "`airdub library list` shows the titles")
    return _titles(catalog, names, of)


def _titles(catalog: Catalog, names: tuple[str, ...], of: dict[str, str]) -> Iterator[Title]:
    seen: set[str] = set()
    for name in names:
        after = ""
        while page := catalog.titles(name, **of, limit=PAGE, after=after):
            yield from (title for title in page if title.title_id not in seen)
            seen.update(title.title_id for title in page)
            after = page[-1].title_id


def requests_of(
    catalog: Catalog, selection: Selection, states: tuple[RequestState, ...] = ()
) -> Iterator[list[Request]]:
    """Requests that were named, each once, in pages.

    Args:
        states: those that the command is about; empty: all. A state that was asked for must be one.

    Raises:
        InvalidInput: nothing of one of the names was asked for, or the command isn't about a state.
    """
    wrong = [state for state in selection.states if states and state not in states]
    if wrong:
        raise InvalidInput(
            f"it isn't about what is {wrong[0]}", where="--state", remedy=f"use {', '.join(states)}"
        )
    names = selection.names or ("*",)
    for name in names:
        if name != "*" and not (_request(catalog, name) or catalog.requests(titles=name, most=1)):
            raise _nothing(name, "`airdub status '*'` lists what was asked for")
    return _requests(catalog, names, selection, selection.states or states)


def _requests(
    catalog: Catalog,
    names: tuple[str, ...],
    selection: Selection,
    states: tuple[RequestState, ...],
) -> Iterator[list[Request]]:
    seen: set[str] = set()
    for name in names:
        for page in _pages(catalog, name, selection, states):
            fresh = [
                one
                for one in page
                if one.request_id not in seen
                and selection.reason in ("", one.reason)
                and selection.language in ("", one.language)
            ]
            seen.update(one.request_id for one in fresh)
            if fresh:
                yield fresh


def _pages(
    catalog: Catalog, name: str, selection: Selection, states: tuple[RequestState, ...]
) -> Iterator[list[Request]]:
    if request := _request(catalog, name):
        if not states or request.state in states:
            yield [request]
        return
    of = {"titles": name, "series": selection.series, "language": selection.language}
    for state in states or (None,):
        last = None
        while page := catalog.requests(**of, state=state, after=last, most=PAGE):
            yield page
            last = page[-1]


def _request(catalog: Catalog, name: str) -> Request | None:
    """The request of an id; None when the name isn't one."""
    return catalog.request(name) if _REQUEST_ID.fullmatch(name) else None


def _read_ids(file: Path) -> Iterator[str]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"the ids can't be read: {error}", where=str(file), remedy="give a text file"
        ) from error
    found = [line.partition("#")[0].strip() for line in text.splitlines()]
    if not any(found):
        raise InvalidInput("there are no ids in it", where=str(file), remedy="one id a line")
    for number, name in enumerate(found, 1):
        if len(name.split()) > 1 or len(name) > 100:
            raise InvalidInput(
                f"{name[:100]!r} is no id", where=f"{file}, line {number}", remedy="one id a line"
            )
        if name:
            yield name


def _nothing(name: str, remedy: str) -> InvalidInput:
    return InvalidInput("nothing of that name is there", where=name, remedy=remedy)
