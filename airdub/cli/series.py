"""`airdub series`: what a series keeps over its episodes: characters, their voices, its words."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.table import Table

from airdub.catalog import open_catalog
from airdub.catalog.session import now
from airdub.cli.console import AirdubGroup, make_console
from airdub.cli.series_tables import characters, strays, terms_of
from airdub.continuity.documents import GlossaryTerm, checked_phrase
from airdub.continuity.redoing import redone
from airdub.engines import find_engine
from airdub.errors import InvalidInput
from airdub.glossary import Term, read_glossary
from airdub.languages import parse_language
from airdub.locations import checked_file
from airdub.settings import load_settings
from airdub.subtitles.encodings import decode

series = typer.Typer(
    cls=AirdubGroup,
    help="Keep characters, voices and words over the episodes of a series.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Series = Annotated[str, typer.Argument(help="Id of the series.")]
Character = Annotated[str, typer.Argument(help="The character, as scripts name him.")]
Spoken = Annotated[str, typer.Option("--from", help="Language spoken in the series, such as en.")]
Dub = Annotated[str, typer.Option("--to", help="Language of the dub, such as es-419.")]
Forget = Annotated[bool, typer.Option("--forget", help="Remove it instead.")]


@series.command(name="list")
def list_() -> None:
    """List the library's series."""
    table = Table("series", "name", "titles")
    with open_catalog(load_settings().catalog_url) as catalog:
        for one in catalog.every_series():
            table.add_row(escape(one.series_id), escape(one.name), str(one.titles))
    make_console().print(table)


@series.command()
def show(series_id: Series) -> None:
    """Show what a series keeps, and which episodes speak otherwise."""
    console = make_console()
    with open_catalog(load_settings().catalog_url) as catalog:
        known = catalog.series(series_id)
        console.print(f"series {known.series_id}: {known.name}", markup=False)
        for table in (characters(catalog, series_id), terms_of(catalog, series_id)):
            if table.row_count:
                console.print(table)
        for line in strays(catalog, series_id):
            console.print(line, markup=False, soft_wrap=True)


@series.command()
def voice(
    series_id: Series,
    character: Character,
    name: Annotated[str, typer.Argument(metavar="VOICE", help="A voice of the engine.")] = "",
    *,
    language: Dub,
    engine: Annotated[str, typer.Option(help="Engine of synthesize that has the voice.")],
    forget: Forget = False,
) -> None:
    """Choose the voice that a character keeps; with --forget, let the next episode decide.

    Without it, he keeps the one that he had in the first episode that was published.
    """
    _either(name, forget, "VOICE")
    of = {"language": parse_language(language), "engine": find_engine("synthesize", engine).name}
    with open_catalog(load_settings().catalog_url) as catalog:
        if forget:
            _refuse_nothing(catalog.forget_voice(series_id, character, **of), character)
        else:
            who = getpass.getuser()
            catalog.set_voice(series_id, character, _phrase(name, "VOICE"), **of, who=who)
    _done(f"{character} in {of['language']} by {engine}", name, forget)


@series.command()
def label(
    series_id: Series,
    called: Annotated[str, typer.Argument(help="What scripts call him: DR. RUIZ, speaker_1.")],
    character: Annotated[str, typer.Argument(help="The character who it is.")] = "",
    *,
    title: Annotated[str, typer.Option(help="Only in this episode.")] = "",
    forget: Forget = False,
) -> None:
    """Say which character a speaker is where scripts call him otherwise, or don't name him."""
    _either(character, forget, "CHARACTER")
    with open_catalog(load_settings().catalog_url) as catalog:
        found = catalog.title(title) if title else None
        if title and (found is None or found.series_id != series_id):
            raise InvalidInput(
                f"{title} is none of its episodes",
                where=series_id,
                remedy="`airdub library list` shows all titles",
            )
        catalog.set_label(series_id, "" if forget else character, called, title)
    _done(called, character, forget)


@series.command()
def term(
    series_id: Series,
    source: Annotated[str, typer.Argument(help="The word or phrase, as it is said.")],
    target: Annotated[str, typer.Argument(help="Its translation; none: don't translate it.")] = "",
    *,
    spoken: Spoken,
    language: Dub,
    match_case: Annotated[bool, typer.Option("--match-case", help="Only this spelling.")] = False,
    forget: Forget = False,
) -> None:
    """Say how a word is translated in a whole series.

    A glossary beside a video, NAME.glossary.csv, goes before it.
    """
    pair = (parse_language(spoken), parse_language(language))
    with open_catalog(load_settings().catalog_url) as catalog:
        if forget:
            _refuse_nothing(catalog.forget_term(series_id, *pair, source), source)
        else:
            given = _checked([Term(source, target or source, match_case)], *pair)
            catalog.set_terms(series_id, given)
    _done(source, target or source, forget)


@series.command()
def terms(
    series_id: Series,
    file: Annotated[Path, typer.Argument(help="CSV or TSV: source,target and, if needed, case.")],
    *,
    spoken: Spoken,
    language: Dub,
) -> None:
    """Take a glossary's file over for a whole series."""
    pair = (parse_language(spoken), parse_language(language))
    path = checked_file(str(file.absolute()), "file")
    text, _ = decode(path.read_bytes(), name=path.name, language=pair[0])
    given = _checked(read_glossary(text, name=path.name), *pair)
    with open_catalog(load_settings().catalog_url) as catalog:
        count = catalog.set_terms(series_id, given)
    make_console().print(f"{count} terms of {series_id}", markup=False)


@series.command()
def redo(
    series_id: Series,
    *,
    language: Annotated[str, typer.Option("--to", help="Only dubs in this language.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All that are published.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which.")] = False,
) -> None:
    """Ask anew for published episodes in which a character has another voice than he keeps.

    With --all for every published one: after a word was changed, for instance.
    """
    console, tag = make_console(), parse_language(language) if language else ""
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.series(series_id)
        found = list(redone(catalog, series_id, tag, every=every))
        count = 0 if dry_run else catalog.enqueue(found, f"series {series_id} {now()[:16]}Z")
    for one in found:
        console.print(f"{one.title_id} in {one.language}", markup=False)
    console.print(f"{len(found)} dubs asked for, {count} of them new in the queue")


def _checked(found: Iterable[Term], spoken: str, language: str) -> list[GlossaryTerm]:
    try:
        return [
            GlossaryTerm(
                source_language=spoken,
                language=language,
                source=one.source,
                target=one.target,
                match_case=one.match_case,
            )
            for one in found
        ]
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(first["msg"], where=str(first["loc"][0]), remedy="correct it") from error


def _phrase(text: str, where: str) -> str:
    try:
        return checked_phrase(text)
    except ValueError as error:
        raise InvalidInput(str(error), where=where, remedy="correct it") from error


def _either(value: str, forget: bool, what: str) -> None:
    if bool(value) == forget:
        raise InvalidInput(
            f"give {what}, or --forget", where=what, remedy="see --help of the command"
        )


def _refuse_nothing(removed: bool, name: str) -> None:
    if not removed:
        raise InvalidInput(
            "there is nothing to forget", where=name, remedy="`airdub series show` shows all"
        )


def _done(what: str, value: str, forget: bool) -> None:
    make_console().print(f"{what}: {'forgotten' if forget else value}", markup=False)
