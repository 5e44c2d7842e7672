"""Judged runs that lie in a store and a catalogue as `dub_video` leaves them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.catalog import open_catalog
from airdub.drafts import Draft, StageRecord
from airdub.gates import Code, Consequence, Reason, Verdict
from airdub.judgements import DubRun, Judgement, StageUse, sound_rows
from airdub.lips import ChangedFace, Lips
from airdub.media import AudioFacts, MediaFacts, VideoFacts
from airdub.metrics import MetricTable
from airdub.model import Document
from airdub.orders import DubOrder
from airdub.releases import Place
from airdub.repair.plan import RepairPlan
from airdub.requests import EngineRef, Provenance, StageResult
from airdub.settings import Settings, load_settings
from airdub.timing import FitPlan, Placement
from tests.unit.airdub.catalog.judged import TITLE_ID, judgement
from tests.unit.airdub.gates.tables import good_table

LANGUAGE = "es-419"
PLACE = Place(TITLE_ID, LANGUAGE)
SECOND = 48_000

ENGINES = {
    "probe": "ffprobe",
    "synthesize": "espeak_ng",
    "convert_voice": "world",
    "mix": "fit",
    "lipsync": "hybrid",
    "mux": "ffmpeg",
    "evaluate": "metrics",
}


def settings_at(folder: Path, releases_url: str, **environ: str) -> Settings:
    """An installation below a folder."""
    return load_settings(
        {"AIRDUB_VAR": str(folder / "var"), "AIRDUB_RELEASES": releases_url, **environ}
    )


def film_facts(**changes: Any) -> MediaFacts:
    """Ten seconds at 29.97 frames a second."""
    fields: dict[str, Any] = {
        "container": "mov",
        "duration": "10",
        "timecode": "",
        "video": VideoFacts(
            index=0, codec="h264", width=64, height=48, frame_rate="30000/1001",
            time_base="1/30000", frames=300, pixel_format="yuv420p",
        ),
        "audio": (AudioFacts(index=1, codec="aac", sample_rate_hz=48_000, channels=2, layout=""),),
    }  # fmt: skip
    return MediaFacts.model_validate(fields | changes)


def placement(number: int, start_s: float, length_s: float = 1.0) -> Placement:
    start, length = round(start_s * SECOND), round(length_s * SECOND)
    return Placement(
        segment_id=f"s{number:04}", speaker="speaker_1", start=start, take_length=length,
        natural_length=length, stretched_length=length, source_start=start,
        source_end=start + length,
    )  # fmt: skip


PLACEMENTS = FitPlan(
    duration=10 * SECOND, placements=tuple(placement(number, 2.0 * number) for number in (1, 2, 3))
)
LIPS = Lips(
    engine="hybrid",
    frames=300,
    changed=((60, 90),),
    faces=(ChangedFace(identity="face_1", speakers=("speaker_1",), rewritten=20, warped=10),),
)


class Library:
    """An installation with judged runs of one title.

    Attributes:
        settings: of the installation.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = ArtifactStore(settings.store_url)

    def judged(
        self,
        run_id: str = "run",
        consequence: Consequence | str = Consequence.PUBLISH,
        *,
        deliverable: bytes | Path = b"moving pictures" * 1000,
        suffix: str = ".mp4",
        facts: MediaFacts | None = None,
        lips: Lips = LIPS,
        reasons: tuple[Reason, ...] | None = None,
        attempt: int = 1,
        parent: str | None = None,
        plan: RepairPlan | None = None,
        profile: str = "embedded",
        warnings: tuple[str, ...] = (),
        measurements: dict[str, dict[str, Any]] | None = None,
        values: dict[str, Any] | None = None,
        source_sha256: str = "a" * 64,
    ) -> Judgement:
        """Put a judged run into store and catalogue."""
        files = self._files(run_id, deliverable, suffix)
        table = _table(run_id, files["deliverable"].sha256, values or {})
        made: dict[str, tuple[str, Document]] = {
            "probe": ("facts", facts or film_facts()),
            "mix": ("placements", PLACEMENTS),
            "lipsync": ("lips", lips),
            "evaluate": ("metrics", table),
        }
        results = {
            stage: self._result(
                run_id, stage, made.get(stage), warnings, (measurements or {}).get(stage, {})
            )
            for stage in ENGINES
        }
        run = {"parent_run_id": parent, "profile": profile, "source_sha256": source_sha256}
        run["manifest"] = self._draft(run_id, files, results)
        plain = judgement(run_id, consequence, attempt=attempt, evaluation=table.fingerprint)
        whole = plain.model_copy(
            update={
                "run": DubRun.model_validate(plain.run.model_dump() | run),
                "stages": tuple(_use(run_id, result) for result in results.values()),
                "verdict": _because(plain.verdict, reasons),
                "plan": plan or plain.plan,
                "table": table.rows,
            }
        )
        with open_catalog(self.settings.catalog_url) as catalog:
            catalog.record_judgement(whole)
        return whole

    def _draft(
        self, run_id: str, files: dict[str, ArtifactRef], results: dict[str, StageResult]
    ) -> str:
        """Write the draft; its manifest's key."""
        manifest = f"drafts/{TITLE_ID}/{LANGUAGE}/{run_id}/manifest.json"
        draft = Draft(
            order=DubOrder(source="/film.mp4", source_language="en", target_language=LANGUAGE),
            digest=run_id,
            duration_s=10.0,
            files=files,
            stages={s: StageRecord.of(r) for s, r in results.items() if s != "evaluate"},
        )
        self.store.write(manifest, draft.to_json())
        return manifest

    def _files(self, run_id: str, deliverable: bytes | Path, suffix: str) -> dict[str, ArtifactRef]:
        data = deliverable if isinstance(deliverable, bytes) else deliverable.read_bytes()
        srt = b"1\n00:00:02,000 --> 00:00:03,000\n\xc2\xa1Hola!\n"
        return {
            "deliverable": self._put(f"drafts/{run_id}/film{suffix}", data, "video/mp4"),
            "subtitles_srt": self._put(f"drafts/{run_id}/film.srt", srt, "application/x-subrip"),
            "subtitles_vtt": self._put(f"drafts/{run_id}/film.vtt", b"WEBVTT\n", "text/vtt"),
            "dialogue_stem": self._put(f"drafts/{run_id}/film.dialogue.wav", b"RIFF", "audio/wav"),
        }

    def _put(self, key: str, data: bytes, media_type: str) -> ArtifactRef:
        self.store.write(key, data)
        return self.store.put(self.store.local_path(key), key, media_type)

    def _result(
        self,
        run_id: str,
        stage: str,
        made: tuple[str, Document] | None,
        warnings: tuple[str, ...],
        measurements: dict[str, Any],
    ) -> StageResult:
        folder = f"work/{stage}/{run_id}"
        outputs = {}
        if made:
            name, document = made
            outputs[name] = self._put(
                f"{folder}/{name}.json", document.to_json(), "application/json"
            )
        result = StageResult(
            stage=stage,
            fingerprint=f"{stage} of {run_id}",
            outputs=outputs,
            provenance=Provenance(
                engine=EngineRef(name=ENGINES[stage], version="1", programs={"ffmpeg": "5.1"}),
                licence="Apache-2.0",
            ),
            wall_s=1.0,
            measurements=measurements,
            warnings=warnings if stage == "mux" else (),
        )
        self.store.write(f"{folder}/result.json", result.to_json())
        return result


