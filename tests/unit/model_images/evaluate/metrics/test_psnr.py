"""The picture around mouths: untouched, encoded anew, damaged."""

import cv2

from airdub.metrics import IDENTICAL
from model_images.evaluate.metrics import psnr, ssim


def blurred(talk, sigma):
    def blur(picture):
        return cv2.GaussianBlur(picture, (0, 0), sigma)

    return [blur(one) if 50 <= i < 75 else one for i, one in enumerate(talk.dub)]


def test_new_lips_leave_the_rest_as_it_was(clean):
    found = psnr.measure(clean).title
    assert 38 < found.number < 60
    assert (found.n_scored, found.coverage) == (175, 1.0)
    assert 0.98 < ssim.measure(clean).title.number < 1


def test_a_blurred_second_is_seen(talk):
    evidence = talk.evidence("blurred", blurred(talk, 3))
    assert psnr.measure(evidence).title.number < 32
    assert ssim.measure(evidence).title.number < 0.93


def test_a_picture_that_is_copied_is_identical(talk):
    evidence = talk.evidence("copied", talk.clip)
    assert psnr.measure(evidence).title.number == IDENTICAL
    assert ssim.measure(evidence).title.number == IDENTICAL


def test_damage_beside_the_mouth_is_seen(talk):
    def marked(picture):
        return cv2.rectangle(picture.copy(), (20, 20), (140, 90), (0, 0, 255), -1)

    evidence = talk.evidence("marked", [marked(picture) for picture in talk.dub])
    assert psnr.measure(evidence).title.number < 25
