"""Videos that go wrong on the way: a right result or a clear message, and finished chunks stay.

Chunks are a tenth as long as in earnest, unless a test is about that, so short clips have several.
"""

import numpy as np
import pytest

from airdub.errors import InvalidInput
from model_images.lipsync import scenes
from model_images.track_faces import stage as track_faces
from tests.media.clips import CLIPS, ffmpeg
from tests.talking_clips import mono_16k, probed
from tests.unit.model_images import bad_videos
from tests.unit.model_images.bad_videos import (
    FRAMES,
    SIDE,
    Title,
    broken,
    cut_off,
    listener,
    packets,
    speaker,
    stage_set,
    two_sizes,
    written,
)

CHUNK = 24
SPOKEN = set(range(17, 60))
"""Frames in which the speaker certainly speaks."""


@pytest.fixture(autouse=True)
def short_chunks(monkeypatch):
    monkeypatch.setattr(track_faces, "CHUNK_FRAMES", CHUNK)
    monkeypatch.setattr(scenes, "LONGEST", CHUNK)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return written(tmp_path_factory.mktemp("clip") / "clip.mp4", speaker())


@pytest.fixture(scope="module")
def longer(tmp_path_factory):
    """Twice as long, with a keyframe every 50 frames."""
    pictures = [*speaker(), *reversed(speaker())]
    return written(tmp_path_factory.mktemp("longer") / "longer.mp4", pictures)


def spans(title):
    return [(t.identity, t.first_frame, t.end_frame) for t in title.faces.tracks]


def spoken(title, identity):
    """Frames in which somebody speaks on screen."""
    return {
        frame
        for track in title.faces.tracks
        for first, end in track.speaking
        for frame in range(first, end)
        if track.identity == identity
    }


def check_synced(title, first, end, tolerance=3):
    """The lips move in these frames, and the video has as many frames as its source."""
    lips, video = title.sync()
    assert lips.changed[0][0] == pytest.approx(first, abs=tolerance)
    assert lips.changed[-1][1] == pytest.approx(end, abs=tolerance)
    assert len(packets(video)) == len(packets(title.clip)) == title.faces.frames
    return lips


def test_noise_within_frames_is_refused_and_no_more_than_a_blemish_in_a_copy(clip, tmp_path):
    noisy = broken(clip, tmp_path / "noisy.mp4", slice(40, 44))
    with pytest.raises(InvalidInput, match=r"frame 3\d.*conceal the damage for good"):
        Title.of(noisy).track()
    copy = ["-i", str(noisy), "-c:v", "libx264", "-crf", "16", "-c:a", "copy"]
    title = Title.of(ffmpeg(copy, tmp_path / "copy.mp4"))
    title.track()
    assert spans(title) == [("face_1", 0, FRAMES)]
    assert spoken(title, "face_1") >= SPOKEN
    check_synced(title, 15, 69)


def test_frames_that_cannot_be_decoded_are_named_and_all_other_chunks_are_made(longer, tmp_path):
    spoilt = broken(longer, tmp_path / "broken.mp4", slice(60, 64), header=True)
    title = Title.of(spoilt, like=longer)
    for _ in range(2):  # the second time they are found
        with pytest.raises(InvalidInput, match=r"frame [56]\d.*can't be decoded.*re-export"):
            title.track()
        # 48 to 99 hang on a keyframe before them; chunks from 48 and 72, and 96 from 92 on
        assert title.chunks_kept("track_faces") == 8 - 3


def test_lips_of_frames_that_cannot_be_decoded(longer, tmp_path):
    spoilt = broken(longer, tmp_path / "broken.mp4", slice(60, 64), header=True)
    title, whole = Title.of(spoilt, like=longer), Title.of(longer)
    whole.track()
    title.faces, title.landmarks = whole.faces, whole.landmarks
    with pytest.raises(InvalidInput, match=r"frame [56]\d.*can't be decoded.*re-export"):
        title.sync()
    assert title.chunks_kept("lipsync") == 8 - 3


def test_a_file_that_was_cut_off_is_refused_before_any_stage_works_on_it(clip, tmp_path):
    with pytest.raises(InvalidInput, match=r"the file is cut off: \d+ bytes .* are missing"):
        Title.of(cut_off(clip, tmp_path / "cut.mp4", 0.6))


def test_a_picture_that_changes_its_size_is_named_and_chunks_before_stay(clip, tmp_path):
    title = Title.of(two_sizes(clip, tmp_path / "sizes.ts"))
    with pytest.raises(InvalidInput, match=rf"frame {FRAMES}.* from 256x256 to 128x128"):
        title.track()
    assert title.chunks_kept("track_faces") == FRAMES // CHUNK - 1


