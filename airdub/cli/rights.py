"""`airdub queue rights`: when titles and series may be dubbed."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from airdub.catalog import Catalog, open_catalog
from airdub.cli.console import make_console
from airdub.cli.times import utc_time
from airdub.errors import InvalidInput
from airdub.languages import parse_language
from airdub.model import canonical_json
from airdub.queue.documents import NEVER, RightsWindow
from airdub.settings import load_settings

_COLUMNS = ("title", "series", "language", "opens", "closes")
_EVER = "0001-01-01T00:00:00.000000Z"


def rights(
    title: Annotated[str, typer.Option(help="Title that may be dubbed.")] = "",
    *,
    series: Annotated[str, typer.Option(help="Or all titles of a series.")] = "",
    language: Annotated[str, typer.Option(help="Into this language only; none: any.")] = "",
    opens: Annotated[str, typer.Option(help="From then on: ISO 8601, else UTC.")] = "",
    closes: Annotated[str, typer.Option(help="Until just before then.")] = "",
    file: Annotated[
        Path | None, typer.Option("--csv", help=f"Many: columns {', '.join(_COLUMNS)}.")
    ] = None,
    remove: Annotated[str, typer.Option(help="Take the window of this id away.")] = "",
    most: Annotated[int, typer.Option(min=1, help="How many to list.")] = 50,
) -> None:
    """Say when titles may be dubbed, or list that; what has no window may be at any time.

    A title whose windows are all closed is held back until the next one opens.
    """
    windows = list(_read(file)) if file else []
    if title or series:
        cells = dict(zip(_COLUMNS, (title, series, language, opens, closes), strict=True))
        windows.append(_window(cells, "rights"))
    with open_catalog(load_settings().catalog_url) as catalog:
        if remove and not catalog.remove_rights(remove):
            raise InvalidInput(
                "there is no such window", where=remove, remedy="`airdub queue rights` lists them"
            )
        with catalog.transaction():
            for window in windows:
                catalog.set_rights(window)
        _list(catalog, most)
        for what in _unknown(catalog, windows):
            make_console().print(f"the library has no {what} yet", markup=False)


def _unknown(catalog: Catalog, windows: list[RightsWindow]) -> Iterator[str]:
    """What windows are about and isn't there: mistyped, it would be dubbed as if without any."""
    for title_id in sorted({one.title_id for one in windows} - {""}):
        if catalog.title(title_id) is None:
            yield f"title {title_id!r}"
    if series := {one.series_id for one in windows} - {""}:
        known = {one.series_id for one in catalog.every_series()}
        yield from (f"series {series_id!r}" for series_id in sorted(series - known))


def _read(file: Path) -> Iterator[RightsWindow]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            if unknown := set(rows.fieldnames or ()) - set(_COLUMNS):
                raise InvalidInput(
                    f"it has no column {sorted(unknown)[0]!r}",
                    where=str(file),
                    remedy=f"use {', '.join(_COLUMNS)}",
                )
            for row in rows:
                cells = {name: (row.get(name) or "").strip() for name in _COLUMNS}
                yield _window(cells, f"{file}, line {rows.line_num}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(
            f"it can't be read: {error}", where=str(file), remedy="give a CSV file in UTF-8"
        ) from error


def _window(cells: Mapping[str, str], where: str) -> RightsWindow:
    """A window; its id is made of all that it says, so that setting it again is fine.

    Raises:
        InvalidInput: it is about nothing or about too much, or a time is none.
    """
    if bool(cells["title"]) == bool(cells["series"]):
        raise InvalidInput(
            "a window is about a title or about a series", where=where, remedy="give one of them"
        )
    opens, closes, language = cells["opens"], cells["closes"], cells["language"]
    if not (opens or closes):
        raise InvalidInput(
            "it neither opens nor closes", where=where, remedy="say when, or leave it out"
        )
    said = {
        "title_id": cells["title"],
        "series_id": cells["series"],
        "language": parse_language(language, where=where) if language else "",
        "opens_at": utc_time(opens, where) if opens else _EVER,
        "closes_at": utc_time(closes, where) if closes else NEVER,
    }
    return RightsWindow(window_id=hashlib.sha256(canonical_json(said)).hexdigest()[:12], **said)


def _list(catalog: Catalog, most: int) -> None:
    table = Table("window", "title", "series", "language", "opens", "closes")
    found = catalog.rights(most=most + 1)
    for one in found[:most]:
        table.add_row(
            *(Text(text) for text in (one.window_id, one.title_id or "-", one.series_id or "-")),
            one.language or "any",
            "-" if one.opens_at == _EVER else f"{one.opens_at[:16]}Z",
            "-" if one.closes_at == NEVER else f"{one.closes_at[:16]}Z",
        )
    make_console().print(table)
    if len(found) > most:
        make_console().print(f"and more: --most {most * 10} lists more of them")
