"""A finished run of `dub_video`: its record, its results and its files, small but whole."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import numpy as np
import soundfile

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.drafts import Draft, RunSummary, StageRecord, summary_key
from airdub.model import Document
from airdub.orders import DubOrder
from airdub.requests import EngineRef, Provenance, StageResult, output_key
from airdub.timing import FitPlan
from airdub.timing.plan import Placement
from airdub.transcript import Line, Lines, Segment, Transcript
from airdub.units import CLOCK_HZ, seconds_to_ticks

RUN_ID = "film.es.20261121T134720.1a12+b"
FOLDER = "drafts/film/es/abc"
VIDEO = bytes(range(256)) * 40


@dataclass(frozen=True)
class FinishedRun:
    """The run, and the store that it lies in."""

    store: ArtifactStore
    run_id: str
    draft: Draft


def finished_run(store: ArtifactStore, run_id: str = RUN_ID) -> FinishedRun:
    """Two lines of a film of 4 s, one of them dubbed; a click at 1 s in the dub's dialogue."""
    results = {
        "ingest": _result(store, "ingest", {"source": ("film.mp4", VIDEO)}),
        "extract_audio": _result(store, "extract_audio", {"original": ("o.wav", tone(2))}),
        "separate": _result(store, "separate", {"dialogue": ("d.wav", tone(2))}),
        "transcribe": _result(store, "transcribe", {"transcript": ("t.json", _transcript())}),
        "translate": _result(store, "translate", {"lines": ("l.json", _lines())}),
        "mix": _result(
            store, "mix", {"mix": ("m.wav", tone(2)), "placements": ("p.json", _timing())}
        ),
    }
    draft = Draft(
        order=DubOrder(
            title_id="film",
            source="/srv/videos/of/ours/film.mp4",
            source_language="en",
            target_language="es",
        ),
        digest="abc",
        duration_s=4.0,
        files={
            "deliverable": _put(store, f"{FOLDER}/film.es.mp4", VIDEO),
            "subtitles_vtt": _put(store, f"{FOLDER}/film.es.vtt", b"WEBVTT\n"),
            "dialogue_stem": _put(store, f"{FOLDER}/film.es.dialogue.wav", click()),
        },
        stages={name: StageRecord.of(result) for name, result in results.items()},
    )
    manifest = f"{FOLDER}/manifest.json"
    store.write(manifest, draft.to_json())
    cached = {name: name == "ingest" for name in results}
    summary = RunSummary(manifest=manifest, cached=cached)
    store.write(summary_key(run_id), summary.to_json())
    return FinishedRun(store, run_id, draft)


def tone(channels: int) -> bytes:
    """4 s of a tone at half of full scale."""
    wave = 0.5 * np.sin(np.arange(4 * CLOCK_HZ) / 20)
    return _wav(np.stack([wave] * channels, axis=1))


def click() -> bytes:
    """4 s of silence with one full-scale sample at 1 s."""
    wave = np.zeros((4 * CLOCK_HZ, 1))
    wave[CLOCK_HZ] = -1.0
    return _wav(wave)


def _wav(samples: np.ndarray) -> bytes:
    stream = io.BytesIO()
    soundfile.write(stream, samples, CLOCK_HZ, format="WAV", subtype="FLOAT")
    return stream.getvalue()


def _transcript() -> Transcript:
    return Transcript(
        language="en",
        duration=seconds_to_ticks(4),
        method="script",
        segments=(
            Segment(id="s0001", start=0, end=seconds_to_ticks(1), text="Good evening."),
            Segment(
                id="s0002", start=seconds_to_ticks(2), end=seconds_to_ticks(3), text="La la",
                action="keep",
            ),
        ),
    )  # fmt: skip


def _lines() -> Lines:
    line = Line(segment_id="s0001", text="Buenas noches.")
    return Lines(source_language="en", target_language="es", lines=(line,))


def _timing() -> FitPlan:
    length = seconds_to_ticks(1.25)
    placement = Placement(
        segment_id="s0001", speaker="speaker_1", start=4800, take_length=length,
        natural_length=length, stretched_length=length, source_start=0,
        source_end=seconds_to_ticks(1),
    )  # fmt: skip
    return FitPlan(duration=seconds_to_ticks(4), placements=(placement,))


def _result(
    store: ArtifactStore, stage: str, outputs: dict[str, tuple[str, bytes | Document]]
) -> StageResult:
    print_ = hashlib.sha256(stage.encode()).hexdigest()
    folder = output_key(stage, print_)
    refs = {
        name: _put(store, f"{folder}/{file}", data if isinstance(data, bytes) else data.to_json())
        for name, (file, data) in outputs.items()
    }
    result = StageResult(
        stage=stage,
        fingerprint=print_,
        outputs=refs,
        provenance=Provenance(engine=EngineRef(name="it", version="1")),
        wall_s=1.5,
    )
    store.write(f"{folder}/result.json", result.to_json())
    return result


def _put(store: ArtifactStore, key: str, data: bytes) -> ArtifactRef:
    store.write(key, data)
    digest = hashlib.sha256(data).hexdigest()
    return ArtifactRef(key=key, sha256=digest, bytes=len(data), media_type="x/y")
