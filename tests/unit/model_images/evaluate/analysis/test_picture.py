"""One look at both films, remembered by what they show."""

import numpy as np
import pytest

from airdub.faces import Faces, Shot
from airdub.units import CLOCK_HZ
from model_images.common.landmarks import write_landmarks
from model_images.evaluate.analysis import film
from model_images.evaluate.analysis.picture import compare_pictures, worst_percentile
from model_images.evaluate.metrics import lip_sync, missing_frames, mouth_motion, psnr, ssim
from tests.media.clips import CLIPS, ffmpeg
from tests.talking_clips import probed
from tests.unit.model_images.evaluate.talks import FRAMES
from tests.unit.model_images.evaluate.titles import Title


def series(values, every_s=0.04):
    ticks = (np.arange(len(values)) * every_s * CLOCK_HZ).astype(np.int64)
    return worst_percentile(ticks, np.array(values, float))


def test_the_first_percentile_leaves_out_a_hundredth():
    assert series([40.0] * 990 + [20.0] * 9 + [10.0]) == 20.0
    assert series([40.0] * 990 + [20.0] * 11) == 20.0
    assert series([40.0] * 995 + [20.0] * 5) == 40.0
    assert series([31.0, 40.0]) == 31.0


def test_some_bad_seconds_count_as_much_in_a_long_film():
    bad = [40.0] * 3000 + [20.0] * 50
    assert series([*bad, *[40.0] * 500]) == series([*bad, *[40.0] * 100_000]) == 20.0
    assert series([*[40.0] * 100_000, *[20.0] * 50]) == 20.0


def test_nothing_that_differs_has_no_value():
    assert worst_percentile(np.zeros(0), np.zeros(0)) is None


def test_new_sound_costs_no_second_look(talk, clean, monkeypatch):
    expected = clean.once(compare_pictures)
    assert (expected.frames, expected.missing, expected.unseen) == (FRAMES, 0, 0)
    louder = ffmpeg(
        ["-i", str(clean.path("deliverable")), "-c:v", "copy", "-af", "volume=0.5", "-c:a", "aac"],
        talk.folder / "louder.mp4",
    )

    def refuse(*args, **kwargs):
        raise AssertionError("the picture is decoded again")

    monkeypatch.setattr(film, "read_pictures", refuse)
    again = talk.evidence("clean", louder)
    assert again.sha256("deliverable") != clean.sha256("deliverable")
    assert again.once(compare_pictures) == expected


def test_a_picture_of_another_size_is_told(talk, clean):
    small = ffmpeg(
        ["-i", str(clean.path("deliverable")), "-vf", "scale=180:236", "-c:a", "copy"],
        talk.folder / "small.mp4",
    )
    evidence = talk.evidence("small", small)
    unlike = "the deliverable's picture is 180x236, the source's 360x472"
    for metric in (missing_frames, psnr, ssim, mouth_motion, lip_sync):
        assert metric.measure(evidence).title.reason == unlike


def test_a_report_takes_some_bytes_a_frame(clean):
    report = clean.once(compare_pictures)
    assert len(report.model_dump_json()) < 20 * FRAMES


@pytest.mark.parametrize("clip", ["rotated", "variable_rate", "hevc_10_bit"])
def test_films_that_are_kept_as_they_are(clip, tmp_path):
    source = CLIPS[clip](tmp_path / f"{clip}.mp4")
    facts = probed(source, tmp_path / "probe")
    frames = facts.video.frames
    write_landmarks(tmp_path / "none.npz", {}, 1 / 8, np.arange(frames, dtype=np.int64))
    suffix = ".mp4" if clip == "rotated" else ".mkv"  # Matroska has no place for a rotation
    kept = ffmpeg(["-i", str(source), "-c", "copy"], tmp_path / f"kept{suffix}")
    changes = {
        "source": source,
        "deliverable": kept,
        "facts": facts,
        "faces": Faces(frames=frames, shots=(Shot(first_frame=0, end_frame=frames),)),
        "landmarks": tmp_path / "none.npz",
    }
    report = Title(duration_s=2, changes=changes).evidence(tmp_path / "e").once(compare_pictures)
    assert (report.frames, report.missing, report.compared) == (frames, 0, frames)
    assert (report.psnr_db, report.ssim, report.mouths) == (None, None, {})
