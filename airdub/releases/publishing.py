"""Publishing a judged run: what the task of `dub_video` and the one of `review_dub` both do.

What is stored decides: the verdict's consequence, or a person's waiver, and everybody's consent at
this moment. The release is in its store before the catalogue records it; both may be done again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog, Publication, Release, open_catalog
from airdub.clearance import check_consents, check_rights
from airdub.errors import Conflict, InvalidInput, PolicyRefused
from airdub.gates import Consequence
from airdub.releases.assembling import disclosure, prepare
from airdub.releases.documents import DELIVERABLE
from airdub.releases.dossier import gather
from airdub.releases.keys import Place
from airdub.releases.listing import current_release, list_releases
from airdub.releases.objects import ObjectStore, open_objects
from airdub.releases.outdated import refuse_outdated
from airdub.releases.pointer import Entry, demoted, parse_current
from airdub.releases.promoting import make_current, refuse_older
from airdub.releases.redelivery import refuse_worse
from airdub.releases.signing import choose_signing
from airdub.releases.verifying import read_tombstone
from airdub.releases.withdrawing import withdraw
from airdub.releases.writing import Prepared, Report, write

if TYPE_CHECKING:
    from airdub.judgements import DubRun, Judgement
    from airdub.releases.dossier import Dossier
    from airdub.settings import Settings

log = logging.getLogger(__name__)

_TRIES = 5
_OURSELVES = "airdub"


def publish_run(
    settings: Settings, run_id: str, report: Report = lambda _done, _all: None
) -> Release:
    """Publish a judged run and record its release; doing it again is fine.

    Args:
        report: told how many bytes of how many are stored.

    Raises:
        PolicyRefused: neither verdict nor waiver lets it be published, somebody whose voice or
            face it holds doesn't allow it, or its release was withdrawn.
        ScoresBelow: it is worse than the current release, which stays.
        Outdated: its title has another version by now.
        Conflict: a newer run was published.
        InvalidInput, IncompleteResult: what was judged isn't there any more.
    """
    store, objects = ArtifactStore(settings.store_url), open_objects(settings.releases_url)
    with open_catalog(settings.catalog_url) as catalog:
        judgement, publication = _allowed(catalog, run_id)
        known = _published(catalog, publication)
    if known:
        _refuse_gone(settings, known)
        return known
    with open_catalog(settings.catalog_url) as catalog, _noted(catalog, publication):
        _check_consents(settings, catalog, judgement.run)
        place = Place(judgement.run.title_id, judgement.run.language)
        check_rights(catalog, place.title_id, place.language)
        refuse_outdated(catalog, run_id)
        if current := current_release(objects, place):
            refuse_worse(catalog, current.run_id, judgement)
        release = prepared(settings, store, gather(catalog, store, judgement))
    with _noted_later(settings, publication):
        entry = write(objects, release, now=_now(), report=report)
        with open_catalog(settings.catalog_url) as catalog:  # writing may have taken hours
            _check_consents(settings, catalog, judgement.run)
            check_rights(catalog, place.title_id, place.language)
            refuse_outdated(catalog, run_id)
        replaced = _made_current(objects, release.place, entry)
    recorded = _record(settings, publication, release, entry, replaced)
    _refuse_gone(settings, recorded)
    return recorded


def prepared(settings: Settings, store: ArtifactStore, dossier: Dossier) -> Prepared:
    """The release of a run, signed where the settings say by whom.

    Raises:
        InvalidInput: the configured certificate or key can't be used.
    """
    deliverable = dossier.draft.files[DELIVERABLE]
    signature, signing = choose_signing(
        settings,
        dossier.judgement.run,
        disclosure(dossier),
        suffix=PurePosixPath(deliverable.key).suffix,
        sha256=deliverable.sha256,
    )
    if not signature.signed:
        log.info("The release carries no signed C2PA manifest: %s", signature.why_not)
    return prepare(dossier, store, signature, signing)


def withdraw_release(
    settings: Settings,
    place: Place,
    release_id: str,
    *,
    who: str,
    why: str,
    restore: bool = False,
) -> str:
    """Withdraw a release and record that; doing it again is fine, and keeps the first words.

    Args:
        restore: the release before takes its place; else nothing is current then.

    Returns:
        Id of the release that is current now; "" none.

    Raises:
        InvalidInput: there is no such release, or who or why is missing.
        PolicyRefused: somebody doesn't allow the release before any more: nothing is withdrawn yet.
    """
    objects = open_objects(settings.releases_url)
    if restore:
        _check_previous(settings, objects, place, release_id)
    current = withdraw(
        objects, place, release_id, who=who, why=why, now=_now(), restore=restore
    ).release_id
    with open_catalog(settings.catalog_url) as catalog:
        known = catalog.release(release_id)
        if known and known.state != "withdrawn":
            note = f"{who.strip()}: {why.strip()}"
            catalog.release_state(release_id, "withdrawn", was=known.state, note=note)
        other = catalog.release(current) if current else None
        if other and other.state == "replaced":
            note = f"instead of {release_id}, which was withdrawn"
            catalog.release_state(current, "current", was="replaced", note=note)
    return current


def _check_previous(
    settings: Settings, objects: ObjectStore, place: Place, release_id: str
) -> None:
    """Make sure that the release that would be current again may be: it is published anew.

    Raises:
        PolicyRefused: a consent has ended, its rights window is closed, or the catalogue doesn't
            know the run.
    """
    current = parse_current(place, objects.read(place.current))
    previous = current.entry(demoted(current, [release_id], restore=True).release_id)
    if previous is None or previous.release_id == current.release_id:
        return
    with open_catalog(settings.catalog_url) as catalog:
        judgement = catalog.judgement(previous.run_id)
        try:
            if judgement is None:
                raise PolicyRefused("the catalogue doesn't know its run")
            check_consents(catalog, judgement.run)
            check_rights(catalog, place.title_id, place.language)
        except PolicyRefused as refused:
            raise PolicyRefused(
                f"the release before may not be current again: {refused.what}",
                where=place.release(previous.release_id),
                remedy="withdraw without it: then nothing is current",
            ) from refused


def _allowed(catalog: Catalog, run_id: str) -> tuple[Judgement, Publication]:
    """The judgement and the publication of a run that may be published.

    Raises:
        InvalidInput: it wasn't judged.
        PolicyRefused: it may not.
    """
    judgement, publication = catalog.judgement(run_id), catalog.publication(run_id)
    if judgement is None:
        raise InvalidInput(
            "the run was not judged", where=run_id, remedy="clear release_gate of that run"
        )
    passed = judgement.verdict.consequence is Consequence.PUBLISH
    waived = any(one.run_id == run_id for one in catalog.waivers(run_id))
    if publication is None or not (passed or waived):
        raise PolicyRefused(
            f"its gate says {judgement.verdict.decision}, and nobody has waived that",
            where=run_id,
            remedy="answer its review, or dub the title anew",
        )
    return judgement, publication


def _check_consents(settings: Settings, catalog: Catalog, run: DubRun) -> None:
    """Make sure that everybody allows the run to be published now.

    If not, a release of it is withdrawn that a killed publisher has made current and not recorded:
    whoever revoked a consent meanwhile didn't find it.

    Raises:
        PolicyRefused: somebody doesn't allow it.
    """
    try:
        check_consents(catalog, run)
    except PolicyRefused:
        why = "not everybody whose voice or face it holds allows it any more"
        objects = open_objects(settings.releases_url)
        for one in [*list_releases(objects, run.title_id, run.language)]:
            if one.entry and one.entry.run_id == run.run_id and one.state != "withdrawn":
                withdraw_release(settings, one.place, one.release_id, who=_OURSELVES, why=why)
        raise


def _published(catalog: Catalog, publication: Publication) -> Release | None:
    """The release of a run that was published before.

    Raises:
        PolicyRefused: it was withdrawn.
    """
    if publication.state != "published":
        return None
    release = catalog.release(publication.note)
    if release is None or release.state == "withdrawn":
        raise PolicyRefused(
            "its release was withdrawn", where=publication.run_id, remedy="dub the title anew"
        )
    return release


@contextmanager
def _noted(catalog: Catalog, publication: Publication) -> Iterator[None]:
    """Keep with the publication why it can't be carried out, and pass the error on."""
    try:
        yield
    except (PolicyRefused, Conflict) as error:
        state = "refused" if isinstance(error, PolicyRefused) else "superseded"
        run_id, was = publication.run_id, publication.state
        catalog.set_state("publication", run_id, state, was=was, note=error.what)
        raise


