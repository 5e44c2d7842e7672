"""A plan's digest changes with everything that decides a dub, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airdub.engines import load_engines
from airdub.gates import GateProfile, load_gates
from airdub.profiles import Profile, Rule, load_profile
from airdub.queue import plans
from airdub.queue.plans import plan_digest, unserved_stages

EMBEDDED = load_profile("embedded")
FILES = ("source",)


def digest(profile: Profile = EMBEDDED, *present: str, to: str = "es") -> str:
    return plan_digest(profile, "en", to, (*FILES, *present))


def with_rules(stage: str, *rules: Rule) -> Profile:
    return EMBEDDED.model_copy(update={"stages": EMBEDDED.stages | {stage: rules}})


def bump(monkeypatch: pytest.MonkeyPatch, stage: str, name: str, **changes: Any) -> None:
    """Raise an engine's version, or change something else of it."""
    real = plans.find_engine

    def changed(at: str, engine: str) -> Any:
        spec = real(at, engine)
        return spec.model_copy(update=changes) if (at, engine) == (stage, name) else spec

    monkeypatch.setattr(plans, "find_engine", changed)


def test_it_is_the_same_each_time_whatever_the_order_of_the_files() -> None:
    assert digest(EMBEDDED, "script", "glossary") == digest(EMBEDDED, "glossary", "script")
    assert len(digest()) == 64


def test_a_raised_version_of_an_engine_that_serves_changes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = digest(), digest(to="ca")
    bump(monkeypatch, "synthesize", "espeak_ng", version="99")
    assert digest() != before[0]
    assert digest(to="ca") != before[1]


def test_a_raised_version_of_an_engine_that_serves_others_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = digest()
    bump(monkeypatch, "synthesize", "flite", version="99")  # English only
    assert digest() == before
    assert digest(to="en-GB") != plan_digest(EMBEDDED, "en", "es", FILES)


def test_other_weights_change_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest()
    spec = load_engines()["track_faces", "tflite"]
    name, weights = next(iter(spec.weights.items()))
    other = weights.model_copy(update={"sha256": "0" * 64})
    bump(monkeypatch, "track_faces", "tflite", weights=dict(spec.weights) | {name: other})
    assert digest() != before


def test_what_an_engine_is_called_for_people_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest()
    bump(monkeypatch, "mix", "fit", summary="Better words", licence="the same, spelled out")
    assert digest() == before
    assert digest(EMBEDDED.model_copy(update={"summary": "Other words"})) == before


def test_a_file_that_another_engine_serves_changes_it() -> None:
    assert digest(EMBEDDED, "target_script") != digest()


def test_a_file_that_no_rule_asks_for_does_not() -> None:
    assert digest(EMBEDDED, "reference") == digest()


@pytest.mark.parametrize(
    "profile",
    [
        with_rules("mix", Rule(engine="fit", parameters={"target_lufs": -27.0})),
        with_rules("convert_voice", Rule(engine="none"), Rule(engine="world")),
        EMBEDDED.model_copy(update={"name": "renamed"}),
        EMBEDDED.model_copy(update={"without_consent": "refuse"}),
        EMBEDDED.model_copy(update={"territories": ("DE",)}),
        EMBEDDED.model_copy(update={"gates": "release"}),
    ],
    ids=["parameter", "order of rules", "name", "consent", "territories", "gates"],
)
def test_what_a_profile_says_changes_it(profile: Profile) -> None:
    assert digest(profile) != digest()


def _with_bound(gates: GateProfile) -> GateProfile:
    first = gates.thresholds[0].model_copy(update={"coverage": 0.123})
    return gates.model_copy(update={"thresholds": (first, *gates.thresholds[1:])})


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (_with_bound, False),
        (lambda gates: gates.model_copy(update={"attempts": 9}), False),
        (lambda gates: gates.model_copy(update={"summary": "Other words"}), True),
    ],
    ids=["bound", "attempts", "words"],
)
def test_its_gates_change_it(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[GateProfile], GateProfile], same: bool
) -> None:
    before = digest()
    monkeypatch.setattr(plans, "load_gates", lambda *of: change(load_gates(*of)))
    assert (digest() == before) is same


def test_a_stage_without_an_engine_is_named() -> None:
    assert unserved_stages(EMBEDDED, "en", "es", FILES) == ()
    assert unserved_stages(EMBEDDED, "ko", "en", FILES) == ("transcribe", "translate")
    assert unserved_stages(EMBEDDED, "ko", "en", ("script", "target_script")) == ()
