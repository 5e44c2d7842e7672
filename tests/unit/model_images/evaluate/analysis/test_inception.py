"""The Frechet distance is that of normal distributions, however the pictures come."""

import numpy as np
import pytest

from model_images.evaluate.analysis.inception import Moments, frechet_distance

RNG = np.random.default_rng(4)


def features(pictures):
    return np.stack([picture.reshape(-1)[:6].astype(float) for picture in pictures])


def moments(pictures):
    found = Moments(features)
    for picture in pictures:
        found.add(picture)
    return found.finish()


def test_moments_are_numpys():
    pictures = RNG.integers(0, 255, (101, 2, 2, 3)).astype(np.uint8)
    mean, covariance = moments(pictures)
    plain = features(pictures)
    assert mean == pytest.approx(plain.mean(axis=0))
    assert covariance == pytest.approx(np.cov(plain, rowvar=False))


def test_the_distance_of_known_distributions():
    one = (np.array([0.0, 0.0]), np.diag([4.0, 9.0]))
    other = (np.array([3.0, 4.0]), np.diag([1.0, 16.0]))
    assert frechet_distance(one, one) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(one, other) == pytest.approx(25 + (2 - 1) ** 2 + (3 - 4) ** 2)
    assert frechet_distance(other, one) == pytest.approx(frechet_distance(one, other))


def test_covariances_without_full_rank_have_a_distance():
    flat = (np.zeros(3), np.diag([1.0, 0.0, 0.0]))
    assert frechet_distance(flat, (np.ones(3), np.zeros((3, 3)))) == pytest.approx(4)
