"""The cascades' masks lie on mouths, on nothing else, and can't grow over a picture."""

import numpy as np
import pytest

from model_images.common.landmarks import Landmarks, rows
from model_images.evaluate.analysis.face_crops import tracked_eyes
from model_images.evaluate.analysis.mouth_masks import (
    LARGEST_SHARE,
    Ellipse,
    MouthMasks,
    counted_pixels,
)
from model_images.evaluate.analysis.picture import films


@pytest.fixture(scope="module")
def faces(clean):
    return tracked_eyes(clean.faces, Landmarks(clean.path("landmarks")))


def test_the_mask_holds_the_mouth_and_spares_the_eyes(clean, faces):
    landmarks, (track,) = Landmarks(clean.path("landmarks")), clean.faces.tracks
    masks, source = MouthMasks(faces), clean.once(films)[0]
    for picture in source.pictures():
        mouths = masks.mouths(picture.index, picture.planes[0])
        assert mouths is not None
        mask = counted_pixels(picture.planes[0].shape, mouths)
        points = landmarks.points(track.id, picture.index, picture.index + 1)[0].round().astype(int)
        lips, eyes = (
            points[rows((61, 291, 13, 14, 17, 152))],
            points[rows((33, 133, 362, 263, 168))],
        )
        assert not mask[lips[:, 1], lips[:, 0]].any()
        assert mask[eyes[:, 1], eyes[:, 0]].all()


def test_a_face_that_the_cascade_does_not_see_is_told(clean, faces):
    nothing = np.full((472, 360), 90, np.uint8)
    assert MouthMasks(faces).mouths(0, nothing) is None


def test_a_frame_without_a_tracked_face_has_no_mouth(faces):
    assert MouthMasks(faces).mouths(10_000, np.zeros((472, 360), np.uint8)) == []


def test_masks_cover_a_quarter_of_a_picture_at_most():
    close_up = Ellipse(200, 200, 180, 150, 10)
    mask = counted_pixels((400, 400), [close_up])
    assert (mask == 0).mean() == pytest.approx(LARGEST_SHARE, abs=0.01)
    assert mask[200, 200] == 0
    small = Ellipse(200, 200, 20, 10, 0)
    assert (counted_pixels((400, 400), [small]) == 0).sum() == pytest.approx(small.area, rel=0.1)
    assert counted_pixels((40, 40), []).all()
