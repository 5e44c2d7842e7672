"""What stages find where they run, as their own runner tells: now, or when images were built."""

from __future__ import annotations

import os
import subprocess

from pydantic import ValidationError

from airdub.engines import Environment
from airdub.errors import DependencyUnavailable
from airdub.settings import PROJECT, Settings


def read_environment(settings: Settings) -> Environment:
    """The description that was written when the environment, or the images, were made.

    Raises:
        DependencyUnavailable: it isn't there or can't be read.
    """
    try:
        return Environment.model_validate_json(settings.environment_file.read_bytes())
    except (OSError, ValidationError) as error:
        raise DependencyUnavailable(
            "the stages' environment was not set up",
            where=str(settings.environment_file),
            remedy="run `make setup`, or `airdub doctor`, which writes it; for pods, give the file "
            "that `make images` wrote as AIRDUB_ENVIRONMENT_FILE",
        ) from error


def describe_environment(settings: Settings) -> Environment:
    """Ask the stages' interpreter what it has now, and write that down for the operators.

    Stages that are pods are not asked: their images don't change.

    Raises:
        DependencyUnavailable: the interpreter is missing or fails.
    """
    if settings.runtime == "kubernetes":
        return read_environment(settings)
    command = [str(settings.stages_python), "-m", "model_images.runner", "describe"]
    try:
        answer = subprocess.run(command, cwd=PROJECT, capture_output=True, check=True, timeout=120)
        found = Environment.model_validate_json(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValidationError) as error:
        raise DependencyUnavailable(
            f"the stages' interpreter doesn't work: {error}",
            where=str(settings.stages_python),
            remedy="run `make setup`",
        ) from error
    part = settings.environment_file.with_suffix(f".{os.getpid()}.part")
    try:
        part.write_bytes(found.to_json())
        part.replace(settings.environment_file)
    except OSError as error:
        raise DependencyUnavailable(
            f"what the stages' environment has can't be written down: {error.strerror}",
            where=str(settings.environment_file),
            remedy="give this user the right to write there",
        ) from error
    return found
