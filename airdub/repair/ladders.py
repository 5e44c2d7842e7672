"""What a repair may choose from: engines by stage, best first, and their takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from airdub.engines import Environment, find_engine, missing_needs
from airdub.languages import base_language
from airdub.profiles import load_profile
from airdub.stages import STAGES

if TYPE_CHECKING:
    from airdub.orders import DubOrder


SHORTENED_LANGUAGES = ("en", "es")
"""Languages in which `translate` knows rules to say a line in fewer syllables."""


@dataclass(frozen=True)
class Ladders:
    """The rungs.

    Attributes:
        engines: by stage, the one that is chosen without a repair first.
        takes: how many different takes of a line each synthesis engine gives; 1 where not named.
        shortens: whether a line can be said shorter without another translation engine.
    """

    engines: Mapping[str, tuple[str, ...]]
    takes: Mapping[str, int] = field(default_factory=dict)
    shortens: bool = True

    def after(self, stage: str, engine: str = "") -> tuple[str, ...]:
        """Engines below one of the stage's; "" is the first."""
        rungs = self.engines.get(stage, ())
        at = rungs.index(engine) if engine in rungs else 0
        return rungs[at + 1 :]

    def first(self, stage: str) -> str:
        """The stage's best engine; "" when it has none."""
        return next(iter(self.engines.get(stage, ())), "")

    def under(self, stages: Mapping[str, str]) -> Ladders:
        """The ladders as they are below the engines that stages have now."""
        cut = {
            stage: (engine, *self.after(stage, engine))
            for stage, engine in stages.items()
            if engine in self.engines.get(stage, ())
        }
        return replace(self, engines={**self.engines, **cut})


def ladders_of(order: DubOrder, inputs: Iterable[str], environment: Environment) -> Ladders:
    """The rungs for an order, as its profile lists them.

    Engines that can't run here are left out, but the first: without it there was no attempt.

    Args:
        inputs: names of the files that lie beside the source (`airdub.orders.find_files`).
        environment: of the stages.

    Raises:
        InvalidInput: there is no such profile.
    """
    profile, present = load_profile(order.profile), tuple(inputs)
    languages = order.language_parameters(("source_language", "target_language"))
    engines = {}
    for stage in STAGES:
        first, *rest = profile.ladder(stage, **languages, inputs=present) or ("",)
        able = [name for name in rest if not missing_needs(find_engine(stage, name), environment)]
        engines[stage] = tuple(name for name in (first, *able) if name)
    takes = {name: find_engine("synthesize", name).takes for name in engines["synthesize"]}
    shortens = base_language(order.target_language) in SHORTENED_LANGUAGES
    return Ladders(engines, takes, shortens)
