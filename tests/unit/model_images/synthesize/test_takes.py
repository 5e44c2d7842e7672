import numpy as np
import pytest

from airdub.transcript import Phoneme
from model_images.synthesize.protocol import Sound, Speech
from model_images.synthesize.takes import EDGE, cut_take, place, sounding_span


def _speech(rate_hz: int, before: int, tone: int, after: int, peak: float = 0.5) -> Speech:
    samples = np.zeros(before + tone + after, np.float32)
    samples[before : before + tone] = peak * np.sin(np.arange(tone) * 0.2)
    half = before + tone // 2
    sounds = (Sound("m", before, half), Sound("a", half, before + tone))
    return Speech(samples, rate_hz, sounds)


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 48_000])
def test_silence_is_cut_to_the_edge_and_phonemes_move_with_it(rate_hz: int) -> None:
    take = cut_take(_speech(rate_hz, rate_hz // 2, rate_hz, rate_hz // 3))
    assert take is not None
    assert len(take.samples) == pytest.approx(48_000 + 2 * EDGE, abs=100)
    first, second = take.phonemes
    assert first.start == pytest.approx(EDGE, abs=50)
    assert first.end == second.start == pytest.approx(EDGE + 24_000, abs=50)
    assert second.end <= len(take.samples)
    assert abs(take.samples[0]) < 1e-4
    assert abs(take.samples[-1]) < 1e-4


def test_sound_at_the_very_edges_is_not_padded() -> None:
    take = cut_take(_speech(48_000, 0, 4800, 0))
    assert take is not None
    assert len(take.samples) == 4800
    assert (take.phonemes[0].start, take.phonemes[-1].end) == (0, 4800)


def test_noise_of_pauses_is_cut_and_a_ringing_end_is_kept() -> None:
    speech = _speech(48_000, 24_000, 24_000, 24_000)
    noise = np.random.default_rng(0).uniform(-0.01, 0.01, 72_000).astype(np.float32)
    ringing = np.zeros(72_000, np.float32)
    ringing[48_000:50_000] = 0.1
    take = cut_take(Speech(speech.samples + noise + ringing, 48_000, speech.sounds))
    assert take is not None
    assert 24_000 + 2_000 + 2 * EDGE <= len(take.samples) <= 24_000 + 3_840 + 2 * EDGE
    assert take.phonemes[0].start == EDGE


def test_silence_and_speech_without_sounds_give_no_take() -> None:
    assert sounding_span(np.zeros(100, np.float32), 0, 100) is None
    assert sounding_span(np.zeros(0, np.float32), 0, 0) is None
    assert cut_take(Speech(np.zeros(1600, np.float32), 16_000, (Sound("a", 0, 1600),))) is None
    spoken = _speech(16_000, 0, 1600, 0)
    assert cut_take(Speech(spoken.samples, 16_000, ())) is None


def test_a_loud_line_is_turned_down() -> None:
    square = np.sign(np.sin(np.arange(16_000) * 0.1)).astype(np.float32)
    take = cut_take(Speech(square, 16_000, (Sound("a", 0, 16_000),)))
    assert take is not None
    assert np.abs(take.samples).max() == pytest.approx(0.5)


def test_sounds_outside_the_cut_are_clipped_or_left_out() -> None:
    sounds = (Sound("h", 0, 10), Sound("a", 10, 30), Sound("t", 30, 50))
    assert place(sounds, 48_000, 12, 30) == (Phoneme(symbol="a", start=0, end=18),)
    assert place(sounds, 16_000, 0, 100)[1:] == (
        Phoneme(symbol="a", start=30, end=90),
        Phoneme(symbol="t", start=90, end=100),
    )
