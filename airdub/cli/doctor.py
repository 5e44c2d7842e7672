"""`airdub doctor`: what can run here, and what is missing for the rest."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import typer
from rich.table import Table

from airdub.cli.console import make_console
from airdub.engines import Environment, load_engines, missing_needs
from airdub.environments import describe_environment
from airdub.profiles import load_profile, profile_names
from airdub.settings import load_settings

_BASE_PROGRAMS = {"setpriv": "util-linux", "ffmpeg": "ffmpeg", "java": "default-jre-headless"}
_LACKING = 69


def doctor() -> None:
    """Check programs, packages and weights of every engine; exits with 69 if some are missing.

    Engines with weights are told of, and never missed: who wants them sets them up.
    """
    console = make_console()
    settings = load_settings()
    environment = describe_environment(settings)
    table = Table("stage", "engine", "state", box=None)
    for (stage, name), spec in load_engines().items():
        table.add_row(stage, name, _state(missing_needs(spec, environment)))
    console.print(table)
    console.print(
        "Weights come by `airdub weights fetch --engine STAGE/NAME`, PyTorch and what else engines "
        "with weights need by `make neural`."
    )
    problems = [*_missing_programs(), *lacking(environment)]
    for problem in problems:
        console.print(f"missing: {problem}")
    if problems:
        console.print("What to do: run `make setup`; for weights `airdub weights fetch`.")
        raise typer.Exit(_LACKING)
    console.print("Everything that the profiles use is here.")


def _state(lacks: list[str]) -> str:
    """What an engine lacks, in few words: a model may be a folder of many files."""
    if not lacks:
        return "ready"
    more = f" and {len(lacks) - 1} more" if len(lacks) > 1 else ""
    return f"lacks {lacks[0]}{more}"


def lacking(environment: Environment) -> Iterator[str]:
    """For every engine that some profile uses and `make setup` sets up, what it lacks here."""
    used = {
        (stage, rule.engine)
        for name in profile_names()
        for stage, rules in load_profile(name).stages.items()
        for rule in rules
    }
    for (stage, name), spec in load_engines().items():
        if (stage, name) not in used or spec.environment != "stages":
            continue
        if lacks := missing_needs(spec, environment):
            yield f"{stage}/{name} lacks {', '.join(lacks)}"


def _missing_programs() -> Iterator[str]:
    for program, package in _BASE_PROGRAMS.items():
        if shutil.which(program) is None:
            yield f"{program} (Debian package {package})"
