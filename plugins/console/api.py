"""Routes for data: runs, their files, and files of the store."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Response

from airdub.artifacts import ArtifactStore
from airdub.settings import load_settings
from plugins.console.dubs import Dub
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
def stored_file(store: Store, key: str, *, save: bool = False) -> StoredFile:
    """A file of a draft, a release or a gate by its key."""
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
    """What a run was asked for and what it made."""
    return dub.view()
