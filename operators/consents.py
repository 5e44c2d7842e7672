"""Keeping stages to what people agreed to, and knowing where what is made of them lies."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.catalog import Catalog, open_catalog
from airdub.clearance import allowed_speakers
from airdub.consents import USED_SPEAKERS, Consent, Use, consent_folder
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

    @contextmanager
    def traced(self, store: ArtifactStore, request: StageRequest) -> Iterator[None]:
        """Around the work on a request: see `traced`."""
        own = {consent_folder(self._stage, one): one for one in self._granted.values()}
        with traced(self._settings, store, request.output_key, request.inputs.values(), own):
            yield

    def note(self, result: StageResult) -> None:
        """Record whose consent the result was made under."""
        if self._use is None:
            return
        speakers = result.measurements.get(USED_SPEAKERS)
        used = speakers if isinstance(speakers, list) else self._granted
        ids = [self._granted[name] for name in used if name in self._granted]
        with open_catalog(self._settings.catalog_url) as catalog:
            catalog.note_uses(self._run_id, self._stage, self._use, ids)


@contextmanager
def traced(
    settings: Settings,
    store: ArtifactStore,
    folder: str,
    made_from: Iterable[ArtifactRef],
    own: dict[str, str] | None = None,
) -> Iterator[None]:
    """Around the making of a folder: what holds a voice or a face can be found when it must go.

    The folder is noted before anything is written to it, under the consents of all that it is made
    from. Nothing is made of what is about to be erased, and what was made while one of them was
    revoked is thrown away: the revocation may have looked too early to see it.

    Args:
        own: further consents, by the folder in which what they are about is cached.

    Raises:
        PolicyRefused: a consent was revoked.
    """
    with open_catalog(settings.catalog_url) as catalog:
        inherited = catalog.traced(_folder_of(ref.key) for ref in made_from)
        caches = own or {}
        ids = inherited | set(caches.values())
        gone = _revoked(catalog, ids)
        _refuse([one for one in gone if one in caches.values() or not gone[one].erased_at], folder)
        ids -= gone.keys()  # all that was made under them is erased: what is there was made anew
        catalog.trace([folder], ids)
        for cache, consent_id in caches.items():
            catalog.trace([cache], [consent_id])
    yield
    if not ids:
        return
    with open_catalog(settings.catalog_url) as catalog:
        revoked = _revoked(catalog, ids)
    if revoked:
        for place in (folder, *(cache for cache, one in caches.items() if one in revoked)):
            store.delete(place)
    _refuse(revoked, folder)


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
