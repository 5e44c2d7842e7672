"""What a series keeps reaches the stages of its episodes, and comes from published ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from airdub.catalog import open_catalog
from airdub.continuity.documents import ApprovedLines, GlossaryTerm
from airdub.library.documents import FileBeside, SourceVersion, Title
from airdub.model import Document
from airdub.requests import StageRequest
from airdub.results import load_result
from airdub.settings import load_settings
from airdub.transcript import Line, Lines
from operators.ingest import IngestOperator
from operators.publish import publish_task
from operators.references import Source
from operators.release_gate import ReleaseGateOperator
from operators.stage_process import StageProcessOperator
from tests.builders import stored, transcript

from .conftest import Flow
from .pipeline import ORDER, deliver, run_all

ENGINE, HERS = "espeak_ng", "roa/es+f2"


@pytest.fixture
def episode(flow: Flow) -> Flow:
    """The film as an episode of a series."""
    file = FileBeside(
        ending="", location=flow.params["source"], sha256="a" * 64, bytes=1, stamp="1"
    )
    version = SourceVersion.of("film", [file], 2.0)
    title = Title(
        title_id="film", name="Film", series_id="tower", source_language="en",
        location=file.location, version=version.version, duration_s=2.0,
    )  # fmt: skip
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.register(title, version)
    return flow


def keep(name: str, voice: str) -> None:
    """Let a character have a voice."""
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.set_voice("tower", name, voice, language="es", engine=ENGINE, who="eva")


def spoken_with(flow: Flow) -> dict[str, object]:
    """The parameters of the request that synthesize was given last."""
    stored_keys = flow.store.list("work/synthesize")
    requests = [key for key in stored_keys if re.search(r"/requests/[0-9a-f]{32}\.json$", key)]
    newest = max(requests, key=lambda key: flow.store.facts(key)[1])
    return StageRequest.model_validate_json(flow.store.read(newest)).parameters


def synthesize(flow: Flow) -> None:
    """Run the stage on a transcript in which two people speak."""
    source = transcript((0, 1, "Hello."), (1, 2, "Who is it?"))
    names = ("ANNA", "BEN")
    segments = tuple(
        one.model_copy(update={"speaker": name})
        for one, name in zip(source.segments, names, strict=True)
    )
    outputs = {}
    for name, text in (
        ("transcript", source.model_copy(update={"segments": segments}).to_json()),
        ("lines", b"lines"),
    ):
        flow.store.write(f"made/{name}", text)
        outputs[name] = flow.store.put(
            flow.store.local_path(f"made/{name}"), f"made/{name}", "application/json"
        )
    ingest = load_result(flow.store, flow.xcoms["ingest"]["result_key"])
    assert ingest
    made = ingest.model_copy(update={"outputs": outputs})
    flow.store.write("made/result.json", made.to_json())
    flow.xcoms["made"] = {"result_key": "made/result.json", "fingerprint": "", "cached": False}
    inputs = {name: Source("made", name) for name in outputs}
    flow.run(StageProcessOperator(task_id="synthesize", stage="synthesize", inputs=inputs))


def test_synthesize_is_told_the_voices_of_those_who_speak(episode: Flow) -> None:
    episode.run(IngestOperator(task_id="ingest"))
    synthesize(episode)
    assert "voices" not in spoken_with(episode)
    keep("Anna", HERS)
    keep("CLEO", "roa/es")
    synthesize(episode)
    assert spoken_with(episode)["voices"] == {"ANNA": HERS}
    assert episode.starts("synthesize") == 2
    synthesize(episode)
    assert episode.starts("synthesize") == 2


def test_a_dub_that_has_the_kept_voices_anyway_is_a_cache_hit(episode: Flow) -> None:
    episode.run(IngestOperator(task_id="ingest"))
    synthesize(episode)
    tell(episode, "synthesize")
    keep("ANNA", HERS)
    synthesize(episode)
    assert episode.starts("synthesize") == 1
    keep("ANNA", "roa/es+f4")
    synthesize(episode)
    assert episode.starts("synthesize") == 2
    assert spoken_with(episode)["voices"] == {"ANNA": "roa/es+f4"}


def test_ingest_hands_on_the_words_of_the_series(episode: Flow) -> None:
    term = GlossaryTerm(source_language="en", language="es", source="mill", target="molino")
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.set_terms("tower", [term])
    reference = episode.run(IngestOperator(task_id="ingest"))
    result = load_result(episode.store, reference["result_key"])
    assert result
    assert sorted(result.outputs) == ["series_glossary", "source"]
    assert b"mill,molino" in episode.store.read(result.outputs["series_glossary"].key)
    assert episode.run(IngestOperator(task_id="ingest"))["cached"]


def tell(flow: Flow, stage: str, **documents: Document) -> None:
    """Let a stage's result hold what the real stage would say."""
    key = flow.xcoms[stage]["result_key"]
    result = load_result(flow.store, key)
    assert result
    outputs = {name: stored(flow.store, f"{stage}-{name}", one) for name, one in documents.items()}
    said = {"outputs": result.outputs | outputs}
    if stage == "synthesize":
        said["measurements"] = {"speaker_voices": {"ANNA": HERS}}
    flow.store.write(key, result.model_copy(update=said).to_json())


def publish(flow: Flow) -> None:
    """Dub the episode and publish it."""
    run_all(flow)
    tell(flow, "synthesize")
    tell(flow, "transcribe", transcript=transcript((0, 1, "Hello."), (1, 2, "Bye.")))
    lines = (Line(segment_id="s0001", text="Hola."), Line(segment_id="s0002", text="Adiós."))
    said = Lines(source_language="en", target_language="es", lines=lines)
    tell(flow, "translate", lines=said)
    deliver(flow)
    flow.run(ReleaseGateOperator(task_id="release_gate", stages=ORDER, draft="draft"))
    with open_catalog(load_settings().catalog_url) as catalog:
        assert catalog.characters("tower") == [], "a draft decides nothing"
    flow.run(publish_task())


def test_a_published_episode_hands_on_its_voices_and_its_lines(episode: Flow) -> None:
    publish(episode)
    for _ in range(2):
        with open_catalog(load_settings().catalog_url) as catalog:
            kept = catalog.character_voices("tower", "es", ENGINE)
            (voice,) = catalog.voices_of_series("tower")
        assert kept == {"anna": HERS}
        assert (voice.title_id, voice.who) == ("film", "")
        episode.run(publish_task())
    episode.run_id = "run-2"
    again = episode.run(IngestOperator(task_id="ingest"))
    assert again["cached"], "the same files are the same input"
    Path(episode.params["source"]).write_bytes(b"other pictures")
    reference = episode.run(IngestOperator(task_id="ingest"))
    result = load_result(episode.store, reference["result_key"])
    assert result
    approved = ApprovedLines.model_validate_json(episode.store.read(result.outputs["approved"].key))
    assert [(line.source, line.target) for line in approved.lines] == [
        ("Hello.", "Hola."),
        ("Bye.", "Adiós."),
    ]
