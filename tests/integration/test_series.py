"""Two episodes through the real engines: a voice is kept, and lines of a changed source too.

The tasks are run by hand up to the spoken takes; publication is what the catalogue records of it.
"""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path
from typing import Any

import pytest

from airdub.artifacts import file_digest
from airdub.catalog import Release, open_catalog
from airdub.continuity.documents import GlossaryTerm
from airdub.continuity.voices import record_voices
from airdub.gates import Consequence
from airdub.judgements import DubRun, StageUse
from airdub.library.documents import FileBeside, SourceVersion, Title
from airdub.model import Document
from airdub.results import load_result
from airdub.settings import load_settings
from airdub.stages import STAGES
from airdub.transcript import Lines, Takes
from operators.ingest import OUTPUTS, IngestOperator
from operators.references import Source, pull_results
from operators.stage_process import StageProcessOperator
from tests.airflow_home import PROJECT
from tests.unit.airdub.catalog.judged import judgement
from tests.unit.operators.conftest import Flow

SPOKEN = ("probe", "extract_audio", "separate", "transcribe", "translate", "synthesize")
LOW, HIGH = "rms", "slt"  # flite's; espeak-ng's Spanish for them are roa/es and roa/es+f2
GAP_S = 0.6

Lined = tuple[str, str, str]
"""Who speaks, by which voice of flite, what."""


def film(path: Path, lines: tuple[Lined, ...]) -> None:
    """A grey film in which the lines are spoken, with its script beside it."""
    sound, cues, at_s, params = [], [], GAP_S, None
    for number, (who, voice, text) in enumerate(lines, 1):
        wav = path.with_suffix(f".{number}.part")
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", wav], check=True)
        with wave.open(str(wav)) as stream:
            params = stream.getparams()
            spoken = stream.readframes(params.nframes)
        wav.unlink()
        length_s = params.nframes / params.framerate
        sound += [bytes(int(GAP_S * params.framerate) * params.sampwidth), spoken]
        cues.append(f"{number}\n{_time(at_s)} --> {_time(at_s + length_s)}\n{who}: {text}\n")
        at_s += length_s + GAP_S
    whole = path.with_suffix(".whole.part")
    with wave.open(str(whole), "wb") as stream:
        assert params
        stream.setparams(params)
        stream.writeframes(b"".join(sound))
    grey = ["-f", "lavfi", "-i", "color=gray:size=128x128:rate=25"]
    subprocess.run(
        ["ffmpeg", "-v", "error", *grey, "-i", whole, "-shortest", "-c:a", "aac", "-y", path],
        check=True,
    )
    whole.unlink()
    path.with_suffix(".srt").write_text("\n".join(cues))


def _time(at_s: float) -> str:
    whole = round(at_s * 1000)
    return f"00:00:{whole // 1000:02},{whole % 1000:03}"


