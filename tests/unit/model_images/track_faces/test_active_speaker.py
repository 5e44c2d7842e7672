"""Mouths that move while speech is heard speak; of two, the one in step with the sound."""

import numpy as np
import pytest

from model_images.track_faces.active_speaker import (
    Mouth,
    best_path,
    correlation,
    movement,
    runs,
    speaking_spans,
)

RATE = 25.0
FRAMES = 200


def talk(seed: int, frames: int = FRAMES):
    """Opening in eye distances and loudness of somebody who speaks syllables of 0.2 s."""
    rng = np.random.default_rng(seed)
    beats = np.repeat(rng.uniform(0, 1, frames // 5 + 1), 5)[:frames]
    smooth = np.convolve(beats, np.hanning(5) / np.hanning(5).sum(), "same")
    return 0.02 + 0.12 * smooth, (8 * smooth - 9).astype(np.float32)


def still(seed: int, frames: int = FRAMES):
    return 0.03 + np.random.default_rng(seed).normal(0, 0.001, frames)


def spans(mouths, loudness, speech, shot=(0, FRAMES)):
    return speaking_spans(mouths, shot, loudness, speech, RATE)


def covered(found, start, end):
    frames = {frame for first, stop in found for frame in range(first, stop)}
    return len(frames & set(range(start, end))) / (end - start)


def test_a_moving_mouth_speaks_while_speech_is_heard_and_not_before():
    opening, loudness = talk(1)
    speech = np.arange(FRAMES) >= 100
    (found,) = spans([Mouth(0, opening, 120)], loudness, speech)
    assert covered(found, 105, 200) > 0.95
    assert covered(found, 0, 90) == 0


def test_a_still_face_does_not_speak_what_is_heard():
    _, loudness = talk(1)
    (found,) = spans([Mouth(0, still(2), 120)], loudness, np.ones(FRAMES, bool))
    assert found == []


def test_of_two_moving_mouths_the_one_in_step_speaks():
    (first, loud_1), (second, loud_2) = talk(1), talk(2)
    loudness = np.where(np.arange(FRAMES) < 100, loud_1, loud_2)
    mouths = [Mouth(0, first, 120), Mouth(0, second, 120)]
    left, right = spans(mouths, loudness, np.ones(FRAMES, bool))
    assert covered(left, 5, 85) > 0.9
    assert covered(right, 115, 195) > 0.9
    assert covered(right, 5, 85) < 0.1


def test_nobody_speaks_outside_of_his_track():
    opening, loudness = talk(1)
    track = Mouth(60, opening[60:120], 120)
    (found,) = spans([track], loudness, np.ones(FRAMES, bool), shot=(0, FRAMES))
    assert found
    assert min(first for first, _ in found) >= 60
    assert max(end for _, end in found) <= 120


def test_frames_are_counted_from_the_videos_start():
    opening, loudness = talk(1)
    everywhere = np.concatenate([loudness, loudness])
    mouth = Mouth(FRAMES, opening, 120)
    shot = (FRAMES, 2 * FRAMES)
    (found,) = spans([mouth], everywhere, np.ones(2 * FRAMES, bool), shot)
    assert covered(found, 210, 390) > 0.95


def test_a_small_faces_jitter_is_no_speech():
    jitter = 0.05 + np.random.default_rng(3).normal(0, 0.008, FRAMES)
    speech, loudness = np.ones(FRAMES, bool), talk(1)[1]
    assert spans([Mouth(0, jitter, 120)], loudness, speech)[0]
    assert spans([Mouth(0, jitter, 20)], loudness, speech)[0] == []


def test_movement_is_the_deviation_round_a_frame():
    sway = 0.05 * np.sin(2 * np.pi * np.arange(100) / 5)
    assert movement(sway, RATE)[50] == pytest.approx(0.05 / np.sqrt(2), rel=0.05)
    assert movement(np.full(100, 0.3), RATE).max() < 1e-6


def test_correlation_finds_a_lag_of_two_frames():
    opening, _ = talk(1)
    assert correlation(np.roll(opening, 2), opening, RATE)[100] > 0.95
    assert correlation(np.roll(opening, 60), opening, RATE)[100] < 0.7


def test_the_best_path_changes_only_where_it_pays():
    evidence = np.array([[1.0, 0]] * 5 + [[0, 1.0]] * 2 + [[1.0, 0]] * 5)
    assert best_path(evidence, 1.5).tolist() == [0] * 12
    assert best_path(evidence, 0.5).tolist() == [0] * 5 + [1] * 2 + [0] * 5


def test_runs_are_half_open():
    assert runs(np.array([1, 1, 0, 1, 0, 0, 1], bool)) == [(0, 2), (3, 4), (6, 7)]
    assert runs(np.zeros(3, bool)) == []
