"""Whether people and rights allow what an order, or a publication, would make of a title.

Asked when a dub is ordered, before a stage touches a voice or a face, and again before anything is
published: a consent may expire or be revoked, and a rights window close, at any time in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airdub.consents import Consent, Use
from airdub.engines import find_engine
from airdub.errors import PolicyRefused
from airdub.judgements import DubRun
from airdub.orders import DubOrder
from airdub.profiles import load_profile

if TYPE_CHECKING:
    from airdub.catalog import Catalog

_REMEDY = (
    "`airdub cast` says who is heard in a title, `airdub consent grant` records what he agreed to"
)


def uses_of(plan: Mapping[str, str]) -> list[Use]:
    """What the engines of a plan (engine by stage) make of people."""
    named = (find_engine(stage, engine).consent for stage, engine in plan.items())
    return sorted({Use(use) for use in named if use})


def check_people(catalog: Catalog, order: DubOrder, plan: Mapping[str, str]) -> list[str]:
    """What is missing for a title's people to be heard and seen as themselves, in words.

    Raises:
        PolicyRefused: something is missing, and the profile makes no dub without it.
    """
    profile = load_profile(order.profile)
    missing = list(_missing(catalog, order, plan))
    if missing and profile.without_consent == "refuse":
        raise PolicyRefused(
            "; ".join(missing), where=f"{order.title_id}, profile {profile.name}", remedy=_REMEDY
        )
    return missing


def allowed_speakers(catalog: Catalog, order: DubOrder, use: Use) -> dict[str, str]:
    """The speakers of an order's title who allow a use now, and the consent that says so."""
    return catalog.allowed(
        order.title_id,
        use,
        language=order.target_language,
        territories=load_profile(order.profile).territories,
    )


def check_consents(catalog: Catalog, run: DubRun) -> None:
    """Make sure that everybody whose voice or face a run holds allows it to be published now.

    Where a consent that the run used has ended, another one of the same person will do; not where
    it was revoked.

    Raises:
        PolicyRefused: somebody doesn't allow it.
    """
    territories, at = load_profile(run.profile).territories, datetime.now(UTC)
    problems = []
    for consent, use in catalog.consents_used(run.run_id):
        others = catalog.consents(person=consent.person)
        lacks = consent.lacks(use, run.language, territories, at)
        valid = any(not other.lacks(use, run.language, territories, at) for other in others)
        if lacks and (consent.revoked_at or not valid):
            problems.append(f"the consent {consent.consent_id} of {consent.person} {lacks}")
    if problems:
        raise PolicyRefused(
            "; ".join(problems),
            where=run.run_id,
            remedy="ask for a new consent, or dub the title anew: it will do without him",
        )


def check_rights(catalog: Catalog, title_id: str, language: str) -> None:
    """Make sure that a title may be dubbed into a language, and published in it, now.

    Raises:
        PolicyRefused: it has rights windows, and none is open.
    """
    opens_at = catalog.rights_opening(title_id, language)
    if opens_at:
        when = (
            "none will open again"
            if opens_at.startswith("9999")
            else f"the next opens at {opens_at}"
        )
        raise PolicyRefused(
            f"its rights window is closed: {when}",
            where=f"{title_id} in {language}",
            remedy="`airdub queue rights` shows and sets the windows of a title or series",
        )


def _missing(catalog: Catalog, order: DubOrder, plan: Mapping[str, str]) -> Iterator[str]:
    cast, uses = catalog.cast(order.title_id), uses_of(plan)
    if uses and not cast:
        yield f"nobody is cast in {order.title_id}: no voice is cloned, no face is altered"
    consents = catalog.consents(title_id=order.title_id)
    for use in uses:
        allowed = allowed_speakers(catalog, order, use)
        for speaker, person in cast.items():
            if speaker not in allowed:
                own = [one for one in consents if one.person == person]
                yield f"no {use} of {speaker}: {_why(own, order, use)}"


def _why(consents: list[Consent], order: DubOrder, use: Use) -> str:
    """Why none of a person's consents will do."""
    territories = load_profile(order.profile).territories
    found = [
        f"{one.consent_id} {one.lacks(use, order.target_language, territories, datetime.now(UTC))}"
        for one in consents
    ]
    return "; ".join(found) or "there is no consent"
