"""Taking a consent back: what was published under it is withdrawn, what was made of it is erased.

Every step may be done twice and the consent is marked first, so whoever is killed in between is
followed by one who finishes: revoking again does all that is left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog, Decision, open_catalog
from airdub.consents import Consent
from airdub.errors import Conflict
from airdub.releases import Listed, Place, list_releases, open_objects, withdraw_release

if TYPE_CHECKING:
    from airdub.settings import Settings

_OURSELVES = "airdub consent revoke"

_ALL = 1_000_000


@dataclass(frozen=True)
class Erasure:
    """What a revocation did.

    Attributes:
        releases: folders of all releases that were made under the consent; none is left published.
        runs: all that used it.
        folders: of the store that held something and are gone now.
    """

    consent: Consent
    releases: tuple[str, ...]
    runs: tuple[str, ...]
    folders: tuple[str, ...]


def revoke_consent(settings: Settings, consent_id: str, why: str) -> Erasure:
    """Revoke a consent, withdraw and erase everything that was made under it.

    Erased are reference recordings, converted takes, mixes, altered pictures, deliverables and
    drafts. The source and what was measured or written down about it stay, and so do the files of
    withdrawn releases.

    Raises:
        InvalidInput: there is no such consent.
        DependencyUnavailable: a store doesn't answer; revoke it again.
    """
    reason = f"the consent {consent_id} was revoked: {why}"
    store = ArtifactStore(settings.store_url)
    with open_catalog(settings.catalog_url) as catalog:
        catalog.revoke(consent_id, why)
        runs = tuple(catalog.runs_under(consent_id))
        for run_id in runs:
            _stop(catalog, run_id, reason)
        releases = tuple(_withdraw_all(settings, catalog, runs, reason))
        folders = [folder for folder in catalog.traces(consent_id) if store.list(folder)]
        for folder in folders:
            store.delete(folder)
        catalog.mark_erased(consent_id)
        return Erasure(catalog.revoke(consent_id, why), releases, runs, tuple(folders))


def finish_erasures(settings: Settings) -> list[Erasure]:
    """Erase again what lies under consents that were revoked: somebody who was killed may have
    written until after the erasure, and a revocation may have been interrupted.

    Returns:
        Those that found something.

    Raises:
        DependencyUnavailable: a store doesn't answer.
    """
    with open_catalog(settings.catalog_url) as catalog:
        revoked = [one for one in catalog.consents(most=_ALL) if one.revoked_at]
    again = (revoke_consent(settings, one.consent_id, one.revoked_why) for one in revoked)
    return [done for done in again if done.folders]


def _stop(catalog: Catalog, run_id: str, reason: str) -> None:
    """Let nobody publish a run any more."""
    with suppress(Conflict):  # somebody was faster: what he published is withdrawn next
        publication = catalog.publication(run_id)
        if publication and publication.state == "pending":
            catalog.set_state("publication", run_id, "refused", was="pending", note=reason)
        review = catalog.review(run_id)
        if review and review.state == "open":
            catalog.decide_review(run_id, Decision.REJECT, _OURSELVES, reason)


def _withdraw_all(
    settings: Settings, catalog: Catalog, runs: Collection[str], reason: str
) -> Iterator[str]:
    """Withdraw every release of some runs; yields their folders.

    The release store is asked, not the catalogue: a publisher may have been killed between the two.
    """
    judged = (catalog.judgement(run_id) for run_id in runs)
    places = {Place(one.run.title_id, one.run.language) for one in judged if one}
    objects = open_objects(settings.releases_url)
    for place in sorted(places, key=lambda one: one.folder):
        for listed in [*list_releases(objects, place.title_id, place.language)]:
            if _is_of(listed, runs):
                if listed.state != "withdrawn":
                    withdraw_release(settings, place, listed.release_id, who=_OURSELVES, why=reason)
                yield place.release(listed.release_id)


def _is_of(listed: Listed, runs: Collection[str]) -> bool:
    return listed.entry is not None and listed.entry.run_id in runs
