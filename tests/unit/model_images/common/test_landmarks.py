"""The landmarks archive keeps points to an eighth of a pixel, in bytes that never vary."""

import time

import numpy as np
import pytest

from airdub.errors import InvalidInput
from model_images.common import landmarks
from model_images.common.landmarks import KEPT, Landmarks, pack, quantum_for, write_landmarks

POINTS = np.random.default_rng(0).uniform(-50, 700, (7, len(KEPT), 2)).astype(np.float32)
TICKS = np.arange(7) * 1920


def write(path, points=POINTS, quantum_px=0.125):
    write_landmarks(path, {"t0001": pack(points, quantum_px)}, quantum_px, TICKS)
    return path


def test_points_come_back_within_half_a_quantum(tmp_path):
    archive = Landmarks(write(tmp_path / "a.npz"))
    assert np.abs(archive.points("t0001") - POINTS).max() <= 0.0625
    assert archive.points("t0001").dtype == np.float32
    assert archive.ticks.tolist() == TICKS.tolist()


def test_an_archive_is_opened_once_and_closed(tmp_path, monkeypatch):
    opened = []
    load = np.load
    monkeypatch.setattr(np, "load", lambda *a, **b: opened.append(load(*a, **b)) or opened[-1])
    with Landmarks(write(tmp_path / "a.npz")) as archive:
        for _ in range(3):
            assert len(archive.points("t0001", 2, 5)) == 3
    (only,) = opened
    assert only.zip is None


def test_bytes_are_the_same_at_another_time(tmp_path, monkeypatch):
    first = write(tmp_path / "a.npz").read_bytes()
    monkeypatch.setattr(time, "time", lambda: 2e9)
    assert write(tmp_path / "b.npz").read_bytes() == first


@pytest.mark.parametrize(("width", "height"), [(640, 360), (1920, 1080), (7680, 4320)])
def test_any_picture_fits_into_16_bits(width, height):
    quantum_px = quantum_for(width, height)
    corner = np.array([[width * 1.5, -height]], np.float32)
    assert np.abs(pack(corner, quantum_px) * quantum_px - corner).max() <= quantum_px
    assert quantum_px <= 0.5


def test_smoothing_weighs_neighbours_and_keeps_a_line():
    line = np.arange(6, dtype=np.float32)[:, None, None] * np.ones((1, len(KEPT), 2), np.float32)
    assert np.allclose(landmarks.smooth(line)[1:-1], line[1:-1])
    peak = np.zeros((5, 1, 2), np.float32)
    peak[2] = 4
    assert landmarks.smooth(peak)[:, 0, 0].tolist() == [0, 1, 2, 1, 0]


def test_every_kept_point_has_its_row():
    assert [KEPT[row] for row in landmarks.rows((13, 14, 61, 291))] == [13, 14, 61, 291]


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "other.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(InvalidInput, match=r"other\.npz.*track_faces"):
        Landmarks(path)


def test_a_track_that_is_missing_is_named(tmp_path):
    with pytest.raises(InvalidInput, match="t0009/points"):
        Landmarks(write(tmp_path / "a.npz")).points("t0009")
