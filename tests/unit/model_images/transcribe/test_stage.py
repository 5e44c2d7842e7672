"""Transcribe with the real engines on spoken sound."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from soxr import resample

from airdub.errors import InvalidInput
from airdub.transcript import Action, Transcript
from model_images.common.pcm import read_span, write_wav
from model_images.common.vad import detect_speech
from model_images.runner.context import StageContext
from model_images.transcribe.stage import run
from tests.builders import film_facts, seconds, stage_context

SENTENCE = "It was a great day for the country."


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds with one sentence that begins at 1.0 s."""
    folder = tmp_path_factory.mktemp("spoken")
    said, padded = folder / "said.wav", folder / "mono.wav"
    subprocess.run(["flite", "-voice", "rms", "-t", SENTENCE, "-o", str(said)], check=True)
    filters = "adelay=1000,aresample=16000,apad=whole_len=80000,atrim=end_sample=80000"
    command = ["ffmpeg", "-v", "error", "-i", str(said), "-af", filters, "-ac", "1", str(padded)]
    subprocess.run(command, check=True)
    return padded


def context(folder: Path, audio: Path, engine: str, language: str, **more: Path) -> StageContext:
    inputs = {"mono_16k": audio, "speech": detect_speech(audio), "facts": film_facts(5), **more}
    return stage_context(folder, "transcribe", engine, {"source_language": language}, inputs)


def transcribed(stage: StageContext) -> Transcript:
    run(stage)
    return Transcript.model_validate_json(stage.output("transcript", ".json").read_bytes())


def test_pocketsphinx_hears_the_sentence(tmp_path: Path, spoken: Path) -> None:
    found = transcribed(context(tmp_path, spoken, "pocketsphinx", "en-US"))
    (segment,) = found.segments
    assert segment.text == SENTENCE
    assert segment.start == pytest.approx(seconds(1.1), abs=seconds(0.2))
    assert [word.text for word in segment.words] == SENTENCE.lower().strip(".").split()
    assert all(word.end > word.start for word in segment.words)
    assert all(0 < (word.confidence or 0) <= 1 for word in segment.words)
    assert (found.language, found.duration) == ("en-US", seconds(5))


def test_pocketsphinx_refuses_other_languages_with_a_way_out(tmp_path: Path, spoken: Path) -> None:
    with pytest.raises(InvalidInput, match=r"'es', only English.*put a script"):
        run(context(tmp_path, spoken, "pocketsphinx", "es"))


def test_silence_has_no_words(tmp_path: Path) -> None:
    silence = tmp_path / "silence.wav"
    write_wav(silence, np.zeros(80_000, np.float32), 16_000, "PCM_16")
    with pytest.raises(InvalidInput, match=r"no speech to dub.*script beside"):
        run(context(tmp_path, silence, "pocketsphinx", "en"))


def test_a_script_is_snapped_to_speech(tmp_path: Path, spoken: Path) -> None:
    script = tmp_path / "film.srt"
    script.write_text(
        f"1\n00:00:00,500 --> 00:00:04,500\nANNA: {SENTENCE}\n\n"
        "2\n00:00:04,600 --> 00:00:04,900\n[door slams]\n"
    )
    stage = context(tmp_path, spoken, "script", "en", script=script)
    line, door = transcribed(stage).segments
    assert (line.text, line.speaker) == (SENTENCE, "ANNA")
    assert line.start == pytest.approx(seconds(1.05), abs=seconds(0.15))
    assert line.end < seconds(3.6)
    assert (line.cue_start, line.cue_end) == (seconds(0.5), seconds(4.5))
    assert door.action is Action.KEEP
    assert (stage.n_scored, stage.n_skipped) == (1, 1)


def test_a_script_that_starts_at_ten_hours_is_moved(tmp_path: Path, spoken: Path) -> None:
    script = tmp_path / "film.srt"
    script.write_text(f"1\n10:00:00,500 --> 10:00:04,500\n{SENTENCE}\n")
    stage = context(tmp_path, spoken, "script", "en", script=script)
    (line,) = transcribed(stage).segments
    assert line.cue_start == seconds(0.5)
    assert "36000.00 s" in stage.warnings[0]


def test_a_script_of_another_film_names_the_cue(tmp_path: Path, spoken: Path) -> None:
    script = tmp_path / "film.srt"
    script.write_text(
        "1\n00:00:01,000 --> 00:00:02,000\nHi.\n\n2\n00:20:00,000 --> 00:20:01,000\nBye.\n"
    )
    with pytest.raises(InvalidInput, match="cue 2"):
        run(context(tmp_path, spoken, "script", "en", script=script))


def test_a_script_of_sounds_alone_has_nothing_to_dub(tmp_path: Path, spoken: Path) -> None:
    script = tmp_path / "film.srt"
    script.write_text("1\n00:00:01,000 --> 00:00:02,000\n[wind]\n")
    with pytest.raises(InvalidInput, match="no speech to dub"):
        run(context(tmp_path, spoken, "script", "en", script=script))


def test_lines_without_speech_are_told(tmp_path: Path, spoken: Path) -> None:
    script = tmp_path / "film.srt"
    script.write_text(
        f"1\n00:00:00,500 --> 00:00:04,000\n{SENTENCE}\n\n2\n00:00:04,300 --> 00:00:04,900\nHm.\n"
    )
    stage = context(tmp_path, spoken, "script", "en", script=script)
    assert len(transcribed(stage).segments) == 2
    assert stage.warnings == ["no speech was heard under these cues, which keep their times: s0002"]


def test_the_separated_dialogue_is_recognised_where_there_is_one(
    tmp_path: Path, spoken: Path
) -> None:
    voice = resample(read_span(spoken, 0, 80_000)[:, 0], 16_000, 48_000)
    surround = np.zeros((240_000, 6), np.float32)
    surround[: len(voice), 2] = voice
    dialogue, noise = tmp_path / "dialogue.wav", tmp_path / "noise.wav"
    write_wav(dialogue, surround, 48_000)
    loud = np.random.default_rng(0).normal(0, 0.1, 80_000).astype(np.float32)
    write_wav(noise, loud, 16_000, "PCM_16")
    inputs = {
        "mono_16k": noise,
        "speech": detect_speech(spoken),
        "facts": film_facts(5),
        "dialogue": dialogue,
    }
    stage = stage_context(tmp_path, "transcribe", "pocketsphinx", {"source_language": "en"}, inputs)
    (segment,) = transcribed(stage).segments
    assert segment.text == SENTENCE


def test_doubtful_words_are_told(tmp_path: Path, spoken: Path) -> None:
    backwards = tmp_path / "backwards.wav"
    write_wav(backwards, read_span(spoken, 0, 80_000)[::-1], 16_000, "PCM_16")
    stage = context(tmp_path, backwards, "pocketsphinx", "en")
    transcribed(stage)
    assert "the recogniser is unsure of" in stage.warnings[0]


def test_the_same_sound_gives_the_same_transcript(tmp_path: Path, spoken: Path) -> None:
    one, other = (
        transcribed(context(tmp_path / name, spoken, "pocketsphinx", "en")) for name in "ab"
    )
    assert one.to_json() == other.to_json()
