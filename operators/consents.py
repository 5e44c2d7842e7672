"""Keeping stages to what people agreed to, and knowing where what is made of them lies."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.catalog import Catalog, open_catalog
from airdub.clearance import allowed_speakers
from airdub.consents import (
    USED_SPEAKERS,
    Consent,
    Use,
    consent_folder,
    joint_consent,
    stated_consents,
)
from airdub.engines import find_engine
from airdub.errors import PolicyRefused
from airdub.orders import DubOrder
from airdub.profiles import load_profile
from airdub.requests import StageRequest, StageResult
from airdub.settings import Settings


class StageConsents:
    """The consents under which one task of a run works.

    Args:
        engine: that the stage will run; most engines need no consent.
    """

    def __init__(
        self, settings: Settings, order: DubOrder, run_id: str, stage: str, engine: str
    ) -> None:
        self._settings, self._order, self._run_id = settings, order, run_id
        self._stage = stage
        named = find_engine(stage, engine).consent
        self._use = Use(named) if named else None
        self._granted: dict[str, str] = {}

    def parameters(self) -> dict[str, Any]:
        """What the stage is told: who agreed, and what to do about all others."""
        if self._use is None:
            return {}
        with open_catalog(self._settings.catalog_url) as catalog:
            self._granted = allowed_speakers(catalog, self._order, self._use)
        strict = load_profile(self._order.profile).without_consent == "refuse"
        refusal = {"without_consent": "refuse"} if strict else {}
        return {"consented": dict(self._granted), **refusal}

    def note(self, result: StageResult) -> None:
        """Record whose consent the result was made under."""
        if self._use is None:
            return
        speakers = result.measurements.get(USED_SPEAKERS)
        used = speakers if isinstance(speakers, list) else self._granted
        ids = [self._granted[name] for name in used if name in self._granted]
        with open_catalog(self._settings.catalog_url) as catalog:
            catalog.note_uses(self._run_id, self._stage, self._use, ids)


class Trace:
    """Around the making of a folder: what holds a voice or a face can be found when it must go.

    The folder is noted before anything is written to it, under the consents of all that it is made
    from. Nothing is made of what is about to be erased, and what was made while one of them was
    revoked is thrown away: the revocation may have looked too early to see it.

    Args:
        own: further consents, by the folder in which what they are about is cached: one, or some
            of which all must hold.
    """

    def __init__(
        self,
        settings: Settings,
        store: ArtifactStore,
        folder: str,
        made_from: Iterable[ArtifactRef],
        own: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self._catalog_url, self._store = settings.catalog_url, store
        self._folder, self._made_from = folder, tuple(made_from)
        self._caches = {folder: frozenset(ids) for folder, ids in (own or {}).items()}
        self._own = frozenset().union(*self._caches.values())
        self._ids: set[str] = set()

    @classmethod
    def of(cls, settings: Settings, store: ArtifactStore, request: StageRequest) -> Trace:
        """Around the work on a request of a stage, under the consents that it states."""
        ids = stated_consents(request.parameters)
        own = {consent_folder(request.stage, one): {one} for one in ids}
        if ids:  # where it shows several of them
            own[consent_folder(request.stage, joint_consent(ids))] = {*ids}
        return cls(settings, store, request.output_key, request.inputs.values(), own)

    def begin(self) -> None:
        """Note the folder.

        Raises:
            PolicyRefused: a consent was revoked.
        """
        with open_catalog(self._catalog_url) as catalog:
            inherited = catalog.traced(_folder_of(ref.key) for ref in self._made_from)
            ids = inherited | self._own
            gone = _revoked(catalog, ids)
            self._throw_away(self._own & gone.keys())  # a killed try may have gone on writing
            _refuse(
                [one for one in gone if one in self._own or not gone[one].erased_at], self._folder
            )
            ids -= gone.keys()  # what was made under them is erased: what is there was made anew
            self._take_over(catalog, inherited)
            catalog.trace([self._folder], ids)
            for cache, covered in self._caches.items():
                catalog.trace([cache], covered)
        self._ids = ids

    def _take_over(self, catalog: Catalog, inherited: Collection[str]) -> None:
        """Without consents under which the same was made once, and erased: it isn't theirs now."""
        earlier = _revoked(catalog, catalog.traced([self._folder]) - {*inherited, *self._own})
        erased = [one for one, consent in earlier.items() if consent.erased_at]
        if erased:
            self._store.delete(self._folder)  # what a killed try wrote after the erasure
            catalog.forget_trace(self._folder, erased)

    def end(self) -> None:
        """Throw away what was made under a consent that was revoked meanwhile.

        Raises:
            PolicyRefused: one was.
        """
        if not self._ids:
            return
        with open_catalog(self._catalog_url) as catalog:
            revoked = _revoked(catalog, self._ids)
        if revoked:
            self._store.delete(self._folder)
        self._throw_away(revoked)
        _refuse(revoked, self._folder)

    def _throw_away(self, revoked: Collection[str]) -> None:
        """Delete what is cached under any of some consents."""
        for cache, ids in self._caches.items():
            if not ids.isdisjoint(revoked):
                self._store.delete(cache)

    def __enter__(self) -> Trace:
        self.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.end()
        elif issubclass(kind, Exception):  # the next try is asked anew, and knows nothing of these
            with suppress(PolicyRefused):
                self.end()


def throw_away_revoked(settings: Settings, store: ArtifactStore, folder: str) -> None:
    """Erase again what is made under the consents of a folder, as far as they are revoked.

    For a folder that another process was still writing to while a revocation erased it.
    """
    with open_catalog(settings.catalog_url) as catalog:
        for consent_id in _revoked(catalog, catalog.traced([folder])):
            for place in catalog.traces(consent_id):
                store.delete(place)


def _refuse(revoked: Collection[str], folder: str) -> None:
    """Raises PolicyRefused for consents that were revoked."""
    if revoked:
        raise PolicyRefused(
            f"the consent {', '.join(revoked)} was revoked: what is made of it is thrown away",
            where=folder,
            remedy="start the dub anew: it will do without that person; `airdub consent revoke` "
            "again finishes an erasure that was interrupted",
        )


def _revoked(catalog: Catalog, ids: Iterable[str]) -> dict[str, Consent]:
    """Those of the consents that were revoked, by id."""
    found = (catalog.consent(consent_id) for consent_id in sorted(ids))
    return {consent.consent_id: consent for consent in found if consent and consent.revoked_at}


def _folder_of(key: str) -> str:
    """The folder that is noted for a file in the store: a result's, or a cache's."""
    return "/".join(key.split("/")[:4])
