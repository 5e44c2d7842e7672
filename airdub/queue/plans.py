"""What a dub would be made by, as one digest: an upgrade re-dubs exactly what has another one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from airdub import CONTRACT_VERSION
from airdub.engines import find_engine
from airdub.gates import load_gates
from airdub.languages import base_language
from airdub.model import canonical_json
from airdub.profiles import Profile, Rule
from airdub.stages import STAGES


def plan_digest(
    profile: Profile, source_language: str, target_language: str, present: Iterable[str]
) -> str:
    """sha256 (hex) of all that decides how a title is dubbed, but the title itself.

    Of the profile: its policies, its gates for the target language, and for every stage the rules
    that serve these languages and files, with their engines' versions and weights. What serves
    other languages, and how anything is called for people, is not in it.

    Args:
        present: names of the files beside the video (`airdub.orders.find_files`).

    Raises:
        InvalidInput: a language or the gate profile is unknown.
    """
    serving = _serving(profile, source_language, target_language, present)
    gates = load_gates(profile.gates, target_language)
    plan = {
        "contract": CONTRACT_VERSION,
        "languages": [source_language, target_language],
        "profile": profile.model_dump(mode="json", exclude={"summary", "stages"}),
        "stages": {stage: [_ruled(stage, rule) for rule in rules] for stage, rules in serving},
        "gates": gates.model_dump(mode="json", exclude={"summary"}),
    }
    return hashlib.sha256(canonical_json(plan)).hexdigest()


def unserved_stages(
    profile: Profile, source_language: str, target_language: str, present: Iterable[str]
) -> tuple[str, ...]:
    """Stages for which the profile has no engine: with one, no dub can be made."""
    serving = _serving(profile, source_language, target_language, present)
    return tuple(stage for stage, rules in serving if not rules)


def _serving(
    profile: Profile, source_language: str, target_language: str, present: Iterable[str]
) -> list[tuple[str, list[Rule]]]:
    source, target = base_language(source_language), base_language(target_language)
    files = tuple(present)
    return [
        (stage, [one for one in profile.stages.get(stage, ()) if one.serves(source, target, files)])
        for stage in STAGES
    ]


def _ruled(stage: str, rule: Rule) -> dict[str, Any]:
    engine = find_engine(stage, rule.engine)
    return {
        "engine": engine.name,
        "version": engine.version,
        "weights": {name: weights.sha256 for name, weights in engine.weights.items()},
        "takes": engine.takes,
        "parameters": rule.parameters,
    }
