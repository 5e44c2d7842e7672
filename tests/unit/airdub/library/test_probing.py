"""What ffprobe claims of real files, and what a hostile one can't make it do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from airdub.errors import DependencyUnavailable, InvalidInput
from airdub.library.probing import Probed, probe
from tests.media.clips import ffmpeg, picture, tones

_SMALL = ("-c:v", "mpeg4", "-c:a", "aac")


def probed(file: Path) -> Probed:
    return probe(f"file:{file}", str(file))


def film(target: Path, *arguments: str) -> Path:
    """Half a second of picture and two sounds."""
    streams = ("-map", "0:v", "-map", "1:a", "-map", "1:a")
    return ffmpeg(
        [*picture("64x48", seconds=0.5), *tones(1, 0.5), *streams, *_SMALL, *arguments], target
    )


@pytest.mark.parametrize(
    ("first", "second", "language"),
    [
        (("comment", "eng"), ("0", "kor"), "ko"),
        (("0", "eng"), ("default", "por"), "pt"),
        (("default", "ger"), ("0", "eng"), "de"),
        (("0", "und"), ("0", "und"), ""),
        (("0", "klingonese"), ("0", "eng"), ""),
    ],
)
def test_the_language_is_that_of_the_sound_that_people_hear(
    tmp_path: Path, first: tuple[str, str], second: tuple[str, str], language: str
) -> None:
    arguments = []
    for number, (disposition, tag) in enumerate((first, second)):
        arguments += [f"-disposition:a:{number}", disposition]
        arguments += [f"-metadata:s:a:{number}", f"language={tag}"]
    assert probed(film(tmp_path / "film.mkv", *arguments)).language == language


def test_a_file_that_was_written_live_is_measured(tmp_path: Path) -> None:
    live = film(tmp_path / "live.mkv", "-live", "1")
    assert probed(live).duration_s == pytest.approx(0.5, abs=0.1)


def test_cover_art_is_no_picture(tmp_path: Path) -> None:
    cover = ffmpeg([*picture("64x48", seconds=0.04), "-frames:v", "1"], tmp_path / "cover.png")
    arguments = ["-i", str(cover), *tones(1, 0.5), "-map", "0", "-map", "1", "-c:v", "copy"]
    song = ffmpeg([*arguments, "-disposition:v", "attached_pic"], tmp_path / "song.mp4")
    with pytest.raises(InvalidInput, match="there is no video stream"):
        probed(song)


def test_a_playlist_can_not_make_us_open_other_files(tmp_path: Path) -> None:
    film(tmp_path / "secret.ts", "-f", "mpegts")
    playlist = tmp_path / "film.mp4"
    playlist.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(InvalidInput, match="it is no video that airdub reads") as caught:
        probed(playlist)
    assert caught.value.where == str(playlist)


def test_a_machine_without_ffprobe_takes_no_file_for_a_bad_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setpriv = shutil.which("setpriv")
    assert setpriv
    (tmp_path / "setpriv").symlink_to(setpriv)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DependencyUnavailable, match="the program is not installed"):
        probe(str(tmp_path / "film.mp4"), "film.mp4")
