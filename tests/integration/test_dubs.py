"""Whole dubs, measured on the finished files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from airdub.stages import STAGES
from airdub.subtitles import read_script
from airdub.timing import FitPlan
from tests.builders import seconds
from tests.integration.conftest import Dub, Studio, measure


@pytest.fixture(scope="module")
def maria(studio: Studio, samples: Path) -> Dub:
    """Spanish with a script, to English; its background must be separated."""
    return studio.dub(samples / "maria.mp4", ("es", "en"))


@pytest.fixture(scope="module")
def maria_measured(maria: Dub, samples: Path) -> dict[str, Any]:
    return measure(maria, bed=samples / "maria.bed.wav")


@pytest.fixture(scope="module")
def duet(studio: Studio, samples: Path) -> Dub:
    """Two speakers and a supplied music-and-effects stem."""
    return studio.dub(samples / "duet.mp4", ("en", "ca"))


def streams(measured: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = measured["container"]["deliverable"]["streams"]
    return [stream for stream in found if stream["type"] == kind]


def test_the_deliverable_is_as_long_as_its_source(maria_measured: dict[str, Any]) -> None:
    container = maria_measured["container"]
    assert container["frames_equal"]
    assert abs(container["duration_difference_s"]) <= 1 / 25
    assert container["chapters_equal"]
    assert container["faststart"]


def test_the_dub_comes_first_and_the_original_is_the_sources_own(
    maria_measured: dict[str, Any],
) -> None:
    dub, original = streams(maria_measured, "audio")
    assert (dub["language"], dub["default"]) == ("eng", True)
    assert (original["language"], original["default"]) == ("spa", False)
    assert maria_measured["container"]["original_track"] == 1  # packet for packet
    assert [one["language"] for one in streams(maria_measured, "subtitle")] == ["eng", "spa"]


def test_loudness_is_the_delivery_target(maria_measured: dict[str, Any]) -> None:
    loudness = maria_measured["loudness"]
    assert loudness["integrated_lufs"] == pytest.approx(-23, abs=0.5)
    assert loudness["true_peak_dbtp"] <= -1


def test_speech_is_placed_without_cuts_or_overlap(maria: Dub) -> None:
    plan = FitPlan.model_validate_json(maria.output("mix", "placements").read_bytes())
    assert len(plan.placements) == 5
    assert not plan.unspoken
    ends: dict[str, int] = {}
    for placement in sorted(plan.placements, key=lambda one: one.start):
        assert placement.start >= ends.get(placement.speaker, 0)
        assert placement.rate <= 1.35
        ends[placement.speaker] = placement.end
    assert max(ends.values()) <= plan.duration


def test_the_background_comes_through(maria_measured: dict[str, Any]) -> None:
    assert maria_measured["background"]["deliverable_si_sdr_db"] >= 10


def test_lips_follow_the_dub(maria_measured: dict[str, Any]) -> None:
    for method in ("landmarks", "mouth_inside"):
        sync = maria_measured["sync"][method]
        assert abs(sync["peak_lag_ms"]) <= 80, method
        assert sync["margin"] >= 0.05, method


def test_the_picture_is_untouched_outside_the_mouth(maria_measured: dict[str, Any]) -> None:
    assert maria_measured["outside_mouth"]["min_db"] >= 35


def test_frames_without_a_changed_lip_differ_by_coding_alone(
    maria_measured: dict[str, Any],
) -> None:
    untouched = maria_measured["untouched_frames"]
    assert untouched["frames"] > 0
    assert untouched["min_db"] >= 38


def test_subtitles_and_the_dialogue_stem_lie_beside_it(maria: Dub) -> None:
    subtitles = maria.file("subtitles_srt")
    script = read_script(subtitles, language="en", duration=seconds(maria.draft.duration_s))
    assert any("library" in cue.text for cue in script.cues)
    assert maria.file("subtitles_vtt").read_text().startswith("WEBVTT")
    assert maria.file("dialogue_stem").stat().st_size > 48_000 * 2 * 19


def test_a_supplied_background_comes_through_untouched(duet: Dub, samples: Path) -> None:
    measured = measure(duet, bed=samples / "duet.me.wav")
    assert measured["background"]["mix_si_sdr_db"] >= 40
    assert duet.result("separate").provenance.engine.name == "supplied"
    plan = FitPlan.model_validate_json(duet.output("mix", "placements").read_bytes())
    assert len({placement.speaker for placement in plan.placements}) == 2


def test_english_without_a_script_is_recognised(studio: Studio, samples: Path) -> None:
    apollo = studio.dub(samples / "apollo.mp4", ("en", "es"))
    transcript = apollo.output("transcribe", "transcript").read_text()
    assert apollo.result("transcribe").provenance.engine.name == "pocketsphinx"
    assert "journey" in transcript


def test_every_stage_of_a_first_run_is_computed(maria: Dub) -> None:
    assert maria.computed == {"ingest", *STAGES}


def test_what_holds_every_bound_is_approved_at_once(maria: Dub) -> None:
    assert maria.summary.decision == "APPROVED"


def test_a_language_that_nothing_can_hear_waits_for_a_person(duet: Dub) -> None:
    assert duet.summary.decision == "REVIEW"