def _table(run_id: str, deliverable: str, values: dict[str, Any]) -> MetricTable:
    """Metrics that pass, but for these values."""
    print_ = f"evaluation of {run_id}"
    measured = [
        row | {"fingerprint": print_, "value": values.get(row["metric"], row["value"])}
        for row in good_table()
    ]
    rows = sound_rows(measured, print_)
    return MetricTable(fingerprint=print_, language=LANGUAGE, deliverable=deliverable, rows=rows)


def _use(run_id: str, result: StageResult) -> StageUse:
    return StageUse(
        stage=result.stage, engine=ENGINES[result.stage], fingerprint=result.fingerprint,
        result_key=f"work/{result.stage}/{run_id}/result.json", cached=False, wall_s=1,
    )  # fmt: skip


def _because(verdict: Verdict, reasons: tuple[Reason, ...] | None) -> Verdict:
    """The verdict for these reasons; None: for its own, of which none blocks what is published."""
    if reasons is None:
        passed = verdict.consequence is Consequence.PUBLISH
        reasons = tuple(one for one in verdict.reasons if not (passed and one.blocking))
    return verdict.model_copy(update={"reasons": reasons})


def reason(
    metric: str = "word_error_rate",
    scope: str = "s0002",
    *,
    code: Code = Code.OUT_OF_BOUNDS,
    blocking: bool = True,
    text: str = "",
    **fields: Any,
) -> Reason:
    """A gate's reason."""
    return Reason(
        code=code, metric=metric, scope=scope, text=text or f"{metric} of {scope} is out of bounds",
        consequence=Consequence.REVIEW, blocking=blocking, **fields,
    )  # fmt: skip
