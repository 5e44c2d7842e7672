"""Taking a consent back: what was published under it is withdrawn, what was made of it is erased.

Every step may be done twice and the consent is marked first, so whoever is killed in between is
followed by one who finishes: revoking again does all that is left.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog, Decision, Release
from airdub.consents import Consent
from airdub.errors import Conflict

Withdraw = Callable[[Release, str], None]
"""Takes a release out of the release store; doing so again is fine."""


@dataclass(frozen=True)
class Erasure:
    """What a revocation did this time.

    Attributes:
        releases: all that were published under the consent.
        runs: all that used it.
        folders: of the store that held something and are gone now.
    """

    consent: Consent
    releases: tuple[Release, ...]
    runs: tuple[str, ...]
    folders: tuple[str, ...]


def revoke_consent(
    catalog: Catalog, store: ArtifactStore, consent_id: str, why: str, withdraw: Withdraw
) -> Erasure:
    """Revoke a consent, withdraw and erase everything that was made under it.

    Erased are reference recordings, converted takes, mixes, altered pictures, deliverables and
    drafts. The source and what was measured or written down about it stay.

    Raises:
        InvalidInput: there is no such consent.
        DependencyUnavailable: a release couldn't be withdrawn; revoke it again.
    """
    reason = f"the consent {consent_id} was revoked: {why}"
    catalog.revoke(consent_id, why)
    releases = tuple(catalog.releases_under(consent_id))
    for release in releases:
        if release.state != "withdrawn":
            withdraw(release, reason)
            catalog.release_state(release.release_id, "withdrawn", was=release.state, note=reason)
    runs = tuple(catalog.runs_under(consent_id))
    for run_id in runs:
        _stop(catalog, run_id, reason)
    folders = [folder for folder in catalog.traces(consent_id) if store.list(folder)]
    for folder in folders:
        store.delete(folder)
    catalog.mark_erased(consent_id)
    consent = catalog.revoke(consent_id, why)
    return Erasure(consent, releases, runs, tuple(folders))


def _stop(catalog: Catalog, run_id: str, reason: str) -> None:
    """Let nobody publish a run any more."""
    with suppress(Conflict):  # somebody was faster: what he did was withdrawn, or asks again
        publication = catalog.publication(run_id)
        if publication and publication.state == "pending":
            catalog.set_state("publication", run_id, "refused", was="pending", note=reason)
        review = catalog.review(run_id)
        if review and review.state == "open":
            catalog.decide_review(run_id, Decision.REJECT, "airdub consent revoke", reason)
