"""Words of the original that are still heard are told, in dB below the original, and where."""

import numpy as np
import pytest

from airdub.speech import SpeechSpans
from airdub.transcript import Action
from model_images.common.pcm import write_wav
from model_images.evaluate.metrics import source_leak
from tests.builders import seconds
from tests.unit.model_images.evaluate.dubs import bed, finish, number, numbers, three_lines
from tests.unit.model_images.evaluate.titles import Said, spoken
from tests.unit.model_images.mix.sounds import RATE_HZ


def test_a_clean_dub_leaks_nothing(tmp_path):
    measured = source_leak.measure(finish(tmp_path, three_lines()))
    assert number(measured) < -35
    assert max(numbers(measured).values()) < -30


@pytest.mark.parametrize("below_db", [0, 12, 24])
def test_an_original_under_its_line_is_told_in_db(tmp_path, below_db):
    title = three_lines()
    left = np.zeros_like(title.stem)
    place = slice(seconds(3.9), seconds(7.5))
    left[place] = title.dialogue[place].mean(axis=1) * 10 ** (-below_db / 20)
    mix = title.with_voice(title.stem + left)
    found = numbers(source_leak.measure(finish(tmp_path, title, mix=mix)))
    assert found["s0002"] == pytest.approx(-below_db, abs=1.5)
    assert max(found["s0001"], found["s0003"]) < -30


def test_an_original_in_the_place_of_a_missing_line_is_seen(tmp_path):
    title = three_lines(background=bed(11.0, 6))
    mix = title.original.copy()
    found = source_leak.measure(finish(tmp_path, title, mix=mix))
    assert min(numbers(found).values()) > -1.5
    assert number(found) == pytest.approx(0, abs=1)


def test_speech_that_no_line_stands_for_counts_for_the_title(tmp_path):
    title = three_lines()
    unlisted = seconds(3)
    said = spoken("Wait.")
    voice = title.dialogue.mean(axis=1)
    voice[unlisted : unlisted + len(said)] += said
    spans = SpeechSpans(spans=((unlisted, unlisted + len(said)),), method="test")
    heard = np.pad(said, (unlisted, title.length - unlisted - len(said)))
    write_wav(tmp_path / "dialogue.wav", voice, RATE_HZ)
    title.changes = {"speech": spans, "dialogue": tmp_path / "dialogue.wav"}
    mix = title.with_voice(title.stem + heard)
    measured = source_leak.measure(finish(tmp_path, title, mix=mix))
    assert max(numbers(measured).values()) < -30
    assert number(measured) > -15


def test_what_is_kept_on_purpose_is_no_leak(tmp_path):
    title = three_lines()
    kept = spoken("Hooray!", "slt")
    title.lines = [*title.lines, Said(4.2, action=Action.KEEP, original=kept, speaker="crowd")]
    mix = title.mix.copy()
    mix[seconds(4.2) : seconds(4.2) + len(kept)] += kept[:, None]
    assert number(source_leak.measure(finish(tmp_path, title, mix=mix))) < -30


def test_a_silent_source_leaks_nothing_that_can_be_measured(tmp_path):
    title = three_lines()
    silent = np.zeros(seconds(1), np.float32)
    title.lines[0] = Said(0.6, take=title.lines[0].take, original=silent)
    found = numbers(source_leak.measure(finish(tmp_path, title)))
    assert found["s0001"] == "the source is silent there"
