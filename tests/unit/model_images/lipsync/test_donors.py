"""The path takes mouths that fit, from the same angle, in runs."""

import numpy as np
import pytest

from model_images.lipsync.donors import CANDIDATES, Features, donor_path

RNG = np.random.default_rng(0)


def donors(opening, width=None, pose=None, follows=None):
    count = len(opening)
    return Features(
        np.asarray(opening, float),
        np.full(count, 0.5) if width is None else np.asarray(width, float),
        np.zeros((count, 4)) if pose is None else np.asarray(pose, float),
        np.r_[False, np.ones(count - 1, bool)] if follows is None else np.asarray(follows),
    )


def path(opening, lent, width=None, pose=None):
    count = len(opening)
    return donor_path(
        np.asarray(opening, float),
        np.full(count, 0.5) if width is None else np.asarray(width, float),
        np.zeros((count, 4)) if pose is None else np.asarray(pose, float),
        lent,
    )


def test_what_the_clip_itself_shows_is_taken_from_the_clip_itself():
    opening = 0.1 + 0.05 * np.sin(np.arange(80) / 3.1)
    assert path(opening, donors(opening)).tolist() == list(range(80))


def test_a_delayed_mouth_is_taken_from_the_delayed_frames():
    opening = 0.1 + 0.1 * np.convolve(RNG.uniform(0, 1, 120), np.ones(5) / 5, "same")
    found = path(opening[20:100], donors(opening))
    assert (found == np.arange(20, 100)).mean() > 0.95


def test_wanted_openings_are_met():
    lent = RNG.uniform(0.02, 0.3, 300)
    wanted = 0.15 + 0.1 * np.sin(np.arange(60) / 4)
    found = path(wanted, donors(lent))
    assert np.corrcoef(lent[found], wanted)[0, 1] > 0.97


def test_another_angle_costs_more_than_a_poorer_mouth():
    pose = np.zeros((40, 4))
    pose[20:, 0] = 0.3
    opening = np.r_[np.linspace(0.05, 0.15, 20), np.linspace(0.05, 0.25, 20)]
    assert path(np.full(10, 0.25), donors(opening, pose=pose)).max() < 20


def test_a_run_is_kept_when_single_frames_are_as_good():
    rng = np.random.default_rng(1)
    run = 0.1 + 0.08 * np.sin(np.arange(30) / 3)
    lent = np.r_[run, rng.permutation(run), rng.permutation(run)]
    found = path(run, donors(lent))
    assert (np.diff(found) == 1).mean() > 0.9


def test_frames_either_side_of_a_gap_do_not_follow_each_other():
    lent = np.tile([0.1, 0.2], 20)
    jumps = donors(lent, follows=np.zeros(40, bool))
    runs = donors(lent)
    wanted = np.tile([0.1, 0.2], 10)
    assert (np.diff(path(wanted, runs)) == 1).all()
    assert lent[path(wanted, jumps)] == pytest.approx(wanted)


@pytest.mark.parametrize("count", [1, 2, CANDIDATES - 1, CANDIDATES + 1])
def test_few_donors_suffice(count):
    lent = np.linspace(0.1, 0.2, count)
    found = path(np.full(7, 0.2), donors(lent))
    assert found.shape == (7,)
    assert set(found) <= set(range(count))
    assert lent[found[-1]] == pytest.approx(lent[-1], abs=0.03)


def test_long_scenes_are_compared_in_blocks_with_the_same_result():
    lent = RNG.uniform(0.02, 0.3, 200)
    wanted = RNG.uniform(0.05, 0.25, 150)
    whole = path(wanted, donors(lent))
    cost = (lent[whole] - wanted) ** 2
    assert np.sqrt(cost.mean()) < 0.03
