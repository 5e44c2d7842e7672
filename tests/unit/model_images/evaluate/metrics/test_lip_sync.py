"""Lips in step with the dub, late, and saying something else."""

import numpy as np
import pytest

from model_images.evaluate.analysis import lip_rhythm
from model_images.evaluate.metrics import lip_lag, lip_sync
from model_images.evaluate.protocol import Absent
from tests.unit.model_images.mix.sounds import RATE_HZ


@pytest.fixture
def short_talks_will_do(monkeypatch):
    monkeypatch.setattr(lip_rhythm, "LEAST_S", 3.0)


def test_a_short_talk_tells_nothing(talk, clean):
    reason = "speakers are seen for 4 s of the dub: less than 20 s don't tell right from wrong"
    assert lip_sync.measure(talk.evidence("clean", clean.path("deliverable"))).title == Absent(
        reason
    )
    assert lip_lag.measure(talk.evidence("clean", clean.path("deliverable"))).title == Absent(
        reason
    )


def measured(evidence):
    return lip_sync.measure(evidence).title, lip_lag.measure(evidence).title


@pytest.mark.usefixtures("short_talks_will_do")
def test_a_clean_dub_is_in_step(talk, clean):
    sync, lag = measured(talk.evidence("in-step", clean.path("deliverable")))
    assert sync.number > 0.15
    assert lag.number <= 60
    assert (sync.n_scored, sync.coverage) == (lag.n_scored, 1.0)


@pytest.mark.usefixtures("short_talks_will_do")
@pytest.mark.parametrize("late_s", [-0.32, 0.32])
def test_sound_that_is_late_or_early_is_seen(talk, late_s):
    sound = np.roll(talk.title.mix, round(late_s * RATE_HZ), axis=0)
    sync, lag = measured(talk.evidence(f"shifted{late_s}", talk.dub, sound=sound))
    assert sync.number < 0.05
    assert 220 <= lag.number <= 420


@pytest.mark.usefixtures("short_talks_will_do")
def test_lips_that_say_the_source_are_seen(talk, clean):
    lazy, _ = measured(talk.evidence("lazy-sync", talk.source))
    dubbed, _ = measured(talk.evidence("in-step", clean.path("deliverable")))
    assert lazy.number < dubbed.number - 0.1
