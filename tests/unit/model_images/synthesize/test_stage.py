import itertools
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from airdub.engines import find_engine, resolve_engine
from airdub.errors import InvalidInput
from airdub.transcript import Action, Line, Lines, Takes, Transcript
from model_images.common.pcm import write_wav
from model_images.runner.context import StageContext
from model_images.runner.environment import detect
from model_images.synthesize import stage
from model_images.synthesize.protocol import Manner
from tests.builders import seconds, stage_context, transcript

ENGLISH = ("Good morning.", "How are you today?", "I am very well.")
SOURCE = transcript((1, 4, "uno"), (5, 8, "dos"), (9, 12, "tres"), duration_s=15)


def _lines(*texts: str, language: str = "en") -> Lines:
    return Lines(
        source_language="es",
        target_language=language,
        lines=tuple(Line(segment_id=f"s{n:04d}", text=text) for n, text in enumerate(texts, 1)),
    )


def _run(  # noqa: PLR0917
    folder: Path,
    lines: Lines,
    source: Transcript = SOURCE,
    engine: str = "flite",
    parameters: dict[str, Any] | None = None,
    dialogue: Path | None = None,
) -> tuple[StageContext, Takes]:
    inputs: dict[str, Any] = {"transcript": source, "lines": lines}
    if dialogue is not None:
        inputs["dialogue"] = dialogue
    asked = {"target_language": lines.target_language, **(parameters or {})}
    context = stage_context(folder, "synthesize", engine, asked, inputs)
    stage.run(context)
    refs = context.store_outputs()
    takes = Takes.model_validate_json(context.fetch(refs["takes"]).read_bytes())
    assert sorted(refs) == sorted(["takes", *(f"take/{take.segment_id}" for take in takes.takes)])
    return context, takes


@pytest.mark.parametrize(
    ("engine", "language", "texts"),
    [
        ("flite", "en", ENGLISH),
        ("espeak_ng", "es", ("Buenos días.", "¿Cómo estás hoy, amigo?", "Muy bien.")),
        ("espeak_ng", "ko", ("안녕하세요.", "오늘 기분이 어때요?", "아주 좋아요.")),
    ],
)
def test_takes_are_whole_and_their_phonemes_lie_inside(
    tmp_path: Path, engine: str, language: str, texts: tuple[str, ...]
) -> None:
    context, takes = _run(tmp_path, _lines(*texts, language=language), engine=engine)
    assert takes.language == language
    assert [take.segment_id for take in takes.takes] == ["s0001", "s0002", "s0003"]
    for take in takes.takes:
        samples, rate_hz = soundfile.read(context.fetch(take.audio), dtype="float32")
        assert (rate_hz, samples.shape) == (48_000, (take.length,))
        loud = np.flatnonzero(np.abs(samples) > 10 ** (-44 / 20) * np.abs(samples).max())
        assert loud[0] <= seconds(0.025)
        assert take.length - loud[-1] <= seconds(0.035)
        assert len(take.phonemes) >= 6
        assert all(0 <= p.start < p.end <= take.length for p in take.phonemes)
        assert all(a.end <= b.start for a, b in itertools.pairwise(take.phonemes))
        assert sum(p.end - p.start for p in take.phonemes) > 0.8 * take.length
    assert context.measurements["items_computed"] == 3
    assert context.measurements["items_cached"] == 0
    assert (context.n_scored, context.n_skipped) == (3, 0)


def test_a_line_too_long_for_its_place_is_spoken_faster(tmp_path: Path) -> None:
    text = "This is a rather long sentence for such a short place in the film."
    natural = _run(tmp_path, _lines(text), transcript((1, 14, "x"), duration_s=15))[1].takes[0]
    assert (natural.rate, natural.length) == (1.0, natural.natural_length)
    place = natural.length / 48_000 / 1.13
    source = transcript((1, 1 + place, "x"), (1.1 + place, 9, "y"), duration_s=15)
    faster = _run(tmp_path, _lines(text), source)[1].takes[0]
    assert faster.rate == 1.15
    assert faster.natural_length == natural.natural_length
    assert natural.length / faster.length == pytest.approx(1.15, rel=0.01)
    crowded = _run(tmp_path, _lines(text), transcript((1, 1.5, "x"), duration_s=1.6))[1].takes[0]
    assert crowded.rate == 1.35


def test_editing_one_line_speaks_one_line(tmp_path: Path) -> None:
    _, before = _run(tmp_path, _lines(*ENGLISH))
    again, same = _run(tmp_path, _lines(*ENGLISH))
    assert again.measurements["items_computed"] == 0
    assert same == before
    edited, after = _run(tmp_path, _lines(ENGLISH[0], "How is your brother?", ENGLISH[2]))
    assert edited.measurements["items_computed"] == 1
    assert edited.measurements["items_cached"] == 2
    changed = [a.audio != b.audio for a, b in zip(before.takes, after.takes, strict=True)]
    assert changed == [False, True, False]


