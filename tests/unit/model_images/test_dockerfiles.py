"""Dockerfiles install exactly what the registry states, for a user without rights."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from airdub.engines import EngineSpec
from airdub.settings import PROJECT
from airdub.stages import STAGES
from tools.images import BASES, stage_images

IMAGES = stage_images()
Instruction = tuple[str, list[str]]


def instructions(dockerfile: Path) -> list[Instruction]:
    """Instructions of a Dockerfile with their words."""
    text = re.sub(r"\\\n", " ", dockerfile.read_text())
    lines = [shlex.split(line, comments=True) for line in text.splitlines()]
    return [(words[0], words[1:]) for words in lines if words]


def final_stage(dockerfile: Path) -> list[Instruction]:
    """From the last FROM on: what becomes the image."""
    found = instructions(dockerfile)
    last = max(at for at, (name, _) in enumerate(found) if name == "FROM")
    return found[last:]


def arguments_of(program: str, found: list[Instruction]) -> set[str]:
    """What a helper of the base is called with, over all RUN instructions."""
    given: set[str] = set()
    for name, words in found:
        if name == "RUN" and program in words:
            given |= set(words[words.index(program) + 1 :])
    return given


def programs_of(specs: tuple[EngineSpec, ...]) -> set[str]:
    java = {"default-jre-headless"} if STAGES[specs[0].stage].chunked else set()
    return java.union(*((*spec.programs, *spec.optional_packages) for spec in specs))


def carried_by(specs: tuple[EngineSpec, ...]) -> set[str]:
    """Model files whose wheel is not installed."""
    installed = {package for spec in specs for package in spec.packages}
    files = [weights for spec in specs for weights in spec.weights.values() if weights.package]
    return {weights.path for weights in files if weights.package not in installed}


def test_every_environment_of_a_stage_has_a_dockerfile_and_nothing_else_has() -> None:
    there = set((PROJECT / "model_images").glob("*/*.Dockerfile")) - set(BASES.iterdir())
    assert there == {image.dockerfile for image in IMAGES.values()}


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_has_the_programs_and_model_files_of_its_engines(name: str) -> None:
    image = IMAGES[name]
    assert arguments_of("install-programs", final_stage(image.dockerfile)) == programs_of(
        image.specs
    )
    assert arguments_of("install-weights", instructions(image.dockerfile)) == carried_by(
        image.specs
    )


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_is_made_of_its_lock_and_then_its_sources(name: str) -> None:
    image = IMAGES[name]
    stage = image.specs[0].stage
    packages, *sources = [
        words[:-1] for name, words in final_stage(image.dockerfile) if name == "COPY"
    ]
    assert packages == ["--from=packages", "/opt/venv"]
    assert [source for (source,) in sources] == [
        "airdub",
        "model_images/__init__.py",
        "model_images/common",
        "model_images/runner",
        f"model_images/{stage}",
    ]
    copied = [words for name, words in instructions(image.dockerfile) if name == "COPY"]
    assert copied[0] == [f"requirements/images/{image.name}.txt", "/tmp/lock.txt"]  # noqa: S108
    assert (PROJECT / copied[0][0]).is_file()


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_runs_the_runner_as_a_user_without_rights(name: str) -> None:
    *_, user, entrypoint = final_stage(IMAGES[name].dockerfile)
    assert user == ("USER", ["10001:10001"])
    assert entrypoint == ("ENTRYPOINT", ["[python,", "-m,", "model_images.runner]"])


@pytest.mark.parametrize("name", IMAGES)
def test_images_stand_on_the_bases(name: str) -> None:
    found = instructions(IMAGES[name].dockerfile)
    first, second = [words for name, words in found if name == "FROM"]
    assert first == ["${IMAGES}/build:${TAG}", "AS", "packages"]
    base = "base-cpu" if IMAGES[name].specs[0].environment == "stages" else "base-cuda"
    assert second == [f"${{IMAGES}}/{base}:${{TAG}}"]
    assert ("ARG", ["TAG"]) in found, "a tag that nobody gave must not be guessed"


def test_the_bases_are_pinned() -> None:
    cpu, cuda = instructions(BASES / "cpu.Dockerfile"), instructions(BASES / "cuda.Dockerfile")
    (default,) = [words[0] for name, words in cpu if name == "ARG"]
    assert re.fullmatch(r"PYTHON_IMAGE=docker\.io/library/python:3\.11-slim-\w+", default)
    assert [words for name, words in cpu if name == "FROM"] == [
        ["${PYTHON_IMAGE}", "AS", "base-cpu"],
        ["base-cpu", "AS", "build"],
    ]
    assert [words for name, words in cuda if name == "FROM"] == [["${IMAGES}/base-cpu:${TAG}"]]


def test_gpus_are_given_by_the_node_alone() -> None:
    variables = {word for name, words in final_stage(BASES / "cuda.Dockerfile") for word in words}
    assert "NVIDIA_DRIVER_CAPABILITIES=compute,utility" in variables
    assert not [word for word in variables if word.startswith("NVIDIA_VISIBLE_DEVICES")]


def test_nothing_goes_into_an_image_unasked() -> None:
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    assert next(line for line in lines if not line.startswith("#")) == "*"
