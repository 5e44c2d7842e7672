"""What `airdub series show` prints."""

from __future__ import annotations

from collections.abc import Iterator

from rich.markup import escape
from rich.table import Table

from airdub.catalog import Catalog


def characters(catalog: Catalog, series_id: str) -> Table:
    """Who speaks in a series, and with which voices."""
    names = {one.character_id: one.name for one in catalog.characters(series_id)}
    labels: dict[str, list[str]] = {who: [] for who in names}
    for one in catalog.character_labels(series_id):
        place = f" in {one.title_id}" if one.title_id else ""
        labels[one.character_id].append(f"{one.label}{place}")
    table = Table("character", "also called", "language", "engine", "voice", "from")
    voiced = set()
    for kept in catalog.voices_of_series(series_id):
        voiced.add(kept.character_id)
        origin = kept.title_id or f"{kept.who}, {kept.noted_at[:10]}"
        row = (kept.language, kept.engine, kept.voice, origin)
        called = "; ".join(labels[kept.character_id])
        table.add_row(*map(escape, (names[kept.character_id], called, *row)))
    for who in sorted(names.keys() - voiced):
        table.add_row(escape(names[who]), escape("; ".join(labels[who])), "", "", "", "")
    return table


def terms_of(catalog: Catalog, series_id: str) -> Table:
    """The words of a series."""
    table = Table("from", "to", "word", "translation", "case")
    for one in catalog.terms_of_series(series_id):
        case = "as written" if one.match_case else "any"
        table.add_row(
            *map(escape, (one.source_language, one.language, one.source, one.target, case))
        )
    return table


def strays(catalog: Catalog, series_id: str) -> Iterator[str]:
    """Published episodes in which a character has another voice than the one that he keeps."""
    for one in catalog.spoken_otherwise(series_id):
        yield (
            f"{one.title_id} in {one.language}: {one.character_id} has the voice {one.voice}; "
            "`airdub series redo` asks for it again"
        )
