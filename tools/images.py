"""Builds the container images of the stages, and asks each what it has.

`python tools/images.py [STAGE] [--environment NAME]` builds all of the embedded engines' and
Airflow's, or those of one stage (or of `airflow`), with podman or docker; engines with weights have
environments of their own, and images of many GB. What images have is written to `images.json`
below AIRDUB_VAR: operators need it when stages are pods.

AIRDUB_POD_IMAGES and AIRDUB_POD_IMAGE_TAG name the images. IMAGES_TOOL is the program to use,
IMAGES_FLAGS holds further flags for each build, and PYTHON_IMAGE is what all images start from.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from airdub import __version__
from airdub.engines import EngineSpec, Environment, load_engines, missing_needs
from airdub.settings import PROJECT, Settings, load_settings
from airdub.stages import STAGES

BASES = PROJECT / "model_images" / "base"
AIRFLOW = PROJECT / "deploy" / "airflow" / "Dockerfile"
_EMBEDDED = "stages"
_FAILED, _UNAVAILABLE = 1, 69


@dataclass(frozen=True)
class Image:
    """An image to build.

    Attributes:
        name: without prefix and tag, as `mix-stages`.
        target: stage of the Dockerfile; "" the last.
        specs: the engines that run in it; none for bases and Airflow.
    """

    name: str
    dockerfile: Path
    target: str = ""
    specs: tuple[EngineSpec, ...] = field(default=(), repr=False)


def stage_images() -> dict[str, Image]:
    """The image of every (stage, environment), by name."""
    engines: dict[str, list[EngineSpec]] = {}
    for spec in load_engines().values():
        engines.setdefault(spec.image, []).append(spec)
    return {
        name: Image(name, dockerfile_of(specs[0]), specs=tuple(specs))
        for name, specs in engines.items()
    }


def dockerfile_of(spec: EngineSpec) -> Path:
    """Where the image of an engine is written down."""
    return PROJECT / "model_images" / spec.stage / f"{spec.environment}.Dockerfile"


def plan(only: str = "", environment: str = _EMBEDDED) -> list[Image]:
    """What to build, in order: bases, stages, Airflow's images (which have the embedded engines).

    Args:
        only: a stage, or `airflow`: beside the bases, its images alone.
        environment: of the engines, as in `engines.yaml`.
    """
    cpu = BASES / "cpu.Dockerfile"
    bases = [Image(target, cpu, target) for target in ("base-cpu", "build")]
    bases.append(Image("base-cuda", BASES / "cuda.Dockerfile"))
    stages = [
        image
        for image in stage_images().values()
        for spec in image.specs[:1]  # all of one stage and environment
        if only in ("", spec.stage) and spec.environment == environment
    ]
    airflow = {"airflow": "airflow", "airflow-worker": "worker"}
    others = [Image(name, AIRFLOW, target) for name, target in airflow.items()]
    with_airflow = only in ("", "airflow") and environment == _EMBEDDED
    return bases + stages + (others if with_airflow else [])


def licences(specs: Iterable[EngineSpec]) -> str:
    """An SPDX expression: airdub's own licence and those that the registry states."""
    found = {"Apache-2.0"}
    for spec in specs:
        bare = re.sub(r"\([^)]*\)", "", spec.licence)
        found |= {part.strip() for part in re.split("[,;]", bare)}
        found |= {weights.licence for weights in spec.weights.values()}
    return " AND ".join(sorted(map(_spdx, found)))


def _spdx(name: str) -> str:
    try:
        return canonicalize_license_expression(name)
    except InvalidLicenseExpression:
        return f"LicenseRef-{name}"


def labels(image: Image, revision: str) -> dict[str, str]:
    """OCI's labels. Bases have none: a new revision would build all that stands on them again."""
    if image.dockerfile.parent == BASES:
        return {}
    prefix = "org.opencontainers.image"
    said = {f"{prefix}.version": __version__, f"{prefix}.revision": revision}
    said[f"{prefix}.licenses"] = licences(image.specs or _in_airflow(image))
    if image.specs:
        said[f"{prefix}.title"] = f"airdub {image.name}"
        engines = (f"{spec.name} {spec.version}: {spec.licence}" for spec in image.specs)
        said["org.airdub.engines"] = " | ".join(engines)
    return said


def _in_airflow(image: Image) -> list[EngineSpec]:
    """The engines of Airflow's images: its worker has all that `make setup` makes."""
    engines = load_engines().values() if image.target == "worker" else ()
    return [spec for spec in engines if spec.environment == _EMBEDDED]


