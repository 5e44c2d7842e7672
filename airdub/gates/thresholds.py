"""Gate profiles: which metrics must hold, for which language, and what happens when one doesn't.

A gate profile is a YAML file in `airdub/profiles/gates`; an engine profile names its own. They are
apart from the engines: the same thresholds judge whatever made a dub.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from airdub.errors import InvalidInput
from airdub.gates.verdict import Consequence
from airdub.languages import base_language
from airdub.metrics import IDENTICAL, NOT_APPLICABLE, Value, load_metrics
from airdub.model import Document

_FOLDER = Path(__file__).parents[1] / "profiles" / "gates"


class Threshold(Document):
    """Bounds on one metric.

    Attributes:
        least, most: of the title's value; inclusive.
        worst_least, worst_most: of every line's value.
        coverage: least share (0..1) of the title behind its value: of dialogue seconds; of frames
            for pictures, of sounding windows for backgrounds.
        blocking: False only tells.
        on_fail: what a value out of bounds asks for.
        absent: what to do when there is no value: `refuse` quarantines. There is no `pass`.
    """

    metric: str
    least: float | None = None
    most: float | None = None
    worst_least: float | None = None
    worst_most: float | None = None
    coverage: float = Field(0.0, ge=0, le=1)
    blocking: bool = True
    on_fail: Literal["repair", "review", "quarantine"] = "review"
    absent: Literal["refuse", "review"] = "refuse"

    @model_validator(mode="after")
    def _can_be_met_and_missed(self) -> Threshold:
        spec = load_metrics().get(self.metric)
        if spec is None:
            raise ValueError(f"there is no metric {self.metric!r} in metrics.yaml")
        bounds = (self.least, self.most, self.worst_least, self.worst_most)
        given = [bound for bound in bounds if bound is not None]
        if self.least is None and self.most is None:
            raise ValueError(f"{self.metric} needs a bound on the title: least or most")
        if not all(math.isfinite(bound) for bound in given):
            raise ValueError(f"{self.metric} has a bound that is no finite number")
        if self.gates_segments and not spec.per_segment:
            raise ValueError(f"{self.metric} has no values of single lines")
        for least, most in ((self.least, self.most), (self.worst_least, self.worst_most)):
            if least is not None and most is not None and least > most:
                raise ValueError(f"{self.metric} can't be both >= {least} and <= {most}")
        return self

    @property
    def gates_segments(self) -> bool:
        """Whether every line has to hold a bound of its own."""
        return self.worst_least is not None or self.worst_most is not None

    @property
    def when_absent(self) -> Consequence:
        """What an absent value asks for."""
        return Consequence.REVIEW if self.absent == "review" else Consequence.QUARANTINE

    def excess(self, value: Value, *, segment: bool = False) -> float:
        """By how much a value lies outside of its bounds; 0 or less is inside.

        `identical` is better than any number; what is `not_applicable` misses no bound.
        """
        if value == NOT_APPLICABLE:
            return -math.inf
        least = self.worst_least if segment else self.least
        most = self.worst_most if segment else self.most
        if value == IDENTICAL:
            return -math.inf if most is None else math.inf
        number = float(value)
        below = -math.inf if least is None else least - number
        above = -math.inf if most is None else number - most
        return max(below, above)

    def bound(self, *, segment: bool = False) -> str:
        """The bounds as people read them: `>= 35`, `-24..-22`."""
        least = self.worst_least if segment else self.least
        most = self.worst_most if segment else self.most
        if least is not None and most is not None:
            return f"{least:g}..{most:g}"
        return f">= {least:g}" if least is not None else f"<= {most:g}" if most is not None else ""


class GateProfile(Document):
    """Thresholds for dubs into one language.

    Attributes:
        attempts: dubs of a title in all; a failing last one goes to people instead of to repair.
    """

    name: str
    language: str
    summary: str
    attempts: int = Field(3, ge=1, le=99)
    thresholds: tuple[Threshold, ...]

    @model_validator(mode="after")
    def _gates_something(self) -> GateProfile:
        names = [threshold.metric for threshold in self.thresholds]
        if not any(threshold.blocking for threshold in self.thresholds):
            raise ValueError("a gate without a blocking threshold would let everything pass")
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"more than one threshold for {', '.join(doubled)}")
        return self


class _GateFile(Document):
    """A gate profile as it is written: what languages change lies beside what holds for all."""

    summary: str
    attempts: int = 3
    thresholds: dict[str, dict[str, Any]]
    languages: dict[str, dict[str, dict[str, Any]]] = Field(default_factory=dict)

    def for_language(self, name: str, language: str) -> GateProfile:
        changes = self.languages.get(base_language(language), {})
        return GateProfile(
            name=name,
            language=language,
            summary=self.summary,
            attempts=self.attempts,
            thresholds=tuple(
                Threshold.model_validate(
                    {"metric": metric, **self.thresholds.get(metric, {}), **changes.get(metric, {})}
                )
                for metric in dict.fromkeys((*self.thresholds, *changes))
            ),
        )


def load_gates(name: str, language: str) -> GateProfile:
    """A gate profile by name, for a target language (BCP-47).

    Raises:
        InvalidInput: there is none of that name, it isn't one, or the language is unknown.
    """
    if name not in gate_names():
        raise InvalidInput(
            f"there is no gate profile {name!r}",
            where="gates",
            remedy=f"choose one of: {', '.join(gate_names())}",
        )
    try:
        return _GateFile.model_validate(_read(name)).for_language(name, language)
    except ValidationError as error:
        raise InvalidInput(
            f"not a gate profile: {error}",
            where=f"airdub/profiles/gates/{name}.yaml",
            remedy="see airdub/gates/thresholds.py for the fields of a threshold",
        ) from error


def gate_names() -> list[str]:
    """Names of all gate profiles."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


@cache
def _read(name: str) -> Mapping[str, Any]:
    import yaml

    loaded: Mapping[str, Any] = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text())
    return loaded