@contextmanager
def _noted_later(settings: Settings, publication: Publication) -> Iterator[None]:
    """The same for a time in which no connection is held: files may take hours."""
    try:
        yield
    except (PolicyRefused, Conflict) as error:
        with open_catalog(settings.catalog_url) as catalog, _noted(catalog, publication):
            raise error


def _made_current(objects: ObjectStore, place: Place, entry: Entry) -> str:
    """Make it current, also where another publisher was faster, as long as this run is newer."""
    for _ in range(_TRIES):
        try:
            return make_current(objects, place, entry)
        except Conflict as lost:
            refuse_older(objects, place, entry)
            log.info("%s; this run is newer and follows", lost.what)
    return make_current(objects, place, entry)


def _record(
    settings: Settings, publication: Publication, release: Prepared, entry: Entry, replaced: str
) -> Release:
    """Record it; a publication that was refused before is pending again for that."""
    row = Release(
        release_id=entry.release_id,
        title_id=release.place.title_id,
        language=release.place.language,
        run_id=entry.run_id,
        folder=release.folder,
        sha256=entry.sha256,
        replaces=replaced,
    )
    with open_catalog(settings.catalog_url) as catalog, catalog.transaction():
        if publication.state != "pending":
            of = ("publication", publication.run_id)
            catalog.set_state(*of, "pending", was=publication.state, note="")
        catalog.record_release(row)
        return catalog.release(entry.release_id) or row


def _refuse_gone(settings: Settings, release: Release) -> None:
    """See to it that a release is withdrawn that somebody took back while it was published.

    Whoever revokes a consent or withdraws a release finds what is recorded at that moment; what is
    recorded later must look for itself.

    Raises:
        PolicyRefused: it was withdrawn.
    """
    place = Place(release.title_id, release.language)
    with open_catalog(settings.catalog_url) as catalog:
        used = catalog.consents_used(release.run_id)
    gone = sorted({consent.consent_id for consent, _ in used if consent.revoked_at})
    words = read_tombstone(open_objects(settings.releases_url), place, release.release_id)
    if not gone and words is None:
        return
    who = words.who if words else _OURSELVES
    why = words.why if words else f"revoked: consent {', '.join(gone)}"
    withdraw_release(settings, place, release.release_id, who=who, why=why)
    raise PolicyRefused(
        f"withdrawn by {who}: {why}", where=release.run_id, remedy="dub the title anew"
    )


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
