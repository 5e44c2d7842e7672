"""What stages find where they run, as their own runner tells: now, or when images were built."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from pydantic import ValidationError

from airdub.engines import MADE_BY, Environment
from airdub.errors import DependencyUnavailable
from airdub.settings import PROJECT, Settings

FURTHER = ("neural",)
"""Environments that a machine may lack; engines of theirs can't run then, and all others can."""


def read_environment(settings: Settings) -> Environment:
    """The descriptions that were written when the environments, or the images, were made.

    Raises:
        DependencyUnavailable: one isn't there or can't be read.
    """
    found = _read(settings.environment_file, "make setup")
    if found.images:
        return found
    files = {name: _file_of(settings, name) for name in FURTHER}
    others = {name: _read(file, MADE_BY[name]) for name, file in files.items() if file.exists()}
    return found.model_copy(update={"others": others})


def describe_environment(settings: Settings) -> Environment:
    """Ask the interpreters what they have now, and write that down for the operators.

    Stages that are pods are not asked: their images don't change.

    Raises:
        DependencyUnavailable: an interpreter fails, or that of the stages is missing.
    """
    if settings.runtime == "kubernetes":
        return read_environment(settings)
    _describe(settings.stages_python, settings.environment_file, "stages")
    for name in FURTHER:
        if settings.python_of(name).exists():
            _describe(settings.python_of(name), _file_of(settings, name), name)
    return read_environment(settings)


def _file_of(settings: Settings, name: str) -> Path:
    """Where a further environment is described: beside its interpreter."""
    return settings.python_of(name).parents[1] / "airdub-environment.json"


def _read(file: Path, made_by: str) -> Environment:
    try:
        return Environment.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise DependencyUnavailable(
            "the stages' environment was not set up",
            where=str(file),
            remedy=f"run `{made_by}`, or `airdub doctor`, which writes it; for pods, give the file "
            "that `make images` wrote as AIRDUB_ENVIRONMENT_FILE",
        ) from error


def _describe(python: Path, file: Path, name: str) -> None:
    """Write down what an interpreter says that it has."""
    command = [str(python), "-m", "model_images.runner", "describe"]
    try:
        answer = subprocess.run(command, cwd=PROJECT, capture_output=True, check=True, timeout=120)
        found = Environment.model_validate_json(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValidationError) as error:
        raise DependencyUnavailable(
            f"the interpreter of the environment {name!r} doesn't work: {error}",
            where=str(python),
            remedy=f"run `{MADE_BY[name]}`",
        ) from error
    if _says(file, found):  # as in an image, where nobody could write it
        return
    part = file.with_suffix(f".{os.getpid()}.part")
    try:
        part.write_bytes(found.to_json())
        part.replace(file)
    except OSError as error:
        raise DependencyUnavailable(
            f"what the stages' environment has can't be written down: {error.strerror}",
            where=str(file),
            remedy="give this user the right to write there",
        ) from error


def _says(file: Path, found: Environment) -> bool:
    try:
        return Environment.model_validate_json(file.read_bytes()) == found
    except (OSError, ValidationError):
        return False