def test_moving_lines_speaks_only_those_whose_rate_changes(tmp_path: Path) -> None:
    _run(tmp_path, _lines(*ENGLISH))
    moved = transcript((2, 4.5, "uno"), (6, 9, "dos"), (10, 12, "tres"), duration_s=15)
    assert _run(tmp_path, _lines(*ENGLISH), moved)[0].measurements["items_computed"] == 0
    tight = transcript((2, 4.5, "uno"), (6, 6.8, "dos"), (6.9, 12, "tres"), duration_s=15)
    context, takes = _run(tmp_path, _lines(*ENGLISH), tight)
    assert context.measurements["items_computed"] == 1
    assert takes.takes[1].rate > 1


@pytest.mark.parametrize(("engine", "language"), [("flite", "en"), ("espeak_ng", "es")])
def test_the_same_line_gives_the_same_bytes_whatever_else_is_spoken(
    tmp_path: Path, engine: str, language: str
) -> None:
    both = _lines("Hello there", "Goodbye now", language=language)
    _, together = _run(tmp_path / "a", both, engine=engine)
    alone = Lines(source_language="de", target_language=language, lines=both.lines[1:])
    _, later = _run(tmp_path / "b", alone, engine=engine)
    assert together.takes[1].audio.sha256 == later.takes[0].audio.sha256


def test_kept_subtitled_and_empty_lines_are_not_spoken(tmp_path: Path) -> None:
    actions = (Action.KEEP, Action.SUBTITLE, Action.DUB)
    segments = tuple(
        segment.model_copy(update={"action": action})
        for segment, action in zip(SOURCE.segments, actions, strict=True)
    )
    source = SOURCE.model_copy(update={"segments": segments})
    context, takes = _run(tmp_path, _lines("Song", "Sign", " "), source)
    assert takes.takes == ()
    assert context.warnings == []
    assert (context.n_scored, context.n_skipped) == (0, 0)


def test_a_line_without_words_is_skipped_with_a_warning(tmp_path: Path) -> None:
    context, takes = _run(tmp_path, _lines("...!", "안녕", "Fine."))
    assert [take.segment_id for take in takes.takes] == ["s0003"]
    assert (context.n_scored, context.n_skipped) == (1, 2)
    assert "s0001" in context.warnings[0]
    assert "안녕" in context.warnings[1]


