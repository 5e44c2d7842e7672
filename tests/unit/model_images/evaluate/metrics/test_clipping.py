"""Peaks that were cut flat are seen after they were turned down and encoded; limited ones pass."""

import numpy as np
import pytest

from model_images.evaluate.metrics import clipping
from model_images.mix.limiter import CONTEXT, limiter_gain
from tests.unit.model_images.evaluate.dubs import bed, finish, number, numbers, span, three_lines


@pytest.mark.parametrize("level", [0.0, 0.01, 0.08])
def test_a_clean_dub_has_none_over_any_background(tmp_path, level):
    title = three_lines(background=bed(11.0, level=level))
    assert max(numbers(clipping.measure(finish(tmp_path, title))).values()) <= 0.01


@pytest.mark.parametrize(("driven_db", "least"), [(6, 0.03), (12, 0.06)])
def test_a_line_that_was_driven_too_hard_is_blamed_alone(tmp_path, driven_db, least):
    title = three_lines()
    stem, said = title.stem.copy(), title.stem[span("s0002")]
    ceiling = np.abs(said).max() / 10 ** (driven_db / 20)
    stem[span("s0002")] = 0.5 * np.clip(said, -ceiling, ceiling)
    found = numbers(clipping.measure(finish(tmp_path, title, stem=stem)))
    assert found["s0002"] > least
    assert max(found["s0001"], found["s0003"]) <= 0.01


def test_a_mix_that_was_clipped_as_a_whole_is_seen(tmp_path):
    title = three_lines()
    flat = np.clip(title.mix, -0.1, 0.1) / 2
    found = numbers(clipping.measure(finish(tmp_path, title, mix=flat.astype(np.float32))))
    assert min(found.values()) > 0.05


def test_a_limiter_leaves_no_flat_peaks(tmp_path):
    title = three_lines()
    padded = np.pad(title.stem, CONTEXT)[:, None]
    ceiling_db = 20 * np.log10(np.abs(title.stem).max()) - 6
    limited = title.stem * limiter_gain(padded, ceiling_db)
    assert number(clipping.measure(finish(tmp_path, title, stem=limited))) <= 0.01


def test_a_silent_line_has_no_loud_peaks(tmp_path):
    title = three_lines(background=0 * bed(11.0))
    stem = title.stem.copy()
    stem[span("s0001")] = 0
    found = numbers(clipping.measure(finish(tmp_path, title, stem=stem)))
    assert found["s0001"] == "the line has too few loud peaks"
