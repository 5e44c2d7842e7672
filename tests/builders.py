"""Small real things for tests: stores, stage contexts, tones, transcripts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.media import AudioFacts, MediaFacts, VideoFacts
from airdub.model import Document
from airdub.requests import EngineRef, StageRequest, build_request
from airdub.transcript import Segment, Transcript
from airdub.units import CLOCK_HZ


def local_store(folder: Path) -> ArtifactStore:
    """An empty store of plain files."""
    return ArtifactStore((folder / "store").absolute().as_uri())


def stored(store: ArtifactStore, name: str, value: Path | Document) -> ArtifactRef:
    """Put a file or a document into a store under `inputs/`."""
    if isinstance(value, Document):
        key = f"inputs/{name}.json"
        store.write(key, value.to_json())
        return store.put(store.local_path(key), key, "application/json")
    return store.put(value, f"inputs/{name}{value.suffix}", "application/octet-stream")


def stage_request(
    store: ArtifactStore,
    stage: str,
    engine: str,
    parameters: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Path | Document] | None = None,
) -> StageRequest:
    """A request whose inputs lie in the store; its engine states no versions."""
    return build_request(
        stage,
        EngineRef(name=engine, version="1"),
        {name: stored(store, name, value) for name, value in (inputs or {}).items()},
        attempt_id="attempt",
        parameters=dict(parameters or {}),
    )


def stage_context(  # type: ignore[no-untyped-def]
    folder: Path,
    stage: str,
    engine: str,
    parameters: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Path | Document] | None = None,
):
    """A `StageContext` over a store in the folder, as the runner would build it.

    Call `context.store_outputs()` after the stage to get its artifacts.
    """
    from model_images.runner.context import StageContext

    store = local_store(folder)
    request = stage_request(store, stage, engine, parameters, inputs)
    work = store.local_path(request.attempt_key)
    work.mkdir(parents=True, exist_ok=True)
    return StageContext(request, store, work, lambda done, total, unit: None)


def seconds(value: float) -> int:
    """Ticks of a length in seconds, for readable tests."""
    return round(value * CLOCK_HZ)


def transcript(
    *segments: tuple[float, float, str], language: str = "en", duration_s: float = 60.0
) -> Transcript:
    """A transcript from (start_s, end_s, text) triples."""
    return Transcript(
        language=language,
        duration=seconds(duration_s),
        method="test",
        segments=tuple(
            Segment(id=f"s{number:04d}", start=seconds(start), end=seconds(end), text=text)
            for number, (start, end, text) in enumerate(segments, 1)
        ),
    )


def film_facts(duration_s: float = 5, *, timecode: str = "") -> MediaFacts:
    """Of a small film with sound."""
    video = VideoFacts(
        index=0,
        codec="h264",
        width=64,
        height=64,
        frame_rate="25/1",
        time_base="1/25",
        frames=round(25 * duration_s),
        pixel_format="yuv420p",
    )
    audio = AudioFacts(index=1, codec="aac", sample_rate_hz=48_000, channels=1, layout="mono")
    length = f"{round(duration_s * 1000)}/1000"
    return MediaFacts(
        container="mp4", duration=length, video=video, audio=(audio,), timecode=timecode
    )
