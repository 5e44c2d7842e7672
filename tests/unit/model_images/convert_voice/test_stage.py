import math
from pathlib import Path

import numpy as np
import pytest
import soundfile

from airdub.consents import consent_folder
from airdub.errors import InvalidInput, PolicyRefused
from airdub.transcript import Takes
from model_images.common.pitch import contour, statistics
from tests.unit.model_images.convert_voice.titles import CHANGED, SENTENCES, Title


@pytest.fixture
def title(tmp_path: Path) -> Title:
    return Title(tmp_path)


def test_each_take_gets_its_speakers_pitch_and_keeps_its_times(title: Title) -> None:
    takes = title.takes(*SENTENCES[:2])
    context, converted = title.convert(takes)
    means = []
    for before, after in zip(takes.takes, converted.takes, strict=True):
        samples, rate_hz = soundfile.read(context.fetch(after.audio))
        assert (rate_hz, samples.shape) == (48_000, (before.length,))
        assert after == before.model_copy(update={"audio": after.audio})
        found = statistics(contour(samples, rate_hz))
        assert found is not None
        means.append(found.mean_hz)
    voices = context.measurements["voices"]
    he, she = (voices[speaker]["source"]["f0_mean_hz"] for speaker in ("he", "she"))
    assert (he, she) == (pytest.approx(101, abs=6), pytest.approx(195, abs=12))
    assert means == [pytest.approx(he, abs=5), pytest.approx(she, abs=5)]
    assert context.warnings == []
    assert (context.n_scored, context.n_skipped) == (2, 0)


def test_measures_features_of_source_and_takes(title: Title) -> None:
    voices = title.convert(title.takes(*SENTENCES[:1]))[0].measurements["voices"]
    assert list(voices) == ["he"]
    for features in voices["he"].values():
        assert len(features["mfcc"]) == 13
        assert len(features["wavelet_energy"]) == 7
        assert 150 < features["formants_hz"][0] < features["formants_hz"][1] < 3000
        assert 0.5 < features["f0_deviation_semitones"] < 6
        numbers = [*features["mfcc"], *features["wavelet_energy"], *features["formants_hz"]]
        assert all(math.isfinite(number) for number in numbers)


def test_editing_one_line_converts_one_take(title: Title) -> None:
    first, before = title.convert(title.takes(*SENTENCES[:2]))
    assert first.measurements["items_computed"] == 2
    again, same = title.convert(title.takes(*SENTENCES[:2]))
    assert again.measurements["items_computed"] == 0
    assert same == before
    assert again.measurements["voices"] == first.measurements["voices"]
    retold = title.transcript.model_copy(
        update={
            "segments": tuple(
                segment.model_copy(update={"text": "edited"})
                for segment in title.transcript.segments
            )
        }
    )
    edited, after = title.convert(title.takes(CHANGED, SENTENCES[1]), transcript=retold)
    assert edited.measurements["items_computed"] == 1
    assert edited.measurements["items_cached"] == 1
    assert after.takes[1].audio == before.takes[1].audio
    assert after.takes[0].audio != before.takes[0].audio


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    hashes = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        title = Title(tmp_path / name)
        hashes.append(title.convert(title.takes(SENTENCES[0]))[1].takes[0].audio.sha256)
    assert hashes[0] == hashes[1]


def test_a_speaker_without_voiced_speech_leaves_takes_as_they_are(title: Title) -> None:
    takes = title.takes(*SENTENCES)
    context, converted = title.convert(takes)
    assert converted.takes[2] == takes.takes[2]
    assert context.warnings == [
        "no clean voiced speech of ghost in the source: his takes stay as spoken"
    ]
    assert (context.n_scored, context.n_skipped) == (2, 1)


def test_nobody_is_cloned_or_measured_without_his_consent(title: Title) -> None:
    takes = title.takes(*SENTENCES[:2])
    context, converted = title.convert(takes, consented=("she",))
    assert converted.takes[0] == takes.takes[0]
    assert converted.takes[1].audio != takes.takes[1].audio
    assert list(context.measurements["voices"]) == ["she"]
    assert context.measurements["used_speakers"] == ["she"]
    assert converted.without_consent == ("he",)
    assert context.warnings == ["no consent to clone the voice of he: his takes stay as spoken"]
    assert (context.n_scored, context.n_skipped) == (1, 1)
    none, untouched = title.convert(takes, consented=())
    assert untouched == takes.model_copy(update={"without_consent": ("he", "she")})
    assert none.measurements["used_speakers"] == []


def test_a_strict_policy_makes_no_takes_of_strangers(title: Title) -> None:
    takes = title.takes(*SENTENCES[:2])
    with pytest.raises(PolicyRefused, match="voice of he, she"):
        title.convert(takes, consented=(), without_consent="refuse")
    title.convert(takes, consented=("he", "she"), without_consent="refuse")


def test_what_holds_a_voice_lies_in_its_persons_folder(title: Title) -> None:
    title.convert(title.takes(*SENTENCES[:2]))
    kept = [key for key in title.store.list("work/convert_voice") if key.endswith(".wav")]
    kept = [key for key in kept if "/scratch/" not in key]
    folders = {consent_folder("convert_voice", name) for name in ("he", "she")}
    assert {key.rsplit("/", 3)[0] for key in kept} == folders
    assert len(kept) == 4  # a reference and a take of each
    title.store.delete(consent_folder("convert_voice", "he"))
    context, _ = title.convert(title.takes(*SENTENCES[:2]))
    assert (context.measurements["items_computed"], context.measurements["items_cached"]) == (1, 1)


def test_a_take_without_voiced_sound_stays_as_it_is(title: Title) -> None:
    noise = np.random.default_rng(2).normal(0, 0.05, 24_000)
    takes = Takes(language="en", takes=(title.take(1, noise),))
    for _ in range(2):  # computed, then cached
        context, converted = title.convert(takes)
        samples, _ = soundfile.read(context.fetch(converted.takes[0].audio))
        assert np.array_equal(samples, soundfile.read(context.fetch(takes.takes[0].audio))[0])
        assert "s0001 has no voiced sound" in context.warnings[0]
        assert (context.n_scored, context.n_skipped) == (0, 1)


def test_the_engine_none_passes_every_take_on(title: Title) -> None:
    takes = title.takes(*SENTENCES)
    context, converted = title.convert(takes, engine="none")
    assert converted == takes
    assert (context.n_scored, context.n_skipped) == (0, 3)
    assert context.warnings == []


def test_a_title_without_takes_has_none_after(title: Title) -> None:
    assert title.convert(Takes(language="en"))[1].takes == ()


def test_refuses_a_take_of_no_segment(title: Title) -> None:
    stray = title.takes(SENTENCES[0]).takes[0].model_copy(update={"segment_id": "s0099"})
    with pytest.raises(InvalidInput, match="'s0099', which is no segment"):
        title.convert(Takes(language="en", takes=(stray,)))
