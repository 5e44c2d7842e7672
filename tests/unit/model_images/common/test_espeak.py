import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from airdub.errors import DependencyUnavailable, EngineFailed, InvalidInput
from model_images.common import espeak, espeak_library


@pytest.mark.parametrize(
    ("text", "language", "syllables"),
    [
        ("Hola, amigo. ¿Cómo estás?", "es", 9),
        ("안녕하세요", "ko", 5),
        ("little button", "en", 4),
        ("Straßenbahn", "de", 3),
        ("strč prst skrz krk", "cs", 4),
        ("你好", "zh-TW", 2),
        ("42 %", "en", 5),
        ("ola meu", "gl", 3),
        ("...", "en", 0),
        ("", "fr", 0),
    ],
)
def test_counts_syllables(text: str, language: str, syllables: int) -> None:
    assert espeak.count_syllables(text, language) == syllables


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hola, amigo. ¿Cómo estás?", "es"),
        ("안녕 Microsoft 하세요", "ko"),
        ("churches strengthening", "en"),
        ("Привет, мир", "ru"),
        ("你好世界", "zh"),
    ],
)
def test_phonemes_of_text_are_those_of_speech(text: str, language: str) -> None:
    spoken = espeak.speak(text, espeak.voice_for(language).identifier)
    assert tuple(sound.symbol for sound in spoken.sounds) == espeak.phonemize(text, language)


def test_sounds_follow_each_other_inside_the_samples() -> None:
    spoken = espeak.speak("El perro corre, y nadie lo ve.", "roa/es")
    assert spoken.sample_rate_hz == 22050
    assert all(0 <= s.start < s.end <= len(spoken.samples) for s in spoken.sounds)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spoken.sounds))
    loud = np.flatnonzero(np.abs(spoken.samples) > 300)
    assert spoken.sounds[0].start <= loud[0] + 220
    assert spoken.sounds[-1].end >= loud[-1] - 220
    assert [word.text for word in spoken.words] == [
        "El",
        "perro",
        "corre",
        "y",
        "nadie",
        "lo",
        "ve",
    ]
    assert spoken.words[2].start < spoken.words[3].start
    assert spoken.to_ms(22050) == 1000


def test_a_pause_is_a_gap_between_sounds() -> None:
    spoken = espeak.speak("Sí. No.", "roa/es")
    gaps = [b.start - a.end for a, b in itertools.pairwise(spoken.sounds)]
    assert max(gaps) > 0.1 * spoken.sample_rate_hz


def test_speech_does_not_depend_on_what_was_said_before() -> None:
    first = espeak.speak("Hola amigo", "roa/es")
    espeak.speak("otra cosa, mucho más larga", "roa/es", rate=1.3)
    espeak.speak("안녕하세요", "ko")
    assert np.array_equal(first.samples, espeak.speak("Hola amigo", "roa/es").samples)


@pytest.mark.parametrize("rate", [0.85, 1.2, 1.35])
def test_rate_changes_the_length(rate: float) -> None:
    text = "El perro corre por la calle y nadie lo ve"
    natural, asked = (_voiced_length(text, r) for r in (1.0, rate))
    assert natural / asked == pytest.approx(rate, rel=0.05)


def _voiced_length(text: str, rate: float) -> int:
    sounds = espeak.speak(text, "roa/es", rate=rate).sounds
    return sounds[-1].end - sounds[0].start


def test_markup_phoneme_input_and_embedded_commands_are_spoken_literally() -> None:
    marked = espeak.phonemize('<prosody rate="x-fast">hola</prosody>', "es")
    assert len(marked) > len(espeak.phonemize("hola", "es")) + 10
    assert len(espeak.phonemize("[[h@l'oU]]", "en")) > 0
    quiet = espeak.speak("\x010A hola", "roa/es")  # would set the amplitude to 0
    assert np.abs(quiet.samples.astype(int)).max() > 3000
    assert espeak.phonemize("a\0b", "es") == espeak.phonemize("a b", "es")


@pytest.mark.parametrize(
    ("language", "identifier"),
    [
        ("en", "gmw/en-US"),
        ("EN-gb", "gmw/en"),
        ("en-AU", "gmw/en"),
        ("es", "roa/es"),
        ("es-MX", "roa/es-419"),
        ("es-AR", "roa/es-419"),
        ("pt-BR", "roa/pt-BR"),
        ("zh-CN", "sit/cmn-Latn-pinyin"),
        ("zh-TW", "sit/cmn-Latn-pinyin"),
        ("zh-HK", "sit/yue"),
        ("ko", "ko"),
        ("nn", "gmq/nb"),
        ("gl", "roa/es"),
    ],
)
def test_chooses_a_voice_by_language(language: str, identifier: str) -> None:
    assert espeak.voice_for(language).identifier == identifier


def test_says_when_a_voice_is_of_another_language() -> None:
    assert espeak.is_substitute(espeak.voice_for("gl"), "gl")
    assert not espeak.is_substitute(espeak.voice_for("es-AR"), "es-AR")


@pytest.mark.parametrize("language", ["br", "tl", "xx-nonsense-tag", ""])
def test_refuses_a_language_without_a_voice(language: str) -> None:
    with pytest.raises(InvalidInput, match="language"):
        espeak.voice_for(language)


@pytest.mark.parametrize("voice", ["nosuch", "roa/es+nosuch", "roa/es+"])
def test_refuses_an_unknown_voice(voice: str) -> None:
    with pytest.raises(InvalidInput, match="no voice"):
        espeak.speak("hola", voice)


def test_a_missing_library_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak_library, "LIBRARY", "libespeak-ng-absent.so.1")
    espeak._library.cache_clear()
    try:
        with pytest.raises(DependencyUnavailable, match="libespeak-ng1"):
            espeak.phonemize("hola", "es")
    finally:
        monkeypatch.undo()
        espeak._library.cache_clear()


def test_a_failed_utterance_is_an_engine_failure_and_the_next_one_works() -> None:
    request = {"text": "hola", "voice": "nosuch", "words_per_minute": 175, "pitch": 50}
    with pytest.raises(EngineFailed, match="hola"):
        espeak._speaker().ask(request)
    assert len(espeak.speak("hola", "roa/es").samples)


def test_the_speaking_process_dies_with_its_owner(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    program = (
        "import sys, pathlib, time\n"
        "from model_images.common import espeak\n"
        "espeak.speak('hola', 'roa/es')\n"
        f"pathlib.Path({str(pid_file)!r}).write_text(str(espeak._speaker()._process.pid))\n"
        "time.sleep(60)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", program])
    try:
        pid = _wait_for(pid_file)
        assert Path(f"/proc/{pid}").exists()
    finally:
        owner.kill()
        owner.wait()
    deadline = time.monotonic() + 10
    while _alive(pid):
        assert time.monotonic() < deadline, "the speaking process outlived its owner"
        time.sleep(0.05)


def _wait_for(pid_file: Path) -> int:
    deadline = time.monotonic() + 30
    while not (pid_file.exists() and pid_file.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return int(pid_file.read_text())


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
