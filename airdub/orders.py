"""An order to dub: what a person asks for, checked before any stage runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import Field, ValidationError, model_validator

from airdub.engines import Environment, find_engine, missing_needs
from airdub.errors import InvalidInput
from airdub.languages import parse_language
from airdub.library.beside import chosen_endings
from airdub.library.files import Unlisted, files_around, name_of
from airdub.locations import checked_location
from airdub.model import Document
from airdub.profiles import Profile, Rule, load_profile
from airdub.repair import RepairPlan
from airdub.stages import STAGES
from airdub.titles import checked_title_id, title_id_of


class DubOrder(Document):
    """One title into one language: the parameters of a `dub_video` run.

    Attributes:
        title_id: "" makes one from the source's name.
        source: absolute path of the video, or `s3://bucket/key`.
        script: likewise of a script in the source language; "" looks beside the video.
        repair: what this attempt changes; None for a first attempt.
        parent_run_id: run whose verdict asked for this attempt; "" for a first one.
    """

    title_id: str = ""
    source: str
    script: str = ""
    source_language: str
    target_language: str
    profile: str = "embedded"
    attempt: int = Field(1, ge=1)
    repair: RepairPlan | None = None
    parent_run_id: str = Field("", max_length=250)

    @model_validator(mode="after")
    def _repairs_its_own_attempt(self) -> DubOrder:
        if self.repair and self.repair.attempt != self.attempt:
            raise ValueError(
                f"the repair plan is for attempt {self.repair.attempt}, not {self.attempt}"
            )
        return self

    @classmethod
    def parse(cls, params: Mapping[str, Any]) -> DubOrder:
        """The order that a run's parameters make, with its languages normalised and its id made.

        Raises:
            InvalidInput: a parameter is missing or can't be used; `where` names it.
        """
        given = {name: value for name, value in params.items() if value is not None}
        try:
            order = cls.model_validate(given)
        except ValidationError as error:
            first = error.errors()[0]
            raise InvalidInput(
                first["msg"],
                where=".".join(str(part) for part in first["loc"]) or "attempt, repair",
                remedy="see the run's parameters and their descriptions",
            ) from error
        made_id = order.title_id or title_id_of(order.source)
        return order.model_copy(
            update={
                "title_id": checked_title_id(made_id),
                "source_language": parse_language(order.source_language, where="source_language"),
                "target_language": parse_language(order.target_language, where="target_language"),
            }
        )

    def language_parameters(self, names: Iterable[str]) -> dict[str, str]:
        """The languages that a stage wants as parameters (`StageSpec.languages`)."""
        return {name: getattr(self, name) for name in names}


def find_files(order: DubOrder, roots: tuple[str, ...] = ()) -> dict[str, str]:
    """Where the source and what lies beside it are, by input name of the stages.

    What counts as lying beside it is in `airdub.library.beside`.

    Args:
        roots: folders and `s3://` prefixes that every file must lie in; empty allows all.

    Raises:
        InvalidInput: a file is missing, empty, no file, or outside the roots.
        DependencyUnavailable: the storage doesn't answer.
    """
    source = checked_location(order.source, "source", roots)
    beside = _files_beside(source)
    chosen = chosen_endings(beside, order.source_language, order.target_language)
    found = {name: beside[ending] for name, ending in chosen.items()}
    if order.script:
        found["script"] = order.script
    return {"source": source} | {
        name: checked_location(location, name, roots) for name, location in found.items()
    }


def check_plan(order: DubOrder, present: Iterable[str], environment: Environment) -> dict[str, str]:
    """Engine by stage for the order, if every stage has one that can run here.

    Args:
        present: names of the files that `find_files` found.

    Raises:
        InvalidInput: the profile has no engine for the languages, or an engine lacks something.
        PolicyRefused: an engine's licence isn't allowed by the profile.
    """
    profile = load_profile(order.profile)
    present = tuple(present)
    plan = {stage: choose_engine(profile, order, stage, present).engine for stage in STAGES}
    for stage, engine in [*plan.items(), *_line_engines(profile, order, present)]:
        if lacks := missing_needs(find_engine(stage, engine), environment):
            raise InvalidInput(
                f"the engine lacks {', '.join(lacks)}",
                where=f"profile {profile.name}, {stage}/{engine}",
                remedy="run `make setup`; `airdub doctor` lists what every engine lacks",
            )
    return plan


def choose_engine(profile: Profile, order: DubOrder, stage: str, inputs: Iterable[str]) -> Rule:
    """The rule for a stage of this order: the profile's first, or that of its repair's engine.

    Raises:
        InvalidInput, PolicyRefused: see `Profile.choose`.
    """
    engine = order.repair.stages.get(stage, "") if order.repair else ""
    return profile.choose(stage, **_languages(order), inputs=inputs, engine=engine)


def _languages(order: DubOrder) -> dict[str, str]:
    return order.language_parameters(("source_language", "target_language"))


def _line_engines(
    profile: Profile, order: DubOrder, inputs: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """(stage, engine) for the engines of single lines in the order's repair.

    Raises:
        InvalidInput, PolicyRefused: as for a whole stage's engine.
    """
    lines = order.repair.lines if order.repair else ()
    wanted = {("translate", line.text_engine) for line in lines if line.text_engine}
    wanted |= {("synthesize", line.engine) for line in lines if line.engine}
    for stage, engine in sorted(wanted):
        yield stage, profile.choose(stage, **_languages(order), inputs=inputs, engine=engine).engine


def _files_beside(source: str) -> dict[str, str]:
    """Locations by what follows the source's name without its suffix, in lower case.

    Raises:
        InvalidInput: the folder can't be listed.
    """
    name = name_of(source)
    stem = name.rpartition(".")[0] or name
    found = {}
    for one in files_around(source).beside(source):
        if isinstance(one, Unlisted) and one.location.endswith("/"):
            raise InvalidInput(one.what, where=f"source {source}", remedy=one.remedy)
        if name_of(one.location).startswith(stem) and one.location != source:
            found[name_of(one.location)[len(stem) :].casefold()] = one.location
    return found