@pytest.mark.parametrize(("sound_frames", "silent_from"), [(2 * FRAMES, FRAMES), (48, 48)])
def test_sound_that_is_longer_or_shorter_than_the_picture(sound_frames, silent_from, tmp_path):
    title = Title.of(written(tmp_path / "sound.mp4", speaker(), sound_frames))
    title.track()
    assert spans(title) == [("face_1", 0, FRAMES)]
    heard = {frame for frame in SPOKEN if frame < silent_from - 2}
    assert heard <= spoken(title, "face_1") <= set(range(silent_from + 2))
    check_synced(title, 15, 69)


def test_no_face_at_all(tmp_path):
    title = Title.of(CLIPS["plain"](tmp_path / "plain.mp4"))
    context = title.track()
    assert (title.faces.tracks, title.faces.on_screen) == ((), ())
    assert "no face was found" in context.warnings[0]
    lips, video = title.sync()
    assert (lips.reason, video) == ("no face was found", None)


def test_a_face_that_leaves_and_comes_back_is_the_same(tmp_path):
    def place(number):
        return max(0, min(24 * (number - 42), 340, 24 * (80 - number)))

    pictures = [stage_set([(face, place(n))], 320) for n, face in enumerate(speaker())]
    title = Title.of(written(tmp_path / "away.mp4", pictures))
    title.track()
    (_, first, left), (_, back, end) = spans(title)
    assert (first, end) == (0, FRAMES)
    assert 44 < left < 56
    assert 68 < back < 88
    assert {identity for identity, *_ in spans(title)} == {"face_1"}
    check_synced(title, 15, left)


def test_two_faces_that_swap_sides_keep_their_names(tmp_path):
    def moved(number):
        return 16 * min(max(number - 30, 0), 32)

    both = enumerate(zip(speaker(), listener(), strict=True))
    pictures = [
        stage_set([(one, moved(n)), (other, 2 * SIDE - moved(n))], 3 * SIDE)
        for n, (one, other) in both
    ]
    title = Title.of(written(tmp_path / "swap.mp4", pictures))
    title.track()
    assert {identity for identity, *_ in spans(title)} == {"face_1", "face_2"}
    assert set(range(17, 40)) <= spoken(title, "face_1")
    assert spoken(title, "face_2") == set()
    for number, track in enumerate(title.faces.tracks):
        across = title.points(number)[..., 0].mean(axis=1)
        left_before = track.identity == "face_1"
        assert (across[0] < 1.5 * SIDE) == (left_before == (track.first_frame < 46))
        assert (across[-1] < 1.5 * SIDE) == (left_before == (track.end_frame <= 46))
    check_synced(title, 15, 69)


def test_a_cut_every_second(tmp_path):
    pictures = [
        stage_set([(one, 100)] if n // 25 % 2 == 0 else [(other, 180)], 2 * SIDE)
        for n, (one, other) in enumerate(zip(speaker(), listener(), strict=True))
    ]
    title = Title.of(written(tmp_path / "cuts.mp4", pictures))
    title.track()
    edges = [(0, 25), (25, 50), (50, 75), (75, FRAMES)]
    assert [(shot.first_frame, shot.end_frame) for shot in title.faces.shots] == edges
    assert spans(title) == [(f"face_{1 + number % 2}", *edge) for number, edge in enumerate(edges)]
    lips = check_synced(title, 15, 69)
    assert [frame for span in lips.changed for frame in span][1:-1] == [25, 50]


def test_one_long_shot_shows_no_seam(tmp_path, monkeypatch):
    clip = written(tmp_path / "long.mp4", [*speaker(), *reversed(speaker())] * 2)
    found = []
    for name, frames in (("chunks", 120), ("whole", 10_000)):
        monkeypatch.setattr(track_faces, "CHUNK_FRAMES", frames)
        title = Title(clip, tmp_path / name, probed(clip, tmp_path / "probe"), mono_16k(clip))
        title.track()
        assert spans(title) == [("face_1", 0, 4 * FRAMES)]
        found.append((title.chunks_kept("track_faces"), title.points(0)))
    (chunks, points), (one, whole) = found
    assert (chunks, one) == (4, 1)
    assert np.abs(points - whole).max() <= 1
    assert np.abs(np.diff(points, axis=0) - np.diff(whole, axis=0)).max() <= 0.75
    check_synced(title, 15, 69)
    assert title.chunks_kept("lipsync") == 16


def test_the_clips_are_what_they_are_said_to_be(clip, tmp_path):
    noisy = broken(clip, tmp_path / "noisy.mp4", slice(40, 44))
    assert noisy.read_bytes() != clip.read_bytes()
    assert packets(noisy) == packets(clip)
    assert len(bad_videos.speaker()) == FRAMES == len(packets(clip))
