"""The registry is complete and tells what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from airdub import engines
from airdub.engines import (
    EngineSpec,
    Environment,
    load_engines,
    missing_needs,
    resolve_engine,
    unread_inputs,
)
from airdub.errors import DependencyUnavailable, InvalidInput, PolicyRefused
from airdub.profiles import Profile, Rule, load_profile, profile_names
from airdub.stages import STAGES

BOTH = {"source_language": "es", "target_language": "en"}


def test_every_stage_has_an_engine_and_every_engine_a_stage() -> None:
    assert {stage for stage, _ in load_engines()} == set(STAGES)


def environment_for(stage: str, engine: str) -> Environment:
    """One that has all that an engine needs."""
    spec = load_engines()[stage, engine]
    return Environment(
        programs=dict.fromkeys(spec.programs, "2.2-5"),
        packages=dict.fromkeys(spec.packages, "1.17.1"),
        weights={name: weights.sha256 for name, weights in spec.weights.items()},
    )


def test_an_engine_states_the_versions_it_runs() -> None:
    engine = resolve_engine("synthesize", "flite", environment_for("synthesize", "flite"))
    assert engine.programs["flite"] == "2.2-5"
    assert engine.programs["soxr"] == "1.17.1"


def test_language_data_is_stated_when_it_is_there() -> None:
    bare = environment_for("translate", "apertium")
    assert "apertium-eng-spa" not in resolve_engine("translate", "apertium", bare).programs
    programs = {**bare.programs, "apertium-eng-spa": "0.8"}
    richer = bare.model_copy(update={"programs": programs})
    assert resolve_engine("translate", "apertium", richer).programs["apertium-eng-spa"] == "0.8"


def test_a_missing_program_is_named_with_its_remedy() -> None:
    whole = environment_for("synthesize", "flite")
    lacking = whole.model_copy(update={"programs": {"libespeak-ng1": "1"}})
    with pytest.raises(DependencyUnavailable, match=r"synthesize/flite.*package flite.*make setup"):
        resolve_engine("synthesize", "flite", lacking)


def test_an_engine_states_the_versions_of_its_own_image() -> None:
    ours = environment_for("mix", "fit")
    theirs = ours.model_copy(update={"programs": {"rubberband-cli": "9"}})
    images = Environment(images={"mix-stages": ours, "mux-stages": theirs})
    assert resolve_engine("mix", "fit", images).programs["rubberband-cli"] == "2.2-5"
    assert missing_needs(load_engines()["mux", "ffmpeg"], images)[0] == "Debian package ffmpeg"


def test_an_engine_finds_what_its_own_environment_has() -> None:
    fields = {"stage": "separate", "name": "demucs", "summary": "", "licence": "MIT"}
    spec = EngineSpec.model_validate(fields | {"environment": "neural", "packages": ("torch",)})
    assert missing_needs(spec, Environment()) == ["Python package torch"]
    neural = Environment(packages={"torch": "2"})
    assert missing_needs(spec, Environment(others={"neural": neural})) == []
    assert missing_needs(spec, neural) == [], "as its own runner sees it"


def test_an_engine_whose_image_was_not_built_can_not_run() -> None:
    images = Environment(images={"mix-stages": environment_for("mix", "fit")})
    with pytest.raises(DependencyUnavailable, match=r"lipsync/none.*lacks image lipsync-stages"):
        resolve_engine("lipsync", "none", images)


def test_weights_with_other_bytes_are_missing() -> None:
    spec = load_engines()["separate", "repet"]
    packages = dict.fromkeys(spec.packages, "1")
    lacks = missing_needs(spec, Environment(packages=packages, weights={"silero_vad.onnx": "bad"}))
    assert len(lacks) == 1
    assert "found bad" in lacks[0]


def test_weights_of_the_model_cache_are_no_part_of_images() -> None:
    file = {"path": "r1/m.bin", "sha256": "a" * 64, "bytes": 1, "licence": "MIT"}
    file |= {"url": "https://example.org/m.bin"}
    fields = {"stage": "transcribe", "name": "whisper", "summary": "", "licence": "MIT"}
    spec = EngineSpec.model_validate(fields | {"weights": {"m.bin": file}})
    assert missing_needs(spec, Environment()) == ["weights m.bin"]
    assert missing_needs(spec, Environment(weights={"m.bin": "a" * 64})) == []
    assert missing_needs(spec, Environment(images={spec.image: Environment()})) == []


def test_an_unknown_engine_lists_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match=r"no engine 'wisper'.*pocketsphinx"):
        resolve_engine("transcribe", "wisper", Environment())


@pytest.mark.parametrize("name", profile_names())
def test_profiles_name_engines_that_exist(name: str) -> None:
    profile = load_profile(name)
    assert set(profile.stages) == set(STAGES)
    for stage, rules in profile.stages.items():
        for rule in rules:
            assert (stage, rule.engine) in load_engines()


def test_the_first_rule_that_holds_is_chosen() -> None:
    profile = load_profile("embedded")
    assert profile.choose("synthesize", **BOTH).engine == "flite"
    spanish = {"source_language": "en-GB", "target_language": "es-419"}
    assert profile.choose("synthesize", **spanish).engine == "espeak_ng"
    assert profile.choose("transcribe", **spanish).engine == "pocketsphinx"
    assert profile.choose("transcribe", **spanish, inputs=["script"]).engine == "script"


def test_a_pair_that_no_engine_serves_is_refused_with_a_way_out() -> None:
    with pytest.raises(InvalidInput, match=r"'ko' to 'en'.*en-es.*target language beside"):
        load_profile("embedded").choose("translate", source_language="ko", target_language="en")


def test_weights_that_may_not_be_used_commercially_can_not_be_forgotten() -> None:
    weights = {"path": "w.pth", "sha256": "a" * 64, "bytes": 1, "licence": "CC-BY-NC-4.0"}
    weights |= {"url": "https://example.org/w.pth"}
    fields = {"stage": "synthesize", "name": "xtts", "summary": "", "licence": "MIT"}
    fields |= {"weights": {"w.pth": weights}}
    with pytest.raises(ValidationError, match=r"NC-4\.0 of w\.pth isn't known to allow"):
        EngineSpec.model_validate(fields)
    assert not EngineSpec.model_validate(fields | {"commercial_use": False}).commercial_use


def test_a_licence_that_forbids_commercial_use_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = load_engines()["synthesize", "flite"].model_copy(update={"commercial_use": False})
    monkeypatch.setitem(load_engines(), ("synthesize", "flite"), spec)
    stages = {"synthesize": (Rule(engine="flite"),)}
    profile = Profile(name="strict", summary="", gates="release", stages=stages)
    with pytest.raises(PolicyRefused, match="forbids commercial use"):
        profile.choose("synthesize", **BOTH)
    free = profile.model_copy(update={"commercial_use_only": False})
    assert free.choose("synthesize", **BOTH).engine == "flite"


def test_a_profile_takes_over_the_stages_that_it_does_not_state() -> None:
    neural, embedded = load_profile("neural"), load_profile("embedded")
    assert neural.choose("transcribe", **BOTH).engine == "faster_whisper"
    assert neural.choose("transcribe", **BOTH, inputs=["script"]).engine == "script"
    assert neural.stages["mix"] == embedded.stages["mix"]
    assert neural.gates == embedded.gates


def test_an_unknown_profile_lists_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="embedded"):
        load_profile("../../etc/passwd")


def test_weights_that_nobody_verified_are_what_was_accepted_here() -> None:
    file = {"path": "r1/m.bin", "licence": "MIT", "unverified": True}
    file |= {"url": "https://example.org/m.bin"}
    fields = {"stage": "separate", "name": "repet", "summary": "", "licence": "MIT"}
    spec = EngineSpec.model_validate(fields | {"weights": {"m.bin": file}})
    assert missing_needs(spec, Environment()) == ["weights m.bin"]
    assert missing_needs(spec, Environment(weights={"m.bin": "a" * 64})) == []
    images = Environment(images={spec.image: Environment()})
    assert missing_needs(spec, images) == ["weights m.bin"], "a pod's could be any"


def test_optional_weights_are_stated_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = {"licence": "MIT", "unverified": True, "optional": True}
    pair = {**shared, "url": "https://example.org/en-es/main", "files": ["a.json", "m.bin"]}
    entry = {"summary": "", "licence": "MIT", "repositories": {"en-es": pair}}
    (tmp_path / "engines.yaml").write_text(yaml.safe_dump({"translate": {"pairs": entry}}))
    monkeypatch.setattr(engines, "REGISTRY", tmp_path / "engines.yaml")
    monkeypatch.setattr(engines, "load_engines", load_engines.__wrapped__)
    weights = engines.find_engine("translate", "pairs").weights
    assert weights["en-es/m.bin"].url == "https://example.org/en-es/main/m.bin"
    assert {one.path for one in weights.values()} == {"en-es/a.json", "en-es/m.bin"}
    assert resolve_engine("translate", "pairs", Environment()).weights == {}
    there = Environment(weights={"en-es/m.bin": "a" * 64})
    assert resolve_engine("translate", "pairs", there).weights == there.weights


def test_inputs_that_one_engine_names_are_not_given_to_the_others() -> None:
    of_stage = {name: spec for (at, name), spec in load_engines().items() if at == "lipsync"}
    unread = {name: unread_inputs(spec) for name, spec in of_stage.items()}
    assert unread["wav2lip"] == frozenset()
    assert unread["hybrid"] == unread["none"] == {"dialogue_stem"}
    assert unread_inputs(load_engines()["mix", "fit"]) == frozenset()


def test_inputs_that_engines_name_are_optional_ones_of_their_stage() -> None:
    for spec in load_engines().values():
        assert all(STAGES[spec.stage].input(port).optional for port in spec.inputs)
