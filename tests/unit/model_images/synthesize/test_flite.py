import itertools
from pathlib import Path

import numpy as np
import pytest

from airdub.errors import DependencyUnavailable, EngineFailed, InvalidInput
from model_images.common import espeak
from model_images.synthesize.engines.flite import IPA, create, parse_durations
from model_images.synthesize.protocol import Sound


def test_reads_phone_times() -> None:
    printed = "pau:0.100 hh:0.150 ax:0.200 l:0.200 ow:0.300 pau:0.420 y:0.430 pau:0.500 \n"
    assert parse_durations(printed, 16_000, 6_840) == (
        Sound("h", 1600, 2400),
        Sound("ə", 2400, 3200),
        Sound("oʊ", 3200, 4800),
        Sound("j", 6720, 6840),
    )
    assert parse_durations("pau:0.234", 16_000, 3744) == ()
    assert parse_durations("", 16_000, 0) == ()


@pytest.mark.parametrize("printed", ["hh", "hh:x", "qq:0.1", "Could not open voice"])
def test_refuses_what_is_no_list_of_phones(printed: str) -> None:
    with pytest.raises(EngineFailed, match="phone times"):
        parse_durations(printed, 16_000, 16_000)


def test_every_vowel_of_the_phone_set_is_a_nucleus_in_the_common_alphabet() -> None:
    nuclei = {phone for phone, symbol in IPA.items() if espeak.is_nucleus(symbol)}
    vowels = {"aa", "ae", "ah", "ao", "aw", "ax", "axr", "ay", "eh", "er", "ey", "ih", "iy"}
    assert nuclei == vowels | {"ow", "oy", "uh", "uw", "el", "em", "en"}


@pytest.mark.parametrize("voice", ["rms", "slt", "awb", "kal16"])
def test_speaks_with_phonemes_in_order(voice: str) -> None:
    speech = create("en").speak("Hello world, is this a test?", voice, 1.0)
    assert speech.sample_rate_hz == 16_000
    assert speech.samples.dtype == np.float32
    assert [s.symbol for s in speech.sounds][:2] == ["h", "ə"]
    assert all(0 <= s.start < s.end <= len(speech.samples) for s in speech.sounds)
    assert all(a.end <= b.start for a, b in itertools.pairwise(speech.sounds))
    loud = np.flatnonzero(np.abs(speech.samples) > 0.02 * np.abs(speech.samples).max())
    assert speech.sounds[0].start <= loud[0] + 800
    assert speech.sounds[-1].end >= loud[-1] - 800


def test_rate_scales_durations_and_the_same_line_gives_the_same_samples() -> None:
    engine = create("en-GB")
    natural = engine.speak("One line of text.", "rms", 1.0)
    faster = engine.speak("One line of text.", "rms", 1.25)
    assert len(natural.samples) / len(faster.samples) == pytest.approx(1.25, rel=0.01)
    ends = [speech.sounds[-1].end for speech in (natural, faster)]
    assert ends[0] / ends[1] == pytest.approx(1.25, rel=0.01)
    assert np.array_equal(natural.samples, engine.speak("One line of text.", "rms", 1.0).samples)


@pytest.mark.parametrize("text", ["-o hack.wav", "--help", "-voice", "$(touch hack.wav) `id`"])
def test_text_is_never_an_option_nor_a_command(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(create("en").speak(text, "rms", 1.0).sounds) > 1
    assert list(tmp_path.iterdir()) == []


def test_markup_is_read_literally() -> None:
    engine = create("en")
    marked = engine.speak("<break time='5s'/> hello", "rms", 1.0)
    assert len(marked.samples) < 5 * 16_000
    assert len(marked.sounds) > len(engine.speak("hello", "rms", 1.0).sounds) + 5


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("It’s “fine” – really…", 'It\'s "fine" , really...'),
        ("café naïve Straße", "cafe naive Strasse"),
        ("£5 at 20°", "pounds 5 at 20 degrees"),
        ("hi 안녕", "hi"),
        ("안녕하세요", ""),
        ("Ⅷ ½", "VIII 1/2"),
    ],
)
def test_reads_ascii_alone(text: str, readable: str) -> None:
    assert create("en").readable(text) == readable


def test_chooses_the_voice_whose_pitch_is_nearer() -> None:
    engine = create("en")
    assert [engine.voice_for(f0) for f0 in (None, 95.0, 134.0, 136.0, 210.0)] == [
        "rms",
        "rms",
        "rms",
        "slt",
        "slt",
    ]
    assert engine.checked_voice("awb") == "awb"
    with pytest.raises(InvalidInput, match="rms, kal16, awb, slt"):
        engine.checked_voice("/etc/passwd")


def test_refuses_other_languages_and_names_the_missing_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match="espeak_ng"):
        create("es")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DependencyUnavailable, match="flite"):
        create("en").speak("hello", "rms", 1.0)


@pytest.mark.parametrize("text", ["word " * 200, "9" * 400, "a" * 1000, "!? " * 300 + "x"])
def test_long_lines_are_spoken(text: str) -> None:
    assert create("en").speak(text.strip(), "rms", 1.0).sounds