class Series:
    """Episodes of one series, dubbed into Spanish."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow

    def dub(self, title_id: str, run_id: str) -> None:
        """Run the tasks up to the takes."""
        source = self.flow.folder / f"{title_id}.mp4"
        self._register(title_id, source)
        self.flow.run_id = run_id
        self.flow.params |= {"title_id": title_id, "source": str(source)}
        self.flow.run(IngestOperator(task_id="ingest"))
        made = {name: Source("ingest", name) for name in OUTPUTS}
        for stage in SPOKEN:
            wired = {port.name: made[port.name] for port in STAGES[stage].inputs}
            self.flow.run(StageProcessOperator(task_id=stage, stage=stage, inputs=wired))
            made |= {port.name: Source(stage, port.name) for port in STAGES[stage].outputs}

    def _register(self, title_id: str, source: Path) -> None:
        digest, size = file_digest(source)
        file = FileBeside(ending="", location=str(source), sha256=digest, bytes=size, stamp="1")
        version = SourceVersion.of(title_id, [file], 5.0)
        title = Title(
            title_id=title_id, name=title_id, series_id="tower", source_language="en",
            location=str(source), version=version.version, duration_s=5.0,
        )  # fmt: skip
        with open_catalog(load_settings().catalog_url) as catalog:
            catalog.register(title, version)

    def publish(self) -> None:
        """Record the run that was dubbed last as published."""
        upstream = pull_results(self.flow.context("publish"), self.flow.store, ["ingest", *SPOKEN])
        uses = tuple(
            StageUse(
                stage=result.stage, engine=result.provenance.engine.name, cached=False, wall_s=1,
                fingerprint=result.fingerprint, result_key=reference["result_key"],
            )
            for reference, result in upstream.values()
        )  # fmt: skip
        of = {"title_id": self.flow.params["title_id"], "language": "es"}
        run_id = self.flow.run_id
        judged = judgement(run_id, Consequence.PUBLISH, stages=uses)
        run = DubRun.model_validate(judged.run.model_dump() | of)
        verdict = judged.verdict.model_copy(update={"language": "es"})
        release = Release(
            release_id=f"release of {run_id}", run_id=run_id, folder="x", sha256="b" * 64, **of
        )
        with open_catalog(load_settings().catalog_url) as catalog:
            known = judged.model_copy(update={"run": run, "verdict": verdict})
            catalog.record_judgement(known)
            catalog.record_release(release)
            record_voices(catalog, self.flow.store, release)

    def result(self, stage: str) -> Any:
        """Of the run that was dubbed last."""
        return load_result(self.flow.store, self.flow.xcoms[stage]["result_key"])

    def document(self, stage: str, name: str, kind: type[Document]) -> Any:
        """What a stage of it said."""
        return kind.model_validate_json(self.flow.store.read(self.result(stage).outputs[name].key))


@pytest.fixture
def series(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Series:
    """An empty installation with the real stages."""
    python = PROJECT / ".venv-stages" / "bin" / "python"
    monkeypatch.setenv("AIRDUB_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("AIRDUB_STAGES_PYTHON", str(python))
    for name in ("AIRDUB_STORE", "AIRDUB_CATALOG", "AIRDUB_SOURCE_ROOTS"):
        monkeypatch.delenv(name, raising=False)
    return Series(Flow(tmp_path))


def test_a_series_keeps_voices_and_words_and_a_new_version_its_lines(series: Series) -> None:
    folder = series.flow.folder
    one = (("ANNA", HIGH, "The house is big."), ("BEN", LOW, "The old mill is closed."))
    film(folder / "tower-e1.mp4", one)
    edited = (folder / "tower-e1.srt").read_text().replace(one[0][2], "¡Qué casa tan enorme!")
    (folder / "tower-e1.es.srt").write_text(edited.replace(one[1][2], "El molino ha cerrado."))
    series.dub("tower-e1", "run-1")
    assert series.result("synthesize").measurements["speaker_voices"] == {
        "ANNA": "roa/es+f2",
        "BEN": "roa/es",
    }
    series.publish()

    film(folder / "tower-e2.mp4", (("Anna", LOW, "I see the old mill."),))
    term = GlossaryTerm(source_language="en", language="es", source="old mill", target="Molino")
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.set_terms("tower", [term])
    series.dub("tower-e2", "run-2")
    (take,) = series.document("synthesize", "takes", Takes).takes
    assert take.voice == "roa/es+f2", "her pitch alone would give her roa/es"
    (line,) = series.document("translate", "lines", Lines).lines
    assert "Molino" in line.text

    script = folder / "tower-e1.srt"
    script.write_text(script.read_text().replace("The old mill is", "The garden is"))
    (folder / "tower-e1.es.srt").unlink()
    series.dub("tower-e1", "run-3")
    kept, anew = series.document("translate", "lines", Lines).lines
    assert (kept.text, kept.method) == ("¡Qué casa tan enorme!", "script")
    assert "jardín" in anew.text
    assert series.result("translate").measurements["lines_approved"] == 1
    assert series.result("synthesize").measurements["items_computed"] == 1
