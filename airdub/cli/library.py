"""`airdub library`: which videos there are, which versions they have, and which can't be taken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from airdub.catalog import Catalog, open_catalog
from airdub.cli.console import AirdubGroup, make_console
from airdub.cli.progress import byte_progress
from airdub.errors import InvalidInput
from airdub.languages import parse_language
from airdub.library.documents import BadFile, Title
from airdub.library.files import open_files
from airdub.library.registering import ScanReport
from airdub.library.scanning import ScanOptions
from airdub.library.scanning import scan as scan_files
from airdub.locations import absolute_location, check_allowed
from airdub.settings import load_settings

_MOST = 100
_MOST_BAD = 10

library = typer.Typer(
    cls=AirdubGroup,
    help="Scan for videos; list and show what was found.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Most = Annotated[int, typer.Option(min=1, help="How many to list.")]


@library.command()
def scan(
    root: Annotated[str, typer.Argument(help="A folder, or s3://bucket/prefix.")],
    *,
    source_language: Annotated[
        str,
        typer.Option("--from", help="Language spoken in them; by default the files say."),
    ] = "",
    series: Annotated[
        str, typer.Option(help="Series that they all belong to; by default their paths say.")
    ] = "",
    readers: Annotated[
        int, typer.Option(min=0, max=64, help="Files that are read at once; 0 chooses.")
    ] = 0,
    again: Annotated[
        bool, typer.Option("--again", help="Read bad files again, although they haven't changed.")
    ] = False,
) -> None:
    """Register videos and what lies beside them; run it again whenever files may have changed.

    A changed source is dubbed again into the languages it was requested in. Bad files are noted,
    and the scan goes on.
    """
    console, settings = make_console(), load_settings()
    place = absolute_location(root)
    check_allowed(place, "folder", settings.source_roots)
    options = ScanOptions(
        language=parse_language(source_language, where="--from") if source_language else "",
        series=series.strip(),
        readers=readers,
        again=again,
    )
    with open_catalog(settings.catalog_url) as catalog:
        with byte_progress(console, "scanning") as progress:
            found = scan_files(catalog, open_files(place), options, progress)
        for line in _told(found):
            console.print(line, markup=False)
        if found.bad:
            below = place.rstrip("/") + "/"
            listed = list(catalog.bad_files_below(below))
            _show_bad(console, listed[:_MOST_BAD])
            if len(listed) > _MOST_BAD:
                console.print(f"and {len(listed) - _MOST_BAD} more: airdub library bad")


@library.command(name="list")
def list_(
    pattern: Annotated[str, typer.Argument(help="Of title ids, such as 'maria-*'.")] = "*",
    *,
    series: Annotated[str, typer.Option(help="Only of this series.")] = "",
    language: Annotated[str, typer.Option(help="Only where this language is spoken.")] = "",
    after: Annotated[str, typer.Option(help="Only what comes after this id.")] = "",
    most: Most = _MOST,
) -> None:
    """List titles by their ids."""
    console, spoken = make_console(), parse_language(language) if language else ""
    with open_catalog(load_settings().catalog_url) as catalog:
        of = {"series": series, "language": spoken, "after": after}
        found = catalog.titles(pattern, **of, limit=most + 1)
    table = Table("title", "name", "series", "spoken", "length", "beside", "ingested", "missing")
    for title in found[:most]:
        table.add_row(*(escape(cell) for cell in _cells(title)))
    console.print(table)
    if len(found) > most:
        console.print(f"and more: --after {found[most - 1].title_id}", markup=False)


@library.command()
def show(title_id: Annotated[str, typer.Argument(help="Id of the title.")]) -> None:
    """Show a title: its files, its versions, and what was requested of it."""
    console = make_console()
    with open_catalog(load_settings().catalog_url) as catalog:
        title = catalog.title(title_id)
        if title is None:
            raise InvalidInput(
                "the library has no such title",
                where=title_id,
                remedy="`airdub library list` shows all, `airdub library scan` finds more",
            )
        for line in _described(title):
            console.print(line, markup=False, soft_wrap=True)
        if bad := catalog.bad_file(title.location):
            console.print(f"its file is bad now: {_plain(bad.what)}", markup=False, soft_wrap=True)
        for table in (_versions(catalog, title), _requests(catalog, title)):
            if table.row_count:
                console.print(table)


@library.command()
def bad(
    *,
    after: Annotated[str, typer.Option(help="Only what comes after this file.")] = "",
    most: Most = _MOST,
) -> None:
    """List the files that scans couldn't take, and why."""
    console = make_console()
    with open_catalog(load_settings().catalog_url) as catalog:
        found = catalog.bad_files(after=after, limit=most + 1)
    _show_bad(console, found[:most])
    if len(found) > most:
        console.print(f"and more: --most {most * 10} lists more of them")


def _told(found: ScanReport) -> Iterator[str]:
    counts = ("added", "changed", "moved", "same", "missing", "bad")
    names = {"same": "unchanged", "bad": "bad files"}
    yield ", ".join(f"{getattr(found, name)} {names.get(name, name)}" for name in counts)
    if found.requeued:
        yield f"{found.requeued} dubs of changed titles are requested anew"
    taken = found.added + found.changed + found.moved + found.same
    read, rate = found.read_bytes / (1 << 20), taken / max(found.wall_s, 1e-3)
    yield f"{read:.1f} MiB read in {found.wall_s:.1f} s, {rate:.1f} titles/s"


def _show_bad(console: Console, found: list[BadFile]) -> None:
    """A line each, to be searched and cut."""
    for one in found:
        line = f"{one.seen_at[:16]} {one.location}: {one.what}. What to do: {one.remedy}"
        console.print(_plain(line), markup=False, soft_wrap=True)


def _cells(title: Title) -> tuple[str, ...]:
    return (
        title.title_id,
        title.name,
        _episode(title),
        title.source_language,
        _length(title),
        title.beside,
        title.ingested_at[:16],
        title.missing_since[:16],
    )


def _described(title: Title) -> Iterator[str]:
    yield f"title {title.title_id}: {title.name}"
    if title.series_id:
        yield f"series: {_episode(title)}"
    yield f"file: {_plain(title.location)}"
    yield f"spoken: {title.source_language}, {_length(title)}"
    if title.missing_since:
        yield f"missing since {title.missing_since}"


def _versions(catalog: Catalog, title: Title) -> Table:
    table = Table("version", "seen", "file", "bytes", "sha256")
    for version in catalog.source_versions(title.title_id):
        current = " (current)" if version.version == title.version else ""
        heads = [f"{version.version[:12]}{current}", version.seen_at[:16]]
        for file in version.files:
            row = (*heads, file.ending or "the video", str(file.bytes), file.sha256[:12])
            table.add_row(*(escape(cell) for cell in row))
            heads = ["", ""]
    return table


def _requests(catalog: Catalog, title: Title) -> Table:
    table = Table("language", "state", "version", "profile", "run", "note")
    for one in catalog.latest_requests(title.title_id):
        cells = (one.language, one.state, one.version[:12], one.profile, one.run_id, one.note)
        table.add_row(*(escape(cell) for cell in cells))
    return table


def _episode(title: Title) -> str:
    if title.season is None or title.episode is None:
        return title.series_id or ""
    return f"{title.series_id} S{title.season:02}E{title.episode:02}"


def _length(title: Title) -> str:
    return str(timedelta(seconds=round(title.duration_s)))


def _plain(text: str) -> str:
    """The text on one line, whatever signs a file's name holds."""
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )
