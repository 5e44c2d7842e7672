"""Frames that a viewer doesn't get are counted."""

from model_images.evaluate.metrics import missing_frames
from tests.media.clips import ffmpeg
from tests.unit.model_images.evaluate.talks import FRAMES


def count(evidence):
    title = missing_frames.measure(evidence).title
    assert title.n_scored == FRAMES
    return title.number


def test_a_clean_dub_shows_every_frame(clean):
    assert count(clean) == 0


def test_dropped_frames_are_missing(talk, clean):
    keep = ["-vf", "select='not(between(n,60,64))'", "-fps_mode", "vfr"]
    dropped = ffmpeg(
        ["-i", str(clean.path("deliverable")), *keep, "-c:a", "copy"], talk.folder / "dropped.mp4"
    )
    assert count(talk.evidence("dropped", dropped)) == 5


def test_a_frozen_picture_misses_frames(talk):
    frozen = [*talk.dub[:30], *[talk.dub[29]] * 25, *talk.dub[55:]]
    assert 18 <= count(talk.evidence("frozen-picture", frozen)) <= 25