@pytest.mark.parametrize(
    ("engine", "lines", "parameters", "message"),
    [
        ("flite", _lines("hola", language="es"), {}, "target_language: flite speaks English"),
        ("flite", _lines("hi", language="xx-nope"), {}, "target_language"),
        ("espeak_ng", _lines("hi", language="br"), {}, "no voice for 'br'"),
        ("espeak_ng", _lines("漢字", language="ja"), {}, "target line of segment s0001"),
        ("flite", _lines("a" * 1001), {}, "s0001: the line has 1001 characters"),
        ("flite", _lines("abcd"), {"longest_line": 3}, "4 characters, more than 3"),
        (
            "flite",
            _lines("a"),
            {"voices": {"speaker_1": "nope"}},
            "voice of speaker_1: .*no voice 'nope'",
        ),
        ("flite", _lines("a", "b", "c", "d"), {}, "'s0004', which is no segment"),
    ],
)
def test_refuses_bad_input_naming_where_it_is(
    tmp_path: Path, engine: str, lines: Lines, parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        _run(tmp_path, lines, engine=engine, parameters=parameters)


def test_a_voice_may_be_given_per_speaker(tmp_path: Path) -> None:
    _, takes = _run(tmp_path, _lines("Hello."), parameters={"voices": {"speaker_1": "awb"}})
    assert takes.takes[0].voice == "awb"


def test_it_tells_the_usual_voice_of_each_who_speaks(tmp_path: Path) -> None:
    names = ("ANNA", "BEN", "ANNA")
    spoken = zip(SOURCE.segments, names, strict=True)
    segments = tuple(one.model_copy(update={"speaker": name}) for one, name in spoken)
    source = SOURCE.model_copy(update={"segments": segments})
    asked = {
        "voices": {"ANNA": "slt", "NOBODY": "awb"},
        "repairs": {"s0001": {"take": 2}, "s0002": {"engine": _ref("espeak_ng")}},
    }
    context, takes = _run(tmp_path, _lines(*ENGLISH), source, parameters=asked)
    assert context.measurements["speaker_voices"] == {"ANNA": "slt"}
    assert [take.voice for take in takes.takes] == ["rms", "gmw/en-US", "slt"]
    del asked["repairs"]
    context, _ = _run(tmp_path, _lines(*ENGLISH), source, parameters=asked)
    assert context.measurements["speaker_voices"] == {"ANNA": "slt", "BEN": "rms"}


@pytest.mark.parametrize(("f0_hz", "voice"), [(105.0, "rms"), (210.0, "slt")])
def test_the_voice_suits_the_speakers_pitch(tmp_path: Path, f0_hz: float, voice: str) -> None:
    phase = 2 * np.pi * f0_hz * np.arange(seconds(4)) / 48_000
    buzz = sum(np.sin(k * phase) / k for k in range(1, 12)) * 0.1
    stem = tmp_path / "dialogue.wav"
    write_wav(stem, np.concatenate([np.zeros(seconds(1)), buzz]).astype(np.float32), 48_000)
    _, takes = _run(tmp_path, _lines("Hello."), dialogue=stem)
    assert takes.takes[0].voice == voice


def _ref(engine: str) -> dict[str, Any]:
    ref = resolve_engine("synthesize", engine, detect([find_engine("synthesize", engine)]))
    return ref.model_dump(mode="json")


def _audio(takes: Takes) -> list[str]:
    return [take.audio.sha256 for take in takes.takes]


def test_a_repair_speaks_its_own_line_again_and_no_other(tmp_path: Path) -> None:
    _, before = _run(tmp_path, _lines(*ENGLISH))
    for take in range(1, find_engine("synthesize", "flite").takes):
        change = {"repairs": {"s0002": {"take": take}}}
        context, after = _run(tmp_path, _lines(*ENGLISH), parameters=change)
        assert context.measurements["items_computed"] == 1
        assert context.measurements["items_cached"] == 2
        assert _audio(after)[0::2] == _audio(before)[0::2]
        assert _audio(after)[1] != _audio(before)[1]


@pytest.mark.parametrize(("engine", "voice"), [("flite", "rms"), ("espeak_ng", "gmw/en-US")])
def test_every_take_that_the_registry_states_sounds_different(
    tmp_path: Path, engine: str, voice: str
) -> None:
    manners = import_module(f"model_images.synthesize.engines.{engine}").create("en").manners(voice)
    assert manners[0] == Manner(voice)
    assert len(manners) == find_engine("synthesize", engine).takes
    spoken = [
        _audio(
            _run(
                tmp_path,
                _lines("Good morning."),
                engine=engine,
                parameters={"voices": {"speaker_1": voice}, "repairs": {"s0001": {"take": take}}},
            )[1]
        )[0]
        for take in range(len(manners))
    ]
    assert len(set(spoken)) == len(manners)


def test_a_line_of_another_engine_is_that_engine_s_own(tmp_path: Path) -> None:
    change = {"repairs": {"s0002": {"engine": _ref("espeak_ng")}}}
    _, before = _run(tmp_path, _lines(*ENGLISH))
    context, after = _run(tmp_path, _lines(*ENGLISH), parameters=change)
    assert [take.voice for take in after.takes] == ["rms", "gmw/en-US", "rms"]
    assert _audio(after)[0::2] == _audio(before)[0::2]
    assert context.measurements["items_computed"] == 1
    again, _ = _run(tmp_path, _lines(*ENGLISH), parameters=change)
    assert again.measurements["items_computed"] == 0


def test_an_engine_of_other_versions_is_refused(tmp_path: Path) -> None:
    stale = {**_ref("espeak_ng"), "version": "0"}
    with pytest.raises(InvalidInput, match=r"this environment has.*make setup"):
        _run(tmp_path, _lines(*ENGLISH), parameters={"repairs": {"s0002": {"engine": stale}}})


def test_a_repaired_rate_is_spoken_whatever_the_room(tmp_path: Path) -> None:
    change = {"repairs": {"s0001": {"rate_percent": 117}}}
    _, takes = _run(tmp_path, _lines(*ENGLISH), parameters=change)
    assert takes.takes[0].rate == 1.17
    assert takes.takes[0].natural_length / takes.takes[0].length == pytest.approx(1.17, abs=0.03)


def test_a_repair_whose_engine_cannot_read_the_line_leaves_it_as_it_was(tmp_path: Path) -> None:
    lines = _lines("Good morning 漢.")
    _, before = _run(tmp_path, lines)
    change = {"repairs": {"s0001": {"engine": _ref("espeak_ng")}}}
    context, after = _run(tmp_path, lines, parameters=change)
    assert after == before
    assert "its repair has no sound" in context.warnings[0]


@pytest.mark.parametrize(
    ("repairs", "message"),
    [
        ({"s0009": {"take": 1}}, "'s0009', which is no segment"),
        ({"s0001": {"take": 99}}, "no take 99"),
    ],
)
def test_a_repair_of_something_else_is_refused(
    tmp_path: Path, repairs: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        _run(tmp_path, _lines(*ENGLISH), parameters={"repairs": repairs})
