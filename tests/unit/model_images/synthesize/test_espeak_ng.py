import numpy as np
import pytest

from airdub.errors import InvalidInput
from model_images.common.pitch import quick_contour, statistics
from model_images.synthesize.engines.espeak_ng import create


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Hola, ¿qué tal?"),
        ("ko", "안녕하세요 여러분"),
        ("en", "Hello there"),
        ("ja", "こんにちは"),
    ],
)
def test_speaks(language: str, text: str) -> None:
    engine = create(language)
    speech = engine.speak(engine.readable(text), engine.voice_for(None), 1.0)
    assert speech.sample_rate_hz == 22_050
    assert speech.samples.dtype == np.float32
    assert 0.05 < np.abs(speech.samples).max() <= 1.0
    assert len(speech.sounds) >= 6
    assert speech.sounds[-1].end <= len(speech.samples)


def test_a_high_speaker_gets_a_high_voice() -> None:
    engine = create("es")
    assert engine.voice_for(None) == engine.voice_for(110.0) == "roa/es"
    pitches = []
    for voice in (engine.voice_for(110.0), engine.voice_for(210.0)):
        speech = engine.speak("El perro corre por la calle y nadie lo ve.", voice, 1.0)
        found = statistics(quick_contour(speech.samples.astype(float), speech.sample_rate_hz))
        assert found is not None
        pitches.append(found.mean_hz)
    assert pitches[1] > 1.5 * pitches[0]


def test_refuses_what_the_library_would_read_as_something_else() -> None:
    with pytest.raises(InvalidInput, match="'漢'"):
        create("ja").readable("これは漢字")
    assert create("zh").readable("你好") == "你好"
    with pytest.raises(InvalidInput, match="no voice"):
        create("br")


def test_notes_a_voice_of_a_related_language() -> None:
    assert create("es-AR").notes == ()
    assert "gl" in create("gl").notes[0]


@pytest.mark.parametrize("text", ["palabra " * 125, "9" * 400, "a" * 1000, "! " * 400 + "x"])
def test_long_lines_are_spoken(text: str) -> None:
    assert create("es").speak(text.strip(), "roa/es", 1.0).sounds
