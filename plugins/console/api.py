"""Routes for data: runs, their files, and files of the store."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Response

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog, open_catalog
from airdub.releases.keys import ROOT as RELEASES
from airdub.settings import load_settings
from plugins.console import decisions
from plugins.console.dubs import Dub, NoDub
from plugins.console.files import NotServed, StoredFile, public_key, real_key
from plugins.console.waveforms import peaks

api = APIRouter()


def _store() -> ArtifactStore:
    """Settings are read for each request, as tasks do."""
    return ArtifactStore(load_settings().store_url)


Store = Annotated[ArtifactStore, Depends(_store)]
RunId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.~:+-]{1,250}$")]


def _dub(store: Store, run_id: RunId) -> Dub:
    return Dub(store, run_id)


RunDub = Annotated[Dub, Depends(_dub)]


@api.api_route("/files/{key:path}", methods=["GET", "HEAD"])
def stored_file(key: str, *, save: bool = False) -> StoredFile:
    """A file of a draft, a release or a gate by its key."""
    settings = load_settings()
    released = key.startswith(f"{RELEASES}/")
    store = ArtifactStore(settings.releases_url if released else settings.store_url)
    return StoredFile(store, public_key(store, key), save=save)


@api.api_route("/api/runs/{run_id}/files/{name}", methods=["GET", "HEAD"])
def run_file(store: Store, dub: RunDub, name: str) -> StoredFile:
    """A file that the run's own record names: see `Dub.FILES`."""
    ref = dub.file(name)
    if ref is None:
        raise NotServed(name)
    real_key(store, ref.key)
    return StoredFile(store, ref.key)


@api.get("/api/runs/{run_id}/peaks/{side}")
def run_peaks(store: Store, dub: RunDub, side: Literal["source", "dub"]) -> Response:
    """Peaks of the dialogue, original or dubbed: bytes, see `waveforms.peaks`."""
    ref = dub.file(f"{side}_dialogue")
    if ref is None:
        raise NotServed(side)
    real_key(store, ref.key)
    return Response(peaks(store, ref), media_type="application/octet-stream")


@api.get("/api/runs/{run_id}")
def run(dub: RunDub) -> dict[str, Any]:
    """What a run was asked for, what it made, how it was judged, and what followed."""
    with _opened() as catalog:
        return {**dub.view(), **decisions.view(catalog, dub.run_id)}


@api.get("/api/runs/{run_id}/metrics")
def run_metrics(run_id: RunId) -> list[dict[str, Any]]:
    """Every value that the gate judged the run by."""
    with _opened() as catalog:
        return decisions.metrics(catalog, run_id)


@api.get("/api/reviews")
def reviews() -> list[dict[str, Any]]:
    """What waits for people, worst first."""
    with _opened() as catalog:
        return decisions.waiting(catalog)


@api.get("/api/reviews/{task_run_id}/dub")
def reviewed(task_run_id: RunId) -> dict[str, str]:
    """The run that people look at in a run of `review_dub`."""
    with _opened() as catalog:
        review = catalog.review_of_task(task_run_id)
    if review is None:
        raise NoDub(task_run_id)
    return {"run_id": review.best_run_id}


def _opened() -> AbstractContextManager[Catalog]:
    return open_catalog(load_settings().catalog_url)