def build_command(tool: str, image: Image, settings: Settings, revision: str) -> list[str]:
    """The command that builds an image."""
    pods = settings.pods
    arguments = {"IMAGES": pods.images, "TAG": pods.image_tag}
    if python := os.environ.get("PYTHON_IMAGE"):
        arguments["PYTHON_IMAGE"] = python
    command = [tool, "build", *shlex.split(os.environ.get("IMAGES_FLAGS", ""))]
    command += ["-f", str(image.dockerfile), "-t", pods.image(image.name)]
    command += ["--target", image.target] if image.target else []
    for name, value in arguments.items():
        if re.search(rf"^ARG {name}\b", image.dockerfile.read_text(), re.MULTILINE):
            command += ["--build-arg", f"{name}={value}"]
    for name, value in labels(image, revision).items():
        command += ["--label", f"{name}={value}"]
    return [*command, str(PROJECT)]


def find_tool() -> str:
    """IMAGES_TOOL; else podman or docker, whichever answers.

    Raises:
        SystemExit: none does.
    """
    wanted = os.environ.get("IMAGES_TOOL")
    tools = [wanted] if wanted else ["podman", "docker"]
    for tool in tools:
        if shutil.which(tool) and _run([tool, "info"]).returncode == 0:
            return tool
    print(f"images: no answer from {' or '.join(tools)}: install it, or start docker's daemon")
    raise SystemExit(_UNAVAILABLE)


def build(tool: str, image: Image, settings: Settings, revision: str) -> None:
    """Build one image and say how long it took and how big it is.

    Raises:
        SystemExit: it can't be built; what the tool said is shown.
    """
    began = time.monotonic()
    name = settings.pods.image(image.name)
    print(f"images: {name} ...", end=" ", flush=True)
    command = build_command(tool, image, settings, revision)
    done = _run(command)
    if done.returncode:
        print("failed", *done.stdout.splitlines()[-40:], sep="\n")
        raise SystemExit(_FAILED)
    size = _told(tool, "image", "inspect", "--format", "{{.Size}}", name)
    print(f"{int(size) / 1e6:,.0f} MB, {time.monotonic() - began:.0f} s", flush=True)


def describe(tool: str, image: Image, settings: Settings) -> Environment:
    """What an image has.

    Raises:
        SystemExit: it lacks what its engines need.
    """
    name = settings.pods.image(image.name)
    found = Environment.model_validate_json(
        _told(tool, "run", "--rm", "--network=none", "--read-only", name, "describe")
    )
    lacks = [f"{spec.name}: {lack}" for spec in image.specs for lack in _lacks(spec, found)]
    if lacks:
        print(f"images: {name} lacks", *lacks, sep="\n  ")
        raise SystemExit(_FAILED)
    return found


def _lacks(spec: EngineSpec, found: Environment) -> list[str]:
    """What an engine's image should have: weights of the model cache come on a volume."""
    carried = {name: weights for name, weights in spec.weights.items() if weights.package}
    return missing_needs(spec.model_copy(update={"weights": carried}), found)


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _told(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _revision() -> str:
    """The commit, marked when the sources differ from it."""
    return _told(
        "git", "-C", str(PROJECT), "describe", "--always", "--abbrev=40", "--dirty"
    ).strip()


def write_down(file: Path, name: str, found: Environment) -> None:
    """Write what an image has beside what is known of the others."""
    known = Environment.model_validate_json(file.read_bytes()).images if file.is_file() else {}
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_bytes(Environment(images={**known, name: found}).to_json())
    part.replace(file)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="images", description="Builds container images.")
    environments = sorted({spec.environment for spec in load_engines().values()})
    parser.add_argument("stage", nargs="?", default="", choices=["", "airflow", *STAGES])
    parser.add_argument("--environment", default=_EMBEDDED, choices=environments)
    return parser.parse_args()


def main() -> None:
    """Build the images, and ask each stage's.

    Raises:
        SystemExit: something can't be built, or an image lacks what its engines need.
    """
    chosen = _arguments()
    settings, tool, revision = load_settings(), find_tool(), _revision()
    file = settings.var / "images.json"
    for image in plan(chosen.stage, chosen.environment):
        build(tool, image, settings, revision)
        if image.specs:
            write_down(file, image.name, describe(tool, image, settings))
    print(f"images: what they have is in {file}")


if __name__ == "__main__":
    main()
