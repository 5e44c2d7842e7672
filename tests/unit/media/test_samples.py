"""The samples are what the other tests take them for."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from airdub.units import CLOCK_HZ
from model_images.common.espeak import count_syllables
from model_images.common.face_mesh import FaceMesh, region_of
from model_images.translate.shortening import shorten
from tests.media import containers, film, make, pictures, still
from tests.media.bed import background, rms_db
from tests.media.catalog import SAMPLES, Line, Sample
from tests.media.make import Placed
from tests.media.speech import Spoken, speak
from tests.unit.media.conftest import SHORT


def test_points_of_the_still_are_where_the_landmark_model_sees_them() -> None:
    frame = np.ascontiguousarray(still.still()[..., ::-1])
    detection = FaceMesh().detect(frame)[0]
    found, presence = FaceMesh().mesh(frame, detection.region)
    assert presence > 0.9
    table = still.still_points()
    apart = np.linalg.norm(found[:, :2] - table, axis=1) / pictures.eye_distance(found)
    unretouched = np.setdiff1d(np.arange(468), still.LIPS)
    assert np.median(apart[unretouched]) < 0.02
    assert apart[still.LIPS].max() < 0.12


def test_the_disguise_is_seen_as_a_face_of_other_colours() -> None:
    plain = still.still()
    other = still.disguise(plain, still.still_points())
    assert np.abs(plain[60:330, 110:410].astype(int) - other[60:330, 110:410]).mean() > 20
    assert FaceMesh().detect(np.ascontiguousarray(other[..., ::-1]))[0].score > 0.8


def test_video_is_as_long_as_its_sound_and_tagged(short_folder: Path) -> None:
    found = containers.describe(short_folder / "short.mp4")
    bed, rate_hz = soundfile.read(short_folder / "short.bed.wav")
    assert rate_hz == 48_000
    assert found["frames"] * film.TICKS_PER_FRAME == len(bed)
    assert [stream["codec"] for stream in found["streams"]] == ["h264", "aac"]
    assert found["streams"][1]["language"] == "spa"


def test_a_file_says_that_its_people_are_nobody(short_folder: Path) -> None:
    said = json.loads((short_folder / "short.people.json").read_text())
    assert list(said["people"]) == ["speaker_1"]
    assert "synthetic" in said["people"]["speaker_1"]["voice"]
    assert "Nobody is heard or seen" in said["statement"]


def test_mouth_follows_the_speech_in_every_frame(short_folder: Path) -> None:
    lines = make.place_lines(SHORT)
    mesh, region, seen = FaceMesh(), None, []
    for _, frame in pictures.frames(short_folder / "short.mp4"):
        region = region or mesh.detect(frame)[0].region
        points, presence = mesh.mesh(frame, region)
        region = region_of(points)
        assert presence > 0.9
        seen.append(pictures.lip_opening(points))
    spoken = make._mouth(lines, "", len(seen), np.random.default_rng(0))[:, 0]
    assert np.corrcoef(seen, spoken)[0, 1] > 0.9
    assert np.corrcoef(seen[2:], spoken[:-2])[0, 1] < 0.8


def test_the_same_sample_has_the_same_bytes(short_folder: Path, tmp_path: Path) -> None:
    make.make_sample(tmp_path, SHORT)
    for name in ("short.mp4", "short.srt", "short.bed.wav"):
        assert (tmp_path / name).read_bytes() == (short_folder / name).read_bytes()


def test_background_lies_below_the_speech_as_the_catalog_says(short_folder: Path) -> None:
    bed, _ = soundfile.read(short_folder / "short.bed.wav")
    voiced = np.concatenate([line.spoken.samples for line in make.place_lines(SHORT)])
    assert rms_db(voiced) - rms_db(bed) == pytest.approx(SHORT.bed_below_db, abs=0.1)


def test_chimes_are_heard_where_they_were_asked_for() -> None:
    rng = np.random.default_rng(0)
    plain = background(96_000, -32, np.random.default_rng(0))
    rung = background(96_000, -32, rng, chimes=(48_000,))
    assert np.array_equal(plain[:48_000], rung[:48_000])
    assert np.abs(rung[48_000:] - plain[48_000:]).max() > 0.005


@pytest.mark.parametrize("voice", ["flite:slt", "espeak:roa/es+f2"])
def test_speech_has_its_sounds_in_order_and_no_silent_ends(voice: str) -> None:
    line = speak(voice, "Hola, mundo.")
    assert line.phonemes[0].start == 0
    assert line.phonemes[-1].end <= len(line.samples)
    assert all(a.end <= b.start for a, b in pairwise(line.phonemes))
    assert len(line.phonemes) >= 8
    assert rms_db(line.samples) == pytest.approx(-20, abs=0.01)


def test_script_has_labels_overlapping_cues_and_a_sound_description() -> None:
    duet = next(sample for sample in SAMPLES if sample.name == "duet")
    silence = Spoken(np.zeros(48_000), ())
    lines = [
        Placed("ANNA", "Good evening.", 48_000, silence),
        Placed("BEN", "Yes.", 72_000, silence),
    ]
    assert make.script(duet, lines) == (
        "1\n00:00:00,100 --> 00:00:00,500\n[music]\n\n"
        "2\n00:00:00,880 --> 00:00:02,180\nANNA: Good evening.\n\n"
        "3\n00:00:01,380 --> 00:00:02,680\nBEN: Yes.\n"
    )


def test_a_line_of_the_station_is_too_long_for_its_place_and_shortened_it_is_not() -> None:
    """With room to spare: other versions of the voices must tell the same story."""
    station = next(sample for sample in SAMPLES if sample.name == "station")
    lines = make.place_lines(station)
    for at, (line, own) in enumerate(zip(lines, station.lines, strict=True)):
        following = lines[at + 1].start if at + 1 < len(lines) else line.end + CLOCK_HZ
        room = (following - line.start) / CLOCK_HZ
        needed = len(speak("flite:slt", own.dub).samples) / CLOCK_HZ
        assert (needed > 1.7 * room) == (at == 1)
        assert needed < 1.1 * room or at == 1
    budget = 0.55 * count_syllables(station.lines[1].dub, "en")
    shorter = shorten(
        station.lines[1].dub, "en", int(budget), lambda text: count_syllables(text, "en")
    )
    assert shorter == "Today is a great day for all of us."
    room = (lines[2].start - lines[1].start) / CLOCK_HZ
    assert len(speak("flite:slt", shorter).samples) / CLOCK_HZ < room


def test_a_script_of_the_target_language_has_the_source_s_times() -> None:
    station = next(sample for sample in SAMPLES if sample.name == "station")
    silence = Spoken(np.zeros(48_000), ())
    lines = [Placed("", "Good afternoon, everybody.", 48_000, silence)]
    assert make.script(station, lines, "en") == (
        "1\n00:00:00,100 --> 00:00:00,500\n[music]\n\n"
        "2\n00:00:00,880 --> 00:00:02,180\nGood afternoon, everybody.\n"
    )


def test_lines_of_the_duet_overlap_once() -> None:
    duet = next(sample for sample in SAMPLES if sample.name == "duet")
    lines = make.place_lines(duet)
    overlaps = [(a.speaker, b.speaker) for a, b in pairwise(lines) if b.start < a.end]
    assert overlaps == [("BEN", "ANNA")]


def test_index_tells_the_pipelines_names_of_files() -> None:
    rows = {row["name"]: row for row in map(make.index_row, SAMPLES)}
    assert rows["duet"]["stems"] == {"me": "duet.me.wav"}  # taken as a supplied stem
    assert rows["maria"]["stems"] == {"bed": "maria.bed.wav"}  # known to tests alone
    assert rows["apollo"]["script"] is None
    assert [(row["from"], row["to"]) for row in rows.values()] == [
        ("es", "en"), ("es", "en"), ("en", "es"), ("en", "ca"), ("es", "en"),
    ]  # fmt: skip
    assert rows["station"]["target_script"] == "station.en.srt"
    assert rows["maria"]["target_script"] is None


def test_a_changed_line_makes_a_new_sample() -> None:
    other = Sample(**{**vars(SHORT), "lines": (Line("Otra cosa."),)})
    assert make.sample_digest(other) != make.sample_digest(SHORT)
    assert make.sample_digest(SHORT) == make.sample_digest(SHORT)


def test_made_samples_are_not_made_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in ("short.mp4", "short.srt", "short.bed.wav", "short.people.json"):
        (tmp_path / file).write_bytes(b"x")
    (tmp_path / ".short.digest").write_text(make.sample_digest(SHORT))
    said: list[str] = []
    make.make(tmp_path, said.append, ("short",))
    assert said == ["short: already there"]
    assert (tmp_path / "short.mp4").read_bytes() == b"x"
