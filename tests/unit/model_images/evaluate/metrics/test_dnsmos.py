"""Predicted quality of lines: speech above noisy speech, and what can't be scored says why."""

import numpy as np
import pytest

from model_images.evaluate.analysis.quality import RATE_HZ, model_path, overall
from model_images.evaluate.metrics import dnsmos
from tests.unit.model_images.evaluate.dubs import finish, number, numbers, span, three_lines
from tests.unit.model_images.evaluate.titles import Said, spoken


def test_noise_in_a_line_lowers_its_score_alone(tmp_path):
    title = three_lines()
    clean = dnsmos.measure(finish(tmp_path / "clean", title))
    stem = title.stem.copy()
    rng = np.random.default_rng(0)
    stem[span("s0002")] += 0.05 * rng.standard_normal(len(stem[span("s0002")]))
    noisy = numbers(dnsmos.measure(finish(tmp_path / "noisy", title, stem=stem)))
    assert 2.8 < number(clean) < 3.93
    assert noisy["s0002"] < numbers(clean)["s0002"] - 0.8
    assert noisy["s0001"] == pytest.approx(numbers(clean)["s0001"], abs=0.01)


def test_the_level_of_a_stem_does_not_matter(tmp_path):
    title = three_lines()
    one = number(dnsmos.measure(finish(tmp_path / "one", title)))
    soft = finish(tmp_path / "soft", title, stem=title.stem / 4)
    assert number(dnsmos.measure(soft)) == pytest.approx(one, abs=0.05)


def test_short_shared_and_silent_lines_have_no_score(tmp_path):
    title = three_lines()
    first, second, third = title.lines
    lines = [
        first,
        Said(1.0, take=second.take, speaker="guest"),
        Said(5.5, take=spoken("No."), speaker="guest"),
        Said(7.7, take=0 * third.take),
    ]
    found = numbers(dnsmos.measure(finish(tmp_path, three_lines(lines=lines))))
    assert found == {
        "s0001": "others speak during the line",
        "s0002": "others speak during the line",
        "s0003": "the line is shorter than a second",
        "s0004": "the line is silent",
    }


def test_it_scores_as_speechmos_does():
    import onnxruntime
    from soxr import resample
    from speechmos import dnsmos as published

    speech = resample(spoken("The old harbour is quiet in the morning. " * 4), 48_000, RATE_HZ)
    speech = speech[: int(9.01 * RATE_HZ)]
    wanted = published.run(speech, RATE_HZ)["ovrl_mos"]
    assert overall(onnxruntime.InferenceSession(model_path()), speech) == pytest.approx(wanted)
