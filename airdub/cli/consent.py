"""`airdub consent` and `airdub cast`: who agreed to what, and who is heard in which title."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from airdub.artifacts import file_digest
from airdub.catalog import open_catalog
from airdub.cli.console import AirdubGroup, make_console
from airdub.consents import ANY_LANGUAGE, Consent, Use, new_consent
from airdub.errors import InvalidInput
from airdub.locations import checked_file
from airdub.profiles import WORLD
from airdub.settings import load_settings
from airdub.titles import checked_title_id

consent = typer.Typer(
    cls=AirdubGroup,
    help="Record, list and revoke people's consents to use their voice and face.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@consent.command()
def grant(
    person: Annotated[str, typer.Argument(help="The person, by the same name in every title.")],
    *,
    use: Annotated[list[Use], typer.Option(help="What he agreed to; repeat it for both.")],
    evidence: Annotated[
        Path, typer.Option(help="The file that proves it. Only its hash is kept: archive it.")
    ],
    language: Annotated[
        list[str], typer.Option(help="Languages of dubs, such as es or pt-BR; * is all.")
    ] = [ANY_LANGUAGE],  # noqa: B006 - typer copies it
    territory: Annotated[
        list[str], typer.Option(help="Where they may be shown: ISO 3166-1 codes, or world.")
    ] = [WORLD],  # noqa: B006
    until: Annotated[str, typer.Option(help="Last day, or an ISO 8601 time.")] = "",
) -> None:
    """Record what somebody agreed to."""
    file = checked_file(str(evidence.absolute()), "evidence")
    digest, _ = file_digest(file)
    given = new_consent(
        person,
        use,
        digest,
        evidence_name=file.name,
        languages=language,
        territories=territory,
        expires_at=until,
    )
    with open_catalog(load_settings().catalog_url) as catalog:
        known = catalog.grant(given)
    make_console().print(f"consent {known.consent_id} of {known.person}", markup=False)


@consent.command(name="list")
def list_(
    *,
    title: Annotated[str, typer.Option(help="Only of the people who are cast in a title.")] = "",
    person: Annotated[str, typer.Option(help="Only of this person.")] = "",
) -> None:
    """List consents, ended ones too."""
    with open_catalog(load_settings().catalog_url) as catalog:
        known = catalog.consents(title_id=title or None, person=person or None)
    table = Table("consent", "person", "uses", "languages", "territories", "until", "evidence")
    for one in known:
        table.add_row(*(escape(cell) for cell in _cells(one)))
    make_console().print(table)


@consent.command()
def revoke(
    consent_id: Annotated[str, typer.Argument(help="Its id, as `airdub consent list` shows it.")],
    *,
    why: Annotated[str, typer.Option(help="Why; kept with it and with what is withdrawn.")],
) -> None:
    """Take a consent back: withdraw what was published under it, erase what was made of it.

    Run it again when it was interrupted: it finishes.
    """
    from airdub.erasure import revoke_consent

    console = make_console()
    done = revoke_consent(load_settings(), consent_id, why)
    for release in done.releases:
        console.print(f"withdrawn: {release}", markup=False)
    for folder in done.folders:
        console.print(f"erased: {folder}", markup=False)
    console.print(
        f"consent {consent_id} of {done.consent.person} is revoked: {len(done.runs)} runs used it, "
        f"{len(done.releases)} releases are withdrawn, {len(done.folders)} folders were erased",
        markup=False,
    )


def cast(
    title_id: Annotated[str, typer.Argument(help="Id of the title.")],
    members: Annotated[
        list[str] | None,
        typer.Argument(help="SPEAKER=PERSON; an empty person removes the speaker."),
    ] = None,
) -> None:
    """Say who is heard as which speaker of a title, or show it.

    Speakers are named by the labels of the script; without labels there is one, speaker_1.
    """
    title = checked_title_id(title_id)
    given = dict(_member(text) for text in members or ())
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.set_cast(title, given)
        people = catalog.cast(title)
        known = catalog.consents(title_id=title)
    table = Table("speaker", "person", "consents")
    for speaker, person in people.items():
        own = [f"{one.consent_id} {'revoked' if one.revoked_at else ', '.join(one.uses)}"
               for one in known if one.person == person]  # fmt: skip
        table.add_row(escape(speaker), escape(person), "; ".join(own) or "none")
    make_console().print(table)


def _member(text: str) -> tuple[str, str]:
    speaker, equals, person = text.partition("=")
    if not equals or not speaker.strip():
        raise InvalidInput(
            f"{text!r} says not who is whom", where="members", remedy="write SPEAKER=PERSON"
        )
    return speaker.strip(), person.strip()


def _cells(one: Consent) -> tuple[str, ...]:
    until = one.expires_at[:10] or "ever"
    if one.revoked_at:
        until = f"revoked {one.revoked_at[:10]}{'' if one.erased_at else ', not yet erased'}"
    lists = (", ".join(values) for values in (one.uses, one.languages, one.territories))
    return (
        one.consent_id,
        one.person,
        *lists,
        until,
        f"{one.evidence_sha256[:12]} {one.evidence_name}",
    )
