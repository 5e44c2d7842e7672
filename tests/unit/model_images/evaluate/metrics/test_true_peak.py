"""True peaks are seen between the samples, after the encoder."""

import numpy as np
import pytest

from model_images.evaluate.metrics import true_peak
from tests.unit.model_images.evaluate.dubs import finish, number, three_lines
from tests.unit.model_images.mix.sounds import RATE_HZ


def test_a_peak_between_the_samples_counts(tmp_path):
    title = three_lines()
    time = np.arange(title.length) / RATE_HZ
    tone = 0.7 * np.sin(2 * np.pi * RATE_HZ / 4 * time + np.pi / 4)  # samples reach 0.495
    evidence = finish(tmp_path, title, mix=np.stack([tone, tone], axis=1).astype(np.float32))
    assert number(true_peak.measure(evidence)) == pytest.approx(20 * np.log10(0.7), abs=0.5)


def test_a_mix_near_full_scale_is_over_the_limit(tmp_path):
    title = three_lines()
    loud = title.mix / np.abs(title.mix).max()
    assert number(true_peak.measure(finish(tmp_path / "loud", title, mix=loud))) > -1
    assert number(true_peak.measure(finish(tmp_path / "safe", title, mix=loud * 0.6))) < -3
