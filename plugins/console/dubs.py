"""A run's dub as the store has it: what was asked, what was made, and who says what when."""

from __future__ import annotations

from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, TypeVar

from pydantic import ValidationError

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.drafts import Draft, RunSummary, order_key, summary_key
from airdub.errors import InvalidInput
from airdub.model import Document
from airdub.orders import DubOrder
from airdub.requests import StageResult, output_key
from airdub.results import load_result
from airdub.timing import FitPlan
from airdub.transcript import Lines, Segment, Transcript
from airdub.units import ticks_to_seconds

_Found = TypeVar("_Found", bound=Document)


class StageView(Document):
    """A stage's part in the run."""

    stage: str
    engine: str
    version: str
    cached: bool
    wall_s: float
    warnings: tuple[str, ...]


class LineView(Document):
    """A line in both languages; times in seconds from the first instant of the video.

    Attributes:
        start_s, end_s: of the original speech.
        dub_start_s, dub_end_s: of the dubbed line; None where none was placed.
        action: dub, keep (the original voice stays) or subtitle.
    """

    id: str
    speaker: str
    action: str
    start_s: float
    end_s: float
    dub_start_s: float | None = None
    dub_end_s: float | None = None
    text: str
    target_text: str


class Dub:
    """The draft that a run ended in, with the results behind it.

    Raises:
        NoDub: the run has none (yet).
    """

    FILES = {  # noqa: RUF012
        "source": ("ingest", "source"),
        "source_sound": ("extract_audio", "original"),
        "source_dialogue": ("separate", "dialogue"),
        "dub_sound": ("mix", "mix"),
    }
    """Files of the run that the page plays, by the stage and output that they are."""

    PLACED = {  # noqa: RUF012
        "dub": "deliverable",
        "dub_dialogue": "dialogue_stem",
        "subtitles": "subtitles_vtt",
    }
    """The same of the draft's own files."""

    def __init__(self, store: ArtifactStore, run_id: str) -> None:
        self.run_id = run_id
        self._store = store
        try:
            self.summary = RunSummary.model_validate_json(store.read(summary_key(run_id)))
            self.draft = Draft.model_validate_json(store.read(self.summary.manifest))
        except (FileNotFoundError, InvalidInput, ValidationError) as error:
            raise NoDub(run_id) from error
        self.order = self._own_order() or self.draft.order

    def file(self, name: str) -> ArtifactRef | None:
        """A file of the run by its name in `FILES` or `PLACED`; None when there is none (left)."""
        if name in self.PLACED:
            return self.draft.files.get(self.PLACED[name])
        stage, output = self.FILES.get(name, ("", ""))
        result = self._result(stage)
        ref = result.outputs.get(output) if result else None
        return ref if ref and self._store.holds(ref) else None  # sweeping removes what is bulky

    def view(self) -> dict[str, Any]:
        """What the page shows, as JSON values."""
        order = self.order
        return {
            "run_id": self.run_id,
            "title_id": order.title_id,
            "source_language": order.source_language,
            "language": order.target_language,
            "profile": order.profile,
            "source_name": self.source_name,
            "duration_s": self.draft.duration_s,
            "stages": [stage.model_dump() for stage in self.stages],
            "lines": [line.model_dump() for line in self.lines],
            "files": [name for name in (*self.FILES, *self.PLACED) if self.file(name)],
            "downloads": [
                {"name": name, "key": ref.key, "bytes": ref.bytes}
                for name, ref in self.draft.files.items()
            ],
        }

    @property
    def stages(self) -> list[StageView]:
        """In the pipeline's order."""
        return [
            StageView(
                stage=stage,
                engine=record.provenance.engine.name,
                version=record.provenance.engine.version,
                cached=self.summary.cached.get(stage, False),
                wall_s=record.wall_s,
                warnings=record.warnings,
            )
            for stage, record in self.draft.stages.items()
        ]

    @property
    def source_name(self) -> str:
        """The video's file name; where it lies on the server is nobody's business."""
        return PurePosixPath(self.order.source).name

    @cached_property
    def lines(self) -> list[LineView]:
        """In order of the original speech; empty when the results are gone from the store."""
        transcript = self._document("transcribe", "transcript", Transcript)
        if transcript is None:
            return []
        script = self._document("translate", "lines", Lines)
        fit = self._document("mix", "placements", FitPlan)
        texts = {line.segment_id: line.text for line in script.lines} if script else {}
        placed = {one.segment_id: (one.start, one.end) for one in fit.placements} if fit else {}
        return [
            _line_view(segment, texts.get(segment.id, ""), placed.get(segment.id))
            for segment in transcript.segments
        ]

    def _own_order(self) -> DubOrder | None:
        """What this run was asked: a draft keeps the first order that led to it."""
        try:
            return DubOrder.model_validate_json(self._store.read(order_key(self.run_id)))
        except (FileNotFoundError, ValidationError):
            return None

    def _document(self, stage: str, output: str, kind: type[_Found]) -> _Found | None:
        result = self._result(stage)
        if result is None or output not in result.outputs:
            return None
        try:
            return kind.model_validate_json(self._store.read(result.outputs[output].key))
        except (FileNotFoundError, ValidationError):
            return None

    def _result(self, stage: str) -> StageResult | None:
        record = self.draft.stages.get(stage)
        if record is None:
            return None
        return load_result(self._store, f"{output_key(stage, record.fingerprint)}/result.json")


class NoDub(Exception):
    """The run has made no dub, or not yet."""


def _line_view(segment: Segment, text: str, placed: tuple[int, int] | None) -> LineView:
    start, end = placed or (None, None)
    return LineView(
        id=segment.id,
        speaker=segment.speaker,
        action=segment.action.value,
        start_s=_seconds(segment.start),
        end_s=_seconds(segment.end),
        dub_start_s=None if start is None else _seconds(start),
        dub_end_s=None if end is None else _seconds(end),
        text=segment.text,
        target_text=text,
    )


def _seconds(ticks: int) -> float:
    return round(ticks_to_seconds(ticks), 3)
