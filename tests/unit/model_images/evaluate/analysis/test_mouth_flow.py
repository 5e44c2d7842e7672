"""Optical flow sees lips part, whose they are, and that they don't."""

import numpy as np
import pytest

from airdub.faces import FaceTrack
from model_images.common import mouth
from model_images.common.landmarks import Landmarks
from model_images.evaluate.analysis.face_crops import CropPlan, TrackedEyes, crop
from model_images.evaluate.analysis.mouth_flow import STEPS
from model_images.evaluate.analysis.picture import compare_pictures
from tests.talking_clips import FPS
from tests.unit.model_images.evaluate.talks import STARTS_S


@pytest.fixture(scope="module")
def series(clean):
    (found,) = clean.once(compare_pictures).mouths.values()
    return found


def test_the_source_lips_part_as_its_landmarks_do(clean, series):
    (track,) = clean.faces.tracks
    opening = mouth.opening(Landmarks(clean.path("landmarks")).points(track.id))
    flow = np.convolve(series.source, (0.25, 0.5, 0.25), "same") / STEPS
    assert np.corrcoef(flow[1:], np.diff(opening))[0, 1] > 0.85


def test_lips_rest_between_lines(series):
    pause = slice(round(3.2 * FPS), round(4.0 * FPS))
    assert np.abs(series.source[pause]).mean() < 0.15 * np.abs(series.source[20:60]).mean()


def test_new_lips_are_known_as_such(series):
    own = np.zeros(len(series.source), bool)
    for first, end in series.own:
        own[first:end] = True
    start = round(STARTS_S[0] * FPS)
    assert own[start : start + 40].mean() > 0.8
    assert own[: start - 6].mean() < 0.05


def test_a_crop_is_upright_and_shrunk_without_a_shift():
    y, x = np.mgrid[:900, :900]
    blob = (200 * np.exp(-((x - 480) ** 2 + (y - 520) ** 2) / (2 * 8**2))).astype(np.uint8)
    plan = CropPlan(eyes=40, width=80, height=100, x=40, y=20)
    for apart, turn in ((60, 0.0), (100, 0.3), (240, -0.2), (400, 0.1)):
        half = apart / 2 * np.array([np.cos(turn), np.sin(turn)])
        middle = np.array([460.0, 440.0])
        track = FaceTrack(id="t0001", identity="face_1", first_frame=0, end_frame=1)
        eyes = TrackedEyes(track, np.array([[middle - half, middle + half]]))
        matrix = eyes.matrix(0, plan)
        assert matrix is not None
        small = crop(blob, matrix, plan).astype(float)
        rows_, columns = np.mgrid[:100, :80]
        centre = np.array([(small * columns).sum(), (small * rows_).sum()]) / small.sum()
        assert centre == pytest.approx(matrix @ (480, 520, 1), abs=0.35)
