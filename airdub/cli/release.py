"""`airdub release`: what was published, whether it is whole, and taking it back."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.table import Table

from airdub.catalog import open_catalog
from airdub.cli.console import AirdubGroup, make_console
from airdub.cli.gate_table import gate_table
from airdub.cli.progress import byte_progress
from airdub.errors import InvalidInput
from airdub.languages import parse_language
from airdub.releases import (
    Listed,
    Place,
    current_release,
    list_releases,
    open_objects,
    verify_release,
    withdraw_release,
)
from airdub.releases.documents import ReleaseManifest
from airdub.settings import Settings, load_settings

_DAMAGED = InvalidInput.exit_code

release = typer.Typer(
    cls=AirdubGroup,
    help="List, show, verify and withdraw published dubs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Title = Annotated[str, typer.Argument(help="Id of the title.")]
Language = Annotated[str, typer.Argument(help="Language of the dub, such as es-419.")]
AnyTitle = Annotated[str, typer.Argument(help="Only of this title.")]
AnyLanguage = Annotated[str, typer.Argument(help="Only in this language.")]
Release = Annotated[str, typer.Option("--release", help="Its id; the current one by default.")]


@release.command(name="list")
def list_(title: AnyTitle = "", language: AnyLanguage = "") -> None:
    """List releases, newest first; withdrawn ones too."""
    objects = open_objects(load_settings().releases_url)
    table = Table("title", "language", "release", "state", "run", "published", "MiB", "note")
    for one in list_releases(objects, title, _tag(language)):
        table.add_row(*(escape(cell) for cell in _cells(one)))
    make_console().print(table)


@release.command()
def show(title: Title, language: Language, *, release_id: Release = "") -> None:
    """Show a release: what it consists of, how it was judged, what of it is synthetic."""
    console, place, settings = make_console(), _place(title, language), load_settings()
    listed = _find(settings, place, release_id)
    objects = open_objects(settings.releases_url)
    stored = objects.read(place.manifest(listed.release_id))
    if stored is None:
        raise InvalidInput(
            "it has no release.json",
            where=place.release(listed.release_id),
            remedy="`airdub release verify` says what is missing",
        )
    for line in _told(listed):
        console.print(line, markup=False, soft_wrap=True)
    try:
        manifest = ReleaseManifest.model_validate_json(stored.data)
    except ValidationError:
        raise InvalidInput(
            "its release.json is damaged, or of another version of airdub",
            where=place.manifest(listed.release_id),
            remedy="`airdub release verify` says which",
        ) from None
    for line in _described(manifest):
        console.print(line, markup=False, soft_wrap=True)
    console.print(gate_table("gate", manifest.verdict))
    table = Table("file", "bytes", "sha256", title="files", title_justify="left")
    for file in manifest.files:
        table.add_row(escape(file.name), str(file.bytes), file.sha256)
    console.print(table)


@release.command()
def verify(title: AnyTitle = "", language: AnyLanguage = "", *, release_id: Release = "") -> None:
    """Read every byte of releases again; exits with 65 if anything isn't as it was published.

    Without an id: every release of the title, or of all titles; withdrawn ones too.
    """
    console, settings = make_console(), load_settings()
    objects = open_objects(settings.releases_url)
    if release_id:
        wanted = [(_place(title, language), release_id)]
    else:
        found = list_releases(objects, title, _tag(language))
        wanted = [(one.place, one.release_id) for one in found if one.state != "unfinished"]
    damaged = 0
    for place, one in wanted:
        with open_catalog(settings.catalog_url) as catalog:
            known = catalog.release(one)
        with byte_progress(console, f"{place.title_id} {place.language}") as report:
            result = verify_release(
                objects, place, one, recorded=known.sha256 if known else "", report=report
            )
        damaged += not result.is_whole
        words = "whole" if result.is_whole else "DAMAGED"
        size = f"{result.bytes / (1 << 20):.1f} MiB read"
        console.print(
            f"{place.release(one)}: {words}, {result.state}, {size}", markup=False, soft_wrap=True
        )
        for problem in result.problems:
            console.print(f"  {problem.kind}: {problem.file}: {problem.text}", markup=False)
    console.print(f"{len(wanted)} verified, {damaged} damaged")
    if damaged:
        raise typer.Exit(_DAMAGED)


@release.command()
def withdraw(
    title: Title,
    language: Language,
    *,
    why: Annotated[str, typer.Option(help="Why; kept with the release.")],
    who: Annotated[str, typer.Option(help="Who withdraws it; by default the user.")] = "",
    release_id: Release = "",
    previous: Annotated[
        bool, typer.Option("--previous", help="Make the release before current again.")
    ] = False,
) -> None:
    """Take a release back for good: nothing is current then, unless --previous is given.

    Run it again when it was interrupted: it finishes.
    """
    console, settings, place = make_console(), load_settings(), _place(title, language)
    listed = _find(settings, place, release_id)
    now = withdraw_release(
        settings,
        place,
        listed.release_id,
        who=who or getpass.getuser(),
        why=why,
        restore=previous,
    )
    console.print(f"withdrawn: {place.release(listed.release_id)}", markup=False, soft_wrap=True)
    console.print(f"current now: {now or 'none'}")


def _place(title: str, language: str) -> Place:
    return Place(title, _tag(language))


def _tag(language: str) -> str:
    """The language as releases are filed under it."""
    return parse_language(language) if language else ""


def _find(settings: Settings, place: Place, release_id: str) -> Listed:
    """A release by its id, or the current one.

    Raises:
        InvalidInput: there is none.
    """
    objects = open_objects(settings.releases_url)
    entry = current_release(objects, place)
    wanted = release_id or (entry.release_id if entry else "")
    for one in list_releases(objects, place.title_id, place.language):
        if one.release_id == wanted:
            return one
    raise InvalidInput(
        "there is no such release" if release_id else "no release is current",
        where=f"{place.title_id} {place.language} {release_id}".strip(),
        remedy="`airdub release list` shows all",
    )


def _cells(one: Listed) -> tuple[str, ...]:
    entry, tombstone = one.entry, one.tombstone
    return (
        one.place.title_id,
        one.place.language,
        one.release_id,
        one.state,
        entry.run_id if entry else "-",
        entry.published_at if entry else "-",
        f"{one.bytes / (1 << 20):.1f}",
        f"by {tombstone.who}: {tombstone.why}" if tombstone else "",
    )


def _told(one: Listed) -> Iterator[str]:
    """What is known of it beside its own words."""
    yield f"release {one.release_id}: {one.state}"
    if one.tombstone:
        words = one.tombstone
        yield f"withdrawn on {words.withdrawn_at[:10]} by {words.who}: {words.why}"
    yield f"folder: {one.place.release(one.release_id)}"


def _described(manifest: ReleaseManifest) -> Iterator[str]:
    yield f"run: {manifest.run_id}, attempt {manifest.attempt}, profile {manifest.profile}"
    yield f"judged: {manifest.judged_at}, {manifest.decision}"
    for waiver in manifest.waivers:
        yield f"waived by {waiver.who} on {waiver.given_at[:10]}: {waiver.why}"
    yield f"disclosed: {manifest.disclosure.text}"
    for part in manifest.disclosure.parts:
        yield f"  {part.part}: {len(part.spans)} spans by {', '.join(part.engines)}"
    signature = manifest.signature
    yield f"C2PA: {'signed' if signature.signed else f'not signed: {signature.why_not}'}"
    for consent in manifest.consents:
        yield f"consent {consent.consent_id}: {consent.use}"
    for metric, why in manifest.not_measured.items():
        yield f"not measured: {metric}: {why}"
    if manifest.data_docs:
        yield f"Data Docs: {manifest.data_docs}"
