"""The path takes mouths that fit, from the same angle, in runs."""

import numpy as np
import pytest

from model_images.lipsync.donors import CANDIDATES, Features, donor_path

RNG = np.random.default_rng(0)


def donors(opening, width=None, pose=None, follows=None, chunks=None):
    count = len(opening)
    return Features(
        np.asarray(opening, float),
        np.full(count, 0.5) if width is None else np.asarray(width, float),
        np.zeros((count, 4)) if pose is None else np.asarray(pose, float),
        np.r_[False, np.ones(count - 1, bool)] if follows is None else np.asarray(follows),
        np.zeros(count, int) if chunks is None else np.asarray(chunks),
    )


def path(opening, lent, width=None, pose=None, chunks=None):
    count = len(opening)
    return donor_path(
        np.asarray(opening, float),
        np.full(count, 0.5) if width is None else np.asarray(width, float),
        np.zeros((count, 4)) if pose is None else np.asarray(pose, float),
        np.zeros(count, int) if chunks is None else np.asarray(chunks),
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


def test_a_frame_takes_from_its_own_chunk_alone():
    lent = RNG.uniform(0.02, 0.3, 200)
    wanted = RNG.uniform(0.05, 0.25, 150)
    theirs, own = np.repeat([0, 1, 2, 3], 50), np.repeat([0, 1, 3], [20, 70, 60])
    found = path(wanted, donors(lent, chunks=theirs), chunks=own)
    assert theirs[found].tolist() == own.tolist()
    assert np.sqrt(((lent[found] - wanted) ** 2).mean()) < 0.04


def test_chunks_with_fewer_donors_than_candidates_take_what_they_have():
    theirs = np.r_[np.zeros(3, int), np.ones(100, int)]
    found = path(np.full(8, 0.2), donors(RNG.uniform(0.1, 0.3, 103), chunks=theirs),
                 chunks=np.repeat([0, 1], 4))  # fmt: skip
    assert set(found[:4]) <= {0, 1, 2}
    assert set(found[4:]) <= set(range(3, 103))


def test_the_path_runs_on_over_a_join():
    """Of two donors that fit as well, the one that follows on the chunk before is taken."""
    lent = np.r_[np.linspace(0.1, 0.2, 10), np.linspace(0.21, 0.3, 10), np.linspace(0.21, 0.3, 10)]
    chunks = np.r_[np.zeros(10, int), np.ones(20, int)]
    follows = np.r_[False, np.ones(19, bool), False, np.ones(9, bool)]
    lending = donors(lent, follows=follows, chunks=chunks)
    assert path(lent[:20], lending, chunks=chunks[:20]).tolist() == list(range(20))
    others = donors(
        lent[[*range(10), *range(20, 30), *range(10, 20)]],
        follows=np.r_[False, np.ones(9, bool), False, np.ones(19, bool)],
        chunks=chunks,
    )
    found = path(lent[:20], others, chunks=chunks[:20])
    assert (np.diff(found[10:]) == 1).all()
