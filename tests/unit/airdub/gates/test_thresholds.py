"""Gate profiles load for every language, and can't be written so that they let everything pass."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from airdub.errors import InvalidInput
from airdub.gates import (
    Code,
    Consequence,
    GateProfile,
    Threshold,
    gate_names,
    judge,
    load_gates,
)
from airdub.gates.thresholds import _GateFile
from airdub.profiles import load_profile, profile_names
from tests.unit.airdub.gates.tables import PRINT, good_table, row


@pytest.mark.parametrize("language", ["en", "es", "es-419", "ca", "zh-Hant", "ja"])
@pytest.mark.parametrize("name", gate_names())
def test_every_profile_loads_for_every_language(name: str, language: str) -> None:
    gates = load_gates(name, language)
    assert any(threshold.blocking for threshold in gates.thresholds)
    assert gates.language == language


def test_release_holds_what_it_promises() -> None:
    gates = {threshold.metric: threshold for threshold in load_gates("release", "es").thresholds}
    assert gates["word_error_rate"].most == 0.065
    assert gates["bleu"].least == 41
    assert gates["mos"].least == 4.3
    assert gates["psnr"].least == 35
    assert gates["mouth_fid"].most == 10
    promised = ("word_error_rate", "bleu", "mos", "psnr", "mouth_fid")
    assert all(gates[metric].blocking for metric in promised)


@pytest.mark.parametrize(
    "fields",
    [
        {"metric": "vibes", "least": 1},
        {"metric": "psnr"},
        {"metric": "psnr", "worst_least": 1, "least": 1},
        {"metric": "word_error_rate", "worst_most": 1},
        {"metric": "psnr", "least": 3, "most": 2},
        {"metric": "psnr", "least": float("nan")},
        {"metric": "psnr", "least": float("-inf")},
        {"metric": "psnr", "least": 1, "absent": "pass"},
        {"metric": "psnr", "least": 1, "on_fail": "publish"},
        {"metric": "psnr", "least": 1, "coverage": 1.1},
        {"metric": "psnr", "least": 1, "floor": 2},
    ],
)
def test_a_threshold_that_gates_nothing_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Threshold.model_validate(fields)


@pytest.mark.parametrize(
    "thresholds",
    [
        (),
        (Threshold(metric="psnr", least=1, blocking=False),),
        (Threshold(metric="psnr", least=1), Threshold(metric="psnr", least=2)),
    ],
)
def test_a_profile_must_gate_something_once(thresholds: tuple[Threshold, ...]) -> None:
    with pytest.raises(ValidationError):
        GateProfile(name="x", language="en", summary="", thresholds=thresholds)


def test_a_language_changes_what_it_names_and_no_more() -> None:
    file = _GateFile(
        summary="",
        thresholds={"word_error_rate": {"most": 0.1, "on_fail": "repair"}, "psnr": {"least": 35}},
        languages={"es": {"word_error_rate": {"most": 0.2}, "chrf": {"least": 50}}},
    )
    plain = {one.metric: one for one in file.for_language("x", "en").thresholds}
    spanish = {one.metric: one for one in file.for_language("x", "es-419").thresholds}
    assert plain["word_error_rate"].most == 0.1
    assert (spanish["word_error_rate"].most, spanish["word_error_rate"].on_fail) == (0.2, "repair")
    assert (set(plain), set(spanish)) == (
        {"word_error_rate", "psnr"},
        {"word_error_rate", "psnr", "chrf"},
    )


@pytest.mark.parametrize("profile", profile_names())
def test_every_engine_profile_is_judged_by_gates_that_exist(profile: str) -> None:
    gates = load_gates(load_profile(profile).gates, "es")
    assert any(threshold.blocking for threshold in gates.thresholds)


def test_the_embedded_engines_are_never_approved_where_nobody_can_listen() -> None:
    [words] = [
        threshold
        for threshold in load_gates("embedded", "es").thresholds
        if threshold.metric == "word_error_rate"
    ]
    assert words.blocking
    assert words.when_absent is Consequence.REVIEW


@pytest.mark.parametrize("name", gate_names())
@pytest.mark.parametrize("metric", ["psnr", "ssim", "background_offset", "numbers_kept"])
def test_what_was_hardly_looked_at_is_not_taken_for_good(name: str, metric: str) -> None:
    good = {"psnr": 40.0, "ssim": 0.99, "background_offset": 0.0, "numbers_kept": 1.0}[metric]
    rows = [one for one in good_table() if one["metric"] != metric]
    rows += [row(metric, good, coverage=0.2)]
    found = judge(load_gates(name, "en"), rows, PRINT)
    assert (Code.COVERAGE, metric, Consequence.REVIEW, True) in {
        (one.code, one.metric, one.consequence, one.blocking) for one in found.reasons
    }


def test_a_reference_for_a_few_lines_is_no_bleu_of_a_release() -> None:
    [bleu] = [one for one in load_gates("release", "es").thresholds if one.metric == "bleu"]
    assert (bleu.blocking, bleu.coverage) == (True, 0.9)


@pytest.mark.parametrize("name", gate_names())
def test_a_picture_that_can_not_be_compared_is_refused(name: str) -> None:
    pictures = ("psnr", "ssim", "missing_frames")
    rows = [one for one in good_table() if one["metric"] not in pictures]
    rows += [row(metric, absent="the picture is 64x48, not 128x96") for metric in pictures]
    found = judge(load_gates(name, "en"), rows, PRINT)
    asked = {one.metric: one.consequence for one in found.reasons}
    assert asked["missing_frames"] is Consequence.QUARANTINE
    assert found.consequence is Consequence.QUARANTINE


def test_release_holds_the_same_engines_to_more() -> None:
    embedded, release = load_profile("embedded"), load_profile("release")
    assert (release.stages, release.gates) == (embedded.stages, "release")


def test_an_unknown_profile_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match=r"no gate profile 'lax'.*release"):
        load_gates("lax", "en")


def test_bounds_are_readable() -> None:
    assert Threshold(metric="loudness", least=-23.5, most=-22.5).bound() == "-23.5..-22.5"
    assert Threshold(metric="psnr", least=35).bound() == ">= 35"
    assert Threshold(metric="psnr", least=35).bound(segment=True) == ""
