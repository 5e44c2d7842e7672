"""The whole stage with trained voices: each speaks the lines of its own person, who agreed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from pydantic import ValidationError

from airdub.errors import InvalidInput
from airdub.transcript import Takes
from model_images.convert_voice.protocol import TrainedVoice
from tests.neural.convert_voice.rvc_made import fill_cache
from tests.unit.model_images.convert_voice.titles import SENTENCES, Title


@pytest.fixture
def voice(model_cache: Path) -> TrainedVoice:
    return fill_cache(model_cache)


@pytest.fixture
def title(tmp_path: Path) -> Title:
    return Title(tmp_path)


def test_a_trained_voice_speaks_its_own_persons_lines(title: Title, voice: TrainedVoice) -> None:
    takes = title.takes(*SENTENCES[:2])
    trained = {"he": voice.model_dump()}  # the builder's consents are named as the speakers
    context, converted = title.convert(takes, engine="rvc", trained=trained)
    his, hers = converted.takes
    samples, rate_hz = soundfile.read(context.fetch(his.audio))
    assert (rate_hz, samples.shape) == (48_000, (takes.takes[0].length,))
    assert his == takes.takes[0].model_copy(update={"audio": his.audio})
    assert his.audio != takes.takes[0].audio
    assert 0.001 < np.abs(samples).max() <= 0.98
    assert hers == takes.takes[1]
    assert context.warnings == [
        "no trained voice of she under the consent she: his takes stay as spoken"
    ]
    assert context.measurements["used_speakers"] == ["he"]
    assert list(context.measurements["voices"]) == ["he"]
    assert (context.n_scored, context.n_skipped) == (1, 1)
    again, same = title.convert(takes, engine="rvc", trained=trained)
    assert again.measurements["items_computed"] == 0
    assert same == converted
    other = {"he": {**trained["he"], "index_rate": 0.0}}
    changed, differently = title.convert(takes, engine="rvc", trained=other)
    assert changed.measurements["items_computed"] == 1
    assert differently.takes[0].audio.sha256 != his.audio.sha256


def test_what_it_makes_lies_in_the_persons_folder(title: Title, voice: TrainedVoice) -> None:
    trained = {"he": voice.model_dump()}
    converted = title.convert(title.takes(SENTENCES[0]), engine="rvc", trained=trained)[1]
    assert converted.takes[0].audio.key.startswith("work/convert_voice/consents/he/")


def test_nobodys_voice_is_used_without_his_consent(title: Title, voice: TrainedVoice) -> None:
    takes = title.takes(SENTENCES[0])
    trained = {"he": voice.model_dump()}
    context, converted = title.convert(takes, engine="rvc", consented=(), trained=trained)
    assert converted == takes.model_copy(update={"without_consent": ("he",)})
    assert context.warnings == ["no consent to clone the voice of he: his takes stay as spoken"]


def test_a_silent_take_stays_as_it_is(title: Title, voice: TrainedVoice) -> None:
    takes = Takes(language="en", takes=(title.take(1, np.zeros(24_000)),))
    context, converted = title.convert(takes, engine="rvc", trained={"he": voice.model_dump()})
    samples, _ = soundfile.read(context.fetch(converted.takes[0].audio))
    assert not samples.any()
    assert (context.n_scored, context.n_skipped) == (0, 1)


def test_another_file_under_a_voices_name_is_refused(
    title: Title, voice: TrainedVoice, model_cache: Path
) -> None:
    (model_cache / voice.model).write_bytes(b"another voice")
    with pytest.raises(InvalidInput, match=f"not {voice.model_sha256}"):
        title.convert(title.takes(SENTENCES[0]), engine="rvc", trained={"he": voice.model_dump()})


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": "../hana.pth"},
        {"model": "/etc/passwd"},
        {"model_sha256": "abc"},
        {"index_sha256": ""},
        {"index": "../x.index"},
        {"index_rate": 1.5},
        {"pitch": "crepe"},
    ],
)
def test_a_voice_is_named_by_a_path_inside_the_cache_and_its_digest(
    voice: TrainedVoice, wrong: dict[str, object]
) -> None:
    with pytest.raises(ValidationError):
        TrainedVoice.model_validate(voice.model_dump() | wrong)
