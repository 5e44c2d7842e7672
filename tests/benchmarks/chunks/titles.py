"""Videos with somebody who speaks, in a size and a length, and what both stages ask for of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from airdub.faces import Faces
from airdub.media import MediaFacts
from airdub.model import Document
from airdub.timing import FitPlan
from airdub.units import CLOCK_HZ
from model_images.common.programs import run_program
from model_images.runner.chunks import Site
from model_images.runner.context import StageContext
from tests.benchmarks.chunks.specs import Spec
from tests.benchmarks.loops import loop
from tests.builders import local_store, stage_request
from tests.media.containers import describe
from tests.media.film import TICKS_PER_FRAME
from tests.talking_clips import mono_16k, plan_of, probed, speech

SIZES = {"512x512": (512, 512), "1920x1080": (1920, 1080)}

_ENGINES = {"track_faces": "tflite", "lipsync": "hybrid"}

_DUB = "Good morning to my many old friends, today we talk about the boats of the bay"
_LINES_S = (1.0, 8.0)
"""Where the sample is dubbed, each time that it comes again: about half of its frames change."""

_LINE_S = 4.5


@dataclass(frozen=True)
class Video:
    """A sample, again and again.

    Attributes:
        folder: of this video alone; its store lies there.
        turn_s: length of the sample.
    """

    path: Path
    folder: Path
    facts: MediaFacts
    turn_s: float


class Asked(Exception):
    """Chunks that a stage asked for."""

    def __init__(self, spec: Spec) -> None:
        super().__init__("chunks are asked for")
        self.spec = spec


class _Asking(StageContext):
    """A context whose stage comes no further than to its chunks."""

    def make_chunks(self, maker: Any, jobs: Any, *, unit: str = "frames") -> Any:
        site = Site(self._store.url, self.request.stage, self.request.engine, 1, self.scratch)
        raise Asked(Spec(maker, jobs, site))


def video(sample: Path, size: str, minutes: float, folder: Path) -> Video:
    """The sample in a size, enlarged to its height and with bars beside it, looped."""
    folder = folder / f"{sample.stem}_{size}_{minutes:g}_min"
    folder.mkdir(exist_ok=True)
    width, height = SIZES[size]
    scaled = folder / f"{sample.stem}.mp4"
    if not scaled.exists():
        fit = ["-vf", f"scale=-2:{height},pad={width}:{height}:-1:-1", "-c:v", "libx264"]
        command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(sample), *fit]
        command += ["-preset", "veryfast", "-crf", "18", "-c:a", "copy", str(scaled)]
        run_program(command, what="scaling a sample", where=size)
    path, _ = loop(scaled, minutes, folder)
    turn_s = describe(scaled)["frames"] * TICKS_PER_FRAME / CLOCK_HZ
    return Video(path, folder, probed(path, folder / "probe"), turn_s)


def faces_spec(of: Video) -> Spec:
    """What track_faces asks for."""
    return _asked(_tracking(of, _Asking))


def lips_spec(of: Video) -> Spec:
    """What lipsync asks for; faces are tracked, or what was tracked in this video is used."""
    tracking = _tracking(of, StageContext)
    _run(tracking)
    made = tracking.store_outputs()
    inputs = {
        "source": of.path,
        "facts": of.facts,
        "faces": Faces.model_validate_json(tracking.fetch(made["faces"]).read_bytes()),
        "landmarks": tracking.fetch(made["landmarks"]),
        "placements": _dub(of),
    }
    parameters = {"target_language": "en", "consented": {"speaker_1": "consent"}}
    return _asked(_context(_Asking, of, "lipsync", inputs, parameters))


def _tracking(of: Video, kind: type[StageContext]) -> StageContext:
    inputs = {"source": of.path, "facts": of.facts, "mono_16k": mono_16k(of.path)}
    return _context(kind, of, "track_faces", inputs, {})


def _asked(context: StageContext) -> Spec:
    try:
        _run(context)
    except Asked as asked:
        return asked.spec
    raise AssertionError("the stage asked for no chunk")


def _run(context: StageContext) -> None:
    import_module(f"model_images.{context.request.stage}.stage").run(context)


def _context(
    kind: type[StageContext],
    of: Video,
    stage: str,
    inputs: Mapping[str, Path | Document],
    parameters: Mapping[str, Any],
) -> StageContext:
    store = local_store(of.folder)
    request = stage_request(store, stage, _ENGINES[stage], parameters, inputs)
    work = store.local_path(request.attempt_key)
    work.mkdir(parents=True, exist_ok=True)
    return kind(request, store, work, lambda *_: None)


def _dub(of: Video) -> FitPlan:
    """Two lines each time that the sample comes again."""
    turns = round(of.facts.duration_ticks / CLOCK_HZ / of.turn_s)
    lines = []
    for start_s in (turn * of.turn_s + line for turn in range(turns) for line in _LINES_S):
        spoken_s = (start_s, start_s + _LINE_S)
        (line,) = plan_of(of.facts, speech(_DUB, "en"), start_s, source_s=spoken_s).placements
        lines.append(line.model_copy(update={"segment_id": f"s{len(lines) + 1:04d}"}))
    return FitPlan(duration=of.facts.duration_ticks, placements=tuple(lines))
