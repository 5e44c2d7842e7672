"""The whole report, on the short sample altered in known ways."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from airdub.lips import Lips
from airdub.timing.plan import FitPlan, Placement
from tests.media import clips, make, measure
from tests.unit.media.conftest import SHORT


@pytest.fixture(scope="module")
def dialogue(short_folder: Path) -> Path:
    """The sample's speech alone: what a placed dialogue stem is to a dub."""
    bed, rate_hz = soundfile.read(short_folder / "short.bed.wav")
    path = short_folder / "short.voice.wav"
    sound = make.mix_dialogue(SHORT, make.place_lines(SHORT), len(bed))
    soundfile.write(path, sound, rate_hz, subtype="PCM_24")
    return path


@pytest.fixture(scope="module")
def late(short_folder: Path, dialogue: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Report on a copy whose picture was encoded again and lies 200 ms behind its sound."""
    folder = tmp_path_factory.mktemp("late")
    source = short_folder / "short.mp4"
    pad = ["-vf", "tpad=start=5:start_mode=clone,trim=end_frame=124"]
    encode = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-threads", "1"]
    finished = clips.ffmpeg(
        ["-i", str(source), *pad, *encode, "-c:a", "copy", "-movflags", "+faststart"],
        folder / "late.mp4",
    )
    lips = folder / "lips.json"
    lips.write_bytes(Lips(engine="test", frames=124, changed=((10, 124),)).to_json())
    return measure.report(
        source, finished, dialogue_stem=dialogue, bed=short_folder / "short.bed.wav", lips=lips
    )


@pytest.mark.parametrize("method", ["landmarks", "mouth_inside"])
def test_lips_late_by_five_frames_are_found_late_by_both_methods(late: Any, method: str) -> None:
    found = late["sync"][method]
    assert found["peak_lag_ms"] == pytest.approx(200, abs=30)
    assert found["peak"] > 0.6
    assert found["frames"] == 124


def test_container_of_a_remade_file(late: Any) -> None:
    found = late["container"]
    assert found["frames_equal"]
    assert abs(found["duration_difference_s"]) < 0.04
    assert found["original_track"] == 0
    assert found["faststart"]
    assert found["chapters_equal"]


def test_a_head_that_moves_at_another_time_is_no_untouched_picture(late: Any) -> None:
    assert late["outside_mouth"]["identical_frames"] == 0
    assert late["outside_mouth"]["min_db"] < 30
    assert late["untouched_frames"]["frames"] == 10
    assert late["frames_with_faces"] == 124


def test_background_survives_the_audio_encoder(late: Any) -> None:
    assert late["background"]["deliverable_si_sdr_db"] > 10
    assert abs(late["background"]["deliverable_lag"]) <= 1


def test_the_mix_before_encoding_is_measured_beside(
    short_folder: Path, dialogue: Path, tmp_path: Path
) -> None:
    bed_path = short_folder / "short.bed.wav"
    voice, bed = soundfile.read(dialogue)[0], soundfile.read(bed_path)[0]
    soundfile.write(tmp_path / "mix.wav", 0.5 * (voice + bed), 48_000, subtype="PCM_24")
    found = measure.background(short_folder / "short.mp4", tmp_path / "mix.wav", dialogue, bed_path)
    assert found["mix_si_sdr_db"] > 60
    assert found["mix_si_sdr_db"] > found["deliverable_si_sdr_db"] + 20


def test_an_untouched_file_is_identical(short_folder: Path) -> None:
    source = short_folder / "short.mp4"
    found = measure.report(source, source)
    assert found["outside_mouth"]["identical_frames"] == 124
    assert "min_db" not in found["outside_mouth"]
    assert found["sync"]["mouth_inside"]["margin"] > 0.2
    json.dumps(found, allow_nan=False)


def placement(number: int, start_s: float, length_s: float, speaker: str) -> Placement:
    length = int(length_s * 48_000)
    start = int(start_s * 48_000)
    return Placement(
        segment_id=f"s{number:04d}", speaker=speaker, start=start, take_length=length,
        natural_length=length, stretched_length=length, source_start=start,
        source_end=start + length, overflow=480,
    )  # fmt: skip


def test_placements_of_one_speaker_that_overlap_are_counted() -> None:
    lines = (
        placement(1, 0.0, 2.0, "ANNA"),
        placement(2, 1.5, 1.0, "ANNA"),
        placement(3, 1.0, 3.5, "BEN"),
    )
    facts = measure.placement_facts(FitPlan(duration=4 * 48_000, placements=lines))
    assert facts["lines"] == 3
    assert facts["self_overlap_s"] == 0.5
    assert facts["past_end_s"] == 0.5
    assert facts["overflow_s"] == 0.03
    assert facts["greatest_rate"] == 1.0


def test_identical_frames_are_counted_and_not_averaged() -> None:
    found = measure.spread([np.inf, 40.0, 50.0])
    assert (found["identical_frames"], found["min_db"], found["mean_db"]) == (1, 40.0, 45.0)
