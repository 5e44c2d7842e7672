"""What a film shows decides its digest, not its sound or its container's other tracks."""

import shutil

import pytest

from airdub.errors import InvalidInput
from airdub.media import VideoFacts
from model_images.evaluate.analysis.film import read_film
from tests.media.clips import CLIPS, ffmpeg, plain
from tests.talking_clips import probed

FACTS = VideoFacts(
    index=0, codec="h264", width=160, height=120, frame_rate="25", time_base="1/12800",
    frames=50, pixel_format="yuv420p",
)  # fmt: skip


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return plain(tmp_path_factory.mktemp("film") / "clip.mp4")


def digest(path):
    return read_film(path, FACTS, index=0).digest


def test_new_sound_leaves_the_digest(clip, tmp_path):
    tone = ["-f", "lavfi", "-i", "sine=d=2"]
    maps = ["-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac"]
    other = ffmpeg(["-i", str(clip), *tone, *maps], tmp_path / "other.mp4")
    assert digest(other) == digest(clip)


def test_the_same_pictures_at_other_times_are_another_film(clip, tmp_path):
    slow = ffmpeg(["-itsscale", "1.25", "-i", str(clip), "-c", "copy"], tmp_path / "slow.mp4")
    assert digest(slow) != digest(clip)


def test_pictures_that_were_encoded_anew_are_another_film(clip, tmp_path):
    again = ffmpeg(["-i", str(clip), "-c:v", "libx264", "-crf", "30"], tmp_path / "again.mp4")
    assert digest(again) != digest(clip)


def test_a_film_stands_upright(tmp_path):
    clip = CLIPS["rotated"](tmp_path / "rotated.mp4")
    film, source = read_film(clip, FACTS, index=0), probed(clip, tmp_path / "probe").video
    assert film.facts.rotation == source.rotation != 0
    assert (film.facts.width, film.facts.height) == (source.width, source.height) == (160, 120)
    assert (film.layout.width, film.layout.height) == (120, 160)
    assert {picture.rgb.shape for picture in film.pictures()} == {(160, 120, 3)}


def test_a_file_that_is_no_film_is_refused(clip, tmp_path):
    broken = tmp_path / "broken.mp4"
    shutil.copy(clip, broken)
    broken.write_bytes(broken.read_bytes()[:400])
    with pytest.raises(InvalidInput, match="can't be read"):
        read_film(broken, FACTS, index=0)
