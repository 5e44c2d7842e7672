"""Both ways to run a model give what transformers itself gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ctranslate2
import pytest
import torch

from airdub.errors import InvalidInput
from model_images.translate.neural.backends import CONVERTED, open_model
from model_images.translate.neural.beams import BEAMS, MOST_TOKENS, Beams
from model_images.translate.neural.checkpoint import load_model, load_tokenizer
from model_images.translate.neural.choosing import Candidate
from model_images.translate.neural.ctranslate import ConvertedBeams
from tests.neural.translate.checkpoints import PAIRS

SOURCES = [source for source, _ in PAIRS[:5]]
M2M = "M2M100ForConditionalGeneration"
MODELS = [
    ("nllb-200-distilled-600M", M2M, "NllbTokenizer", "eng_Latn", "spa_Latn"),
    ("m2m100_418M", M2M, "M2M100Tokenizer", "en", "__es__"),
    ("opus-mt-en-es", "MarianMTModel", "MarianTokenizer", "", ""),
]
each_model = pytest.mark.parametrize("made", MODELS, ids=[made[0] for made in MODELS])


def loaded(models: Path, made: tuple[str, ...]) -> tuple[Any, Any]:
    folder, kind, tokenizer_kind, source, _ = made
    tokenizer = load_tokenizer(models / folder, tokenizer_kind)
    if source:
        tokenizer.src_lang = source
    return load_model(models / folder, kind), tokenizer


def best(candidates: list[list[Candidate]]) -> list[Candidate]:
    return [max(some, key=lambda one: one.score) for some in candidates]


@each_model
def test_candidates_are_those_of_transformers_with_their_scores(
    models: Path, made: tuple[str, ...]
) -> None:
    model, tokenizer = loaded(models, made)
    ours = Beams(model, tokenizer, made[-1]).candidates(SOURCES)
    for text, candidates in zip(SOURCES, ours, strict=True):
        official = model.generate(
            **tokenizer(text, return_tensors="pt"),
            forced_bos_token_id=tokenizer.convert_tokens_to_ids(made[-1]) if made[-1] else None,
            num_beams=BEAMS,
            num_return_sequences=BEAMS,
            max_new_tokens=MOST_TOKENS,
            return_dict_in_generate=True,
            output_scores=True,
        )
        texts = tokenizer.batch_decode(official.sequences, skip_special_tokens=True)
        assert [one.text for one in candidates] == texts
        theirs = official.sequences_scores.tolist()
        assert [one.score for one in candidates] == pytest.approx(theirs, rel=1e-3)


@each_model
def test_a_batch_gives_what_each_sentence_alone_gives(models: Path, made: tuple[str, ...]) -> None:
    beams = Beams(*loaded(models, made), made[-1])
    together = beams.candidates(SOURCES)
    for source, candidates in zip(SOURCES, together, strict=True):
        (alone,) = beams.candidates([source])
        assert [one.text for one in alone] == [one.text for one in candidates]
        assert [one.score for one in alone] == pytest.approx(
            [one.score for one in candidates], abs=1e-4
        )
    assert beams.candidates(SOURCES) == together


@each_model
def test_a_converted_checkpoint_says_the_same(
    models: Path, made: tuple[str, ...], tmp_path: Path
) -> None:
    model, tokenizer = loaded(models, made)
    folder = tmp_path / made[0]
    folder.symlink_to(models / made[0])
    converted = tmp_path / "ours"
    converted.mkdir()
    for file in (models / made[0]).iterdir():
        (converted / file.name).symlink_to(file)
    ctranslate2.converters.TransformersConverter(str(folder)).convert(str(converted / CONVERTED))
    fast = open_model(converted, made[1], tokenizer, first=made[-1])
    assert isinstance(fast, ConvertedBeams)
    ours = best(fast.candidates(SOURCES))
    theirs = best(Beams(model, tokenizer, made[-1]).candidates(SOURCES))
    assert [one.text for one in ours] == [one.text for one in theirs]
    assert [one.text for one in ours] == [target for _, target in PAIRS[:5]]
    assert [one.score for one in ours] == pytest.approx([one.score for one in theirs], abs=1e-3)


def test_a_torn_converted_checkpoint_says_how_to_make_it(models: Path, tmp_path: Path) -> None:
    (tmp_path / CONVERTED).mkdir()
    (tmp_path / CONVERTED / "model.bin").write_bytes(b"\x06\x00\x00\x00torn")
    tokenizer = load_tokenizer(models / "m2m100_418M", "M2M100Tokenizer")
    with pytest.raises(InvalidInput, match="ct2-transformers-converter"):
        open_model(tmp_path, M2M, tokenizer, first="__es__")


def test_memory_that_runs_out_makes_batches_smaller(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, tokenizer = loaded(models, MODELS[1])
    beams = Beams(model, tokenizer, MODELS[1][-1])
    expected = beams.candidates(SOURCES)
    sizes: list[int] = []
    generate = model.generate

    def short_of_memory(**given: Any) -> Any:
        sizes.append(len(given["input_ids"]))
        if sizes[-1] > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return generate(**given)

    monkeypatch.setattr(model, "generate", short_of_memory)
    told: list[int] = []
    found = beams.candidates(SOURCES, told.append)
    assert told == [1, 2, 3, 4, 5]
    assert [one.text for one in best(found)] == [one.text for one in best(expected)]
    assert sizes[0] == len(SOURCES)
    assert max(sizes[-2:]) <= 3
