"""Profiles: which engine serves which stage and language, and with what parameters.

A profile is one YAML file beside this module. For each stage it lists rules; the first whose
conditions hold is chosen, so a profile reads as a ladder from best to last resort. `extends` takes
over all that a profile doesn't say itself from another one, stage by stage.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue

from airdub.engines import EngineSpec, find_engine
from airdub.errors import InvalidInput, PolicyRefused
from airdub.languages import base_language
from airdub.model import Document
from airdub.stages import STAGES, Resources

WORLD = "world"
"""Every territory."""

_FOLDER = Path(__file__).parent


class Rule(Document):
    """An engine, and when it may be chosen.

    Attributes:
        needs: inputs that must be present (`script`, `background_stem`).
        source, target: base languages that it serves; empty serves all.
        pairs: `en-es` pairs of base languages that it serves; empty serves all.
    """

    engine: str
    needs: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    parameters: dict[str, JsonValue] = Field(default_factory=dict)

    def serves(self, source: str, target: str, inputs: Iterable[str]) -> bool:
        """Whether the rule's conditions hold for base languages and present inputs."""
        return (
            set(self.needs) <= set(inputs)
            and (not self.source or source in self.source)
            and (not self.target or target in self.target)
            and (not self.pairs or f"{source}-{target}" in self.pairs)
        )


class Profile(Document):
    """Engines and parameters per stage.

    Attributes:
        gates: the gate profile (`airdub.gates`) that judges its dubs.
        commercial_use_only: engines whose code or weights forbid commercial use are refused.
        without_consent: what becomes of a person without a valid consent: `stock` speaks him in
            the engine's own voice and leaves his face untouched, `refuse` makes no dub.
        territories: where its dubs are shown, as ISO 3166-1 codes: consents must cover them all.
            `world` is everywhere.
        resources: what a stage asks of its machine, instead of what `airdub.stages` says; part of
            no fingerprint.
    """

    name: str
    summary: str
    gates: str
    commercial_use_only: bool = True
    without_consent: Literal["stock", "refuse"] = "stock"
    territories: tuple[str, ...] = Field(default=(WORLD,), min_length=1)
    stages: dict[str, tuple[Rule, ...]]
    resources: dict[str, Resources] = Field(default_factory=dict)

    def resources_of(self, stage: str) -> Resources:
        """What the stage asks of its machine under this profile."""
        return self.resources.get(stage) or STAGES[stage].resources

    def choose(
        self,
        stage: str,
        *,
        source_language: str,
        target_language: str,
        inputs: Iterable[str] = (),
        engine: str = "",
    ) -> Rule:
        """The first rule of the stage that serves the languages with the inputs at hand.

        Args:
            engine: only this one; "" takes the best.

        Raises:
            InvalidInput: no configured engine serves them; the message lists what is configured.
            PolicyRefused: the engine's licence forbids commercial use and the profile demands it.
        """
        source, target = base_language(source_language), base_language(target_language)
        present = tuple(inputs)
        rules = self.stages.get(stage, ())
        for rule in rules:
            if rule.serves(source, target, present) and engine in ("", rule.engine):
                self._refuse_licence(find_engine(stage, rule.engine))
                return rule
        raise InvalidInput(
            f"{engine or 'no engine'} of profile {self.name!r} can{'not' if engine else ''} "
            f"{stage.replace('_', ' ')} from {source_language!r} to {target_language!r}",
            where="source_language, target_language",
            remedy=_remedy(stage, rules),
        )

    def ladder(
        self, stage: str, *, source_language: str, target_language: str, inputs: Iterable[str] = ()
    ) -> tuple[str, ...]:
        """Engines of the stage that serve the languages with the inputs at hand, best first.

        Those that the profile's licence policy refuses are left out.
        """
        source, target = base_language(source_language), base_language(target_language)
        present = tuple(inputs)
        serving = [
            rule.engine
            for rule in self.stages.get(stage, ())
            if rule.serves(source, target, present)
            and (find_engine(stage, rule.engine).commercial_use or not self.commercial_use_only)
        ]
        return tuple(dict.fromkeys(serving))

    def _refuse_licence(self, spec: EngineSpec) -> None:
        if self.commercial_use_only and not spec.commercial_use:
            raise PolicyRefused(
                f"the licence of {spec.name} ({spec.licence}) forbids commercial use",
                where=f"profile {self.name}, stage {spec.stage}",
                remedy="choose another engine, or a profile with commercial_use_only: false",
            )


def _remedy(stage: str, rules: Iterable[Rule]) -> str:
    served = []
    for rule in rules:
        limits = [
            f"{what} {', '.join(values)}"
            for what, values in (
                ("with", rule.needs),
                ("from", rule.source),
                ("to", rule.target),
                ("for", rule.pairs),
            )
            if values
        ]
        served.append(f"{rule.engine} {' '.join(limits)}".strip())
    beside = {
        "transcribe": " Or put a script (SRT, VTT, TTML) of the source language beside the video.",
        "translate": " Or put a script of the target language beside the video (NAME.es.srt).",
    }
    return f"configured: {'; '.join(served) or 'nothing'}.{beside.get(stage, '')}"


@cache
def load_profile(name: str) -> Profile:
    """A profile by name.

    Raises:
        InvalidInput: there is none of that name.
    """
    import yaml

    known = profile_names()
    if name not in known:
        raise InvalidInput(
            f"there is no profile {name!r}",
            where="profile",
            remedy=f"choose one of: {', '.join(known)}",
        )
    written = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text())
    base = written.pop("extends", None)
    inherited = load_profile(base).model_dump() if base else {"stages": {}}
    stages = {**inherited["stages"], **written.get("stages", {})}
    return Profile.model_validate({**inherited, **written, "stages": stages, "name": name})


def profile_names() -> list[str]:
    """Names of all profiles."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))
