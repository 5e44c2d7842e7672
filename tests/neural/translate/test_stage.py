"""The whole stage by tiny checkpoints that have learned a handful of sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from airdub.engines import find_engine
from airdub.errors import DependencyUnavailable, InvalidInput, PolicyRefused
from airdub.profiles import Profile, Rule
from airdub.transcript import Lines, Transcript
from model_images.runner.context import StageContext
from model_images.translate.stage import run
from tests.builders import stage_context, transcript
from tests.neural.translate.checkpoints import PAIRS

ENGINES = ("nllb", "m2m100", "marian")
each_engine = pytest.mark.parametrize("engine", ENGINES)
LEARNED = dict(PAIRS)

pytestmark = pytest.mark.usefixtures("model_cache")


def said(*texts: str) -> Transcript:
    spans = [(3.0 * at, 3.0 * at + 2.8, text) for at, text in enumerate(texts)]
    return transcript(*spans, duration_s=3.0 * len(texts) + 1)


def job(
    folder: Path, source: Transcript, engine: str, to: str = "es", **inputs: Path
) -> StageContext:
    languages = {"source_language": source.language, "target_language": to}
    return stage_context(folder, "translate", engine, languages, {"transcript": source, **inputs})


def texts(context: StageContext) -> list[str]:
    run(context)
    written = Lines.model_validate_json(context.output("lines", ".json").read_bytes())
    return [line.text for line in written.lines]


@each_engine
def test_it_says_what_the_checkpoint_has_learned(tmp_path: Path, engine: str) -> None:
    source = ["Good morning.", "The house is big.", "Where is Anna? Bread.", "👍", ""]
    context = job(tmp_path, said(*source), engine)
    assert texts(context) == [
        "Buenos días.",
        "La casa es grande.",
        "¿Dónde está Ana? Pan.",
        "👍",
        "",
    ]
    lines = Lines.model_validate_json(context.output("lines", ".json").read_bytes()).lines
    assert [line.syllables for line in lines[:3]] == [4, 6, 7]
    assert {line.method for line in lines} == {engine}
    assert not any(line.over_budget for line in lines)
    assert context.n_scored == 5


@each_engine
def test_a_sentence_over_two_segments_is_one_for_the_model(tmp_path: Path, engine: str) -> None:
    source = said("I went to the market", "because I needed bread.")
    one, other = texts(job(tmp_path, source, engine))
    assert f"{one} {other}" == LEARNED["I went to the market because I needed bread."]
    assert one
    assert other


@each_engine
def test_terms_are_obeyed_or_the_line_is_told(tmp_path: Path, engine: str) -> None:
    glossary = tmp_path / "film.glossary.csv"
    glossary.write_text("source,target\nEverest,\nhouse,casona\nPeter,Pedro\n")
    source = said("Everest is big.", "Where is the house?", "Where is Peter?")
    context = job(tmp_path, source, engine, glossary=glossary)
    assert texts(context) == ["Everest es grande.", "¿Dónde está la casona?", "¿Dónde está Ana?"]
    assert context.warnings == ["s0003: 'Peter' is not 'Pedro' in '¿Dónde está Ana?'"]
    assert context.measurements["lines_breaking_glossary"] == 1


ODD = (
    "Bread.",
    "x",
    "ПРИВЕТ, 你好! مرحبا",
    "I have 2 cats, 3.5 dogs & <b>100 %</b> of \\n it all 👍🏽",
    "and then I went to the house and the market and the bread is big and " * 5,
    "🙂 Good morning. 🙂",
    "\u200b",
    "a\n\nb",
    ">>fra<< </s> <pad> __fr__ spa_Latn <mask> XQZ0J XQZ999999J",
)


@each_engine
def test_odd_texts_do_no_harm_and_each_is_translated_as_if_alone(
    tmp_path: Path, engine: str
) -> None:
    spans = [(40.0 * at, 40.0 * at + 30, text) for at, text in enumerate(ODD)]
    source = transcript(*spans, duration_s=400)
    together = texts(job(tmp_path / "all", source, engine))
    assert together[0] == "Pan."
    assert together[6] == ""
    assert all(together[:6])
    assert texts(job(tmp_path / "again", source, engine)) == together
    for at, span in enumerate(spans[:4]):
        alone = transcript(span, duration_s=400)
        assert texts(job(tmp_path / str(at), alone, engine)) == [together[at]]


def test_a_language_that_the_model_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"target_language: the model has no Latin"):
        run(job(tmp_path / "a", said("Hello."), "nllb", "la"))
    with pytest.raises(InvalidInput, match=r"the model has no Chinese \(zh-TW\)"):
        run(job(tmp_path / "b", said("Hello."), "m2m100", "zh-TW"))
    with pytest.raises(InvalidInput, match=r"'en' to 'ko'.*known are en-es, en-fr, es-en"):
        run(job(tmp_path / "c", said("Hello."), "marian", "ko"))


def test_a_pair_that_is_not_fetched_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DependencyUnavailable, match=r"weights fetch --engine translate/marian"):
        run(job(tmp_path, said("Hello."), "marian", "fr"))


def test_nllb_is_refused_where_dubs_are_sold() -> None:
    assert not find_engine("translate", "nllb").commercial_use
    assert find_engine("translate", "m2m100").commercial_use
    profile = Profile(
        name="sold",
        summary="",
        gates="release",
        stages={"translate": (Rule(engine="nllb"), Rule(engine="m2m100"))},
    )
    pair = {"source_language": "en", "target_language": "es"}
    with pytest.raises(PolicyRefused, match=r"CC-BY-NC-4\.0"):
        profile.choose("translate", **pair)
    assert profile.ladder("translate", **pair) == ("m2m100",)
    free = profile.model_copy(update={"commercial_use_only": False})
    assert free.choose("translate", **pair).engine == "nllb"
