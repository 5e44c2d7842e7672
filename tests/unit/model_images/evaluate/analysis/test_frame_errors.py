"""PSNR and SSIM agree with scikit-image's, and leave out what is masked."""

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from model_images.evaluate.analysis.frame_errors import psnr_db, small_luma, ssim

RNG = np.random.default_rng(1)
PICTURE = (
    (128 + 60 * gaussian_filter(RNG.normal(0, 6, (200, 240)), 3)).clip(0, 255).astype(np.uint8)
)
WORSE = (PICTURE + RNG.normal(0, 5, PICTURE.shape)).clip(0, 255).astype(np.uint8)
ALL = np.full(PICTURE.shape, 255, np.uint8)
GREY = np.full((100, 120), 128, np.uint8)


def test_psnr_of_a_grey_picture_is_scikit_images():
    mine = psnr_db((PICTURE, GREY, GREY), (WORSE, GREY, GREY), ALL)
    luma_alone = peak_signal_noise_ratio(PICTURE, WORSE, data_range=255)
    assert mine == pytest.approx(luma_alone + 10 * math.log10(1.5))  # colours have half as many


def test_an_error_of_colour_counts():
    assert psnr_db((PICTURE, GREY, GREY), (PICTURE, GREY + np.uint8(20), GREY), ALL) < 31


def test_equal_pictures_have_no_finite_psnr():
    assert psnr_db((PICTURE, GREY, GREY), (PICTURE, GREY, GREY), ALL) == math.inf


def test_ssim_is_scikit_images():
    expected = structural_similarity(PICTURE, WORSE, data_range=255)
    assert ssim(PICTURE, WORSE, ALL) == pytest.approx(expected, abs=0.004)  # borders differ
    assert ssim(PICTURE, PICTURE, ALL) == pytest.approx(1)


def test_large_pictures_are_shrunk_by_a_whole_number():
    assert small_luma(PICTURE) is PICTURE
    assert small_luma(np.zeros((1080, 1920), np.uint8)).shape == (270, 480)
    twice = np.kron(PICTURE, np.ones((2, 2), np.uint8))
    assert np.array_equal(small_luma(twice), PICTURE)


def test_what_is_masked_counts_for_nothing():
    damaged, mask = PICTURE.copy(), ALL.copy()
    damaged[50:90, 60:100] = 0
    assert psnr_db((PICTURE, GREY, GREY), (damaged, GREY, GREY), mask) < 30
    assert ssim(PICTURE, damaged, mask) < 0.97
    mask[50:90, 60:100] = 0
    assert psnr_db((PICTURE, GREY, GREY), (damaged, GREY, GREY), mask) == math.inf
    assert ssim(PICTURE, damaged, mask) == pytest.approx(1)


def test_nothing_to_count_is_no_number():
    nothing = np.zeros_like(ALL)
    assert math.isnan(psnr_db((PICTURE, GREY, GREY), (WORSE, GREY, GREY), nothing))
    assert math.isnan(ssim(PICTURE, WORSE, nothing))
