"""Images are built in order, labelled by the registry, and asked what they have."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from docker.utils.build import exclude_paths

from airdub import __version__
from airdub.engines import Environment, load_engines
from airdub.settings import PROJECT, load_settings
from tests.fakes.stage_python import complete
from tools.images import BASES, Image, build_command, labels, licences, plan, stage_images

TOOL = """#!/bin/sh
echo "$*" >> "{log}"
case "$1" in
  build) case "$*" in *mux-stages*) echo "E: no package ffmpeg"; exit 100 ;; esac ;;
  image) echo 212345678 ;;
  run) cat "{environment}" ;;
esac
"""
"""A podman that builds nothing and fails at mux."""


@dataclass(frozen=True)
class Machine:
    """A machine with that tool.

    Attributes:
        environment: what every image of it says it has.
    """

    tool: Path
    log: Path
    environment: Path
    var: Path

    def images(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "tools/images.py", *arguments],
            cwd=PROJECT,
            env={
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": str(PROJECT),
                "AIRDUB_VAR": str(self.var),
                "IMAGES_TOOL": str(self.tool),
                "IMAGES_FLAGS": "--network=host",
            },
            check=False,
            capture_output=True,
            text=True,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(*(tmp_path / name for name in ("podman", "log", "environment.json", "var")))
    made.tool.write_text(TOOL.format(log=made.log, environment=made.environment))
    made.tool.chmod(0o755)
    made.environment.write_bytes(complete().to_json())
    return made


def test_one_stage_is_built_over_its_bases_and_asked(machine: Machine) -> None:
    done = machine.images("mix")
    assert done.returncode == 0, done.stdout
    builds = [line for line in machine.log.read_text().splitlines() if line.startswith("build")]
    assert [line.split(" -t ")[1].split()[0] for line in builds] == [
        f"airdub/{name}:{__version__}" for name in ("base-cpu", "build", "base-cuda", "mix-stages")
    ]
    assert all(line.startswith("build --network=host -f ") for line in builds)
    assert f"airdub/mix-stages:{__version__} ... 212 MB" in done.stdout
    written = Environment.model_validate_json((machine.var / "images.json").read_bytes())
    assert written == Environment(images={"mix-stages": complete()})


def test_a_rebuilt_stage_leaves_what_others_said(machine: Machine) -> None:
    assert machine.images("mix").returncode == 0
    assert machine.images("probe").returncode == 0
    written = Environment.model_validate_json((machine.var / "images.json").read_bytes())
    assert set(written.images) == {"mix-stages", "probe-stages"}


def test_a_build_that_fails_shows_why_and_ends_there(machine: Machine) -> None:
    done = machine.images()
    assert done.returncode == 1
    assert "airdub/mux-stages" in done.stdout
    assert "E: no package ffmpeg" in done.stdout
    written = Environment.model_validate_json((machine.var / "images.json").read_bytes())
    assert "lipsync-stages" in written.images
    assert "mux-stages" not in written.images
    assert "evaluate-stages" not in machine.log.read_text()


def test_an_image_that_lacks_what_its_engine_needs_is_refused(machine: Machine) -> None:
    lacking = complete().model_copy(update={"programs": {}})
    machine.environment.write_bytes(lacking.to_json())
    done = machine.images("mix")
    assert done.returncode == 1
    assert "fit: Debian package rubberband-cli" in done.stdout
    assert not (machine.var / "images.json").exists()


def test_an_image_needs_the_weights_of_its_packages_and_none_of_the_volume(
    machine: Machine,
) -> None:
    carried = {"silero_vad.onnx": complete().weights["silero_vad.onnx"]}
    bare = complete().model_copy(update={"weights": carried})
    machine.environment.write_bytes(bare.to_json())
    done = machine.images("separate", "--environment", "neural")
    assert done.returncode == 0, done.stdout
    written = Environment.model_validate_json((machine.var / "images.json").read_bytes())
    assert written.images["separate-neural"] == bare
    machine.environment.write_bytes(bare.model_copy(update={"weights": {}}).to_json())
    done = machine.images("separate")
    assert done.returncode == 1
    assert "lacks\n  repet: weights silero_vad.onnx" in done.stdout


def test_without_a_tool_nothing_is_tried(machine: Machine) -> None:
    machine.tool.unlink()
    done = machine.images("mix")
    assert done.returncode == 69
    assert f"no answer from {machine.tool}: install it" in done.stdout


@pytest.mark.parametrize("compose", ["docker compose", "docker-compose", "podman-compose"])
def test_compose_is_given_its_images_by_the_program_that_runs_them(
    machine: Machine, compose: str
) -> None:
    folder = machine.tool.parent / "bin"
    folder.mkdir()
    machine.tool.rename(folder / re.split("[ -]", compose)[0])
    names = {"AIRDUB_POD_IMAGES": "registry.example/dubs", "AIRDUB_POD_IMAGE_TAG": "7.1"}
    variables = names | {"AIRDUB_VAR": str(machine.var), "PATH": f"{folder}:/usr/bin:/bin"}
    command = [str(PROJECT / "tools" / "compose.sh"), "build"]
    subprocess.run(command, env=variables | {"COMPOSE": compose}, check=True, capture_output=True)
    built = set(re.findall(r"^build .* -t (\S+)", machine.log.read_text(), re.MULTILINE))
    services = yaml.safe_load((PROJECT / "docker-compose.yaml").read_text())["services"].values()
    wanted = {
        re.sub(r"\$\{(\w+):-.*?\}", lambda said: names[said[1]], one["image"])
        for one in services
        if one.get("pull_policy") == "never"
    }
    assert wanted == {f"registry.example/dubs/{name}:7.1" for name in ("airflow", "airflow-worker")}
    assert wanted < built


def test_an_unknown_stage_is_named(machine: Machine) -> None:
    done = machine.images("mixx")
    assert done.returncode == 2
    assert "invalid choice: 'mixx'" in done.stderr
    assert not machine.log.exists()


def test_bases_come_first_and_every_stage_once() -> None:
    plans = [[image.name for image in plan(environment=name)] for name in ("stages", "neural")]
    assert [names[:3] for names in plans] == [["base-cpu", "build", "base-cuda"]] * 2
    embedded, neural = (names[3:] for names in plans)
    assert {*embedded, *neural} == {*stage_images(), "airflow", "airflow-worker"}
    assert len([*embedded, *neural]) == len(stage_images()) + 2
    assert all(name.endswith("-neural") for name in neural)


def test_one_stage_is_built_of_one_environment() -> None:
    assert [image.name for image in plan("separate")][3:] == ["separate-stages"]
    assert [image.name for image in plan("separate", "neural")][3:] == ["separate-neural"]


def test_licences_are_one_expression_of_known_names() -> None:
    specs = [load_engines()["separate", "repet"], load_engines()["synthesize", "flite"]]
    assert licences(specs) == "Apache-2.0 AND LicenseRef-BSD-like AND MIT"
    specs = [load_engines()["mix", "fit"]]
    assert licences(specs) == "Apache-2.0 AND GPL-2.0-or-later"


def test_whatever_brings_x264_is_under_its_licence() -> None:
    bring_it = [
        image
        for image in stage_images().values()
        if any("ffmpeg" in spec.programs or "av" in spec.packages for spec in image.specs)
    ]
    assert {image.name for image in bring_it} >= {"mux-stages", "evaluate-stages", "probe-stages"}
    for image in (*bring_it, next(image for image in plan() if image.name == "airflow-worker")):
        said = labels(image, "c0ffee")["org.opencontainers.image.licenses"]
        assert "GPL-2.0-or-later" in said.split(" AND "), image.name


def test_a_stage_is_labelled_and_a_base_is_not() -> None:
    said = labels(stage_images()["mix-stages"], "c0ffee")
    assert said["org.opencontainers.image.version"] == __version__
    assert said["org.opencontainers.image.revision"] == "c0ffee"
    assert said["org.opencontainers.image.licenses"] == "Apache-2.0 AND GPL-2.0-or-later"
    assert said["org.airdub.engines"].startswith("fit 1: GPL-2.0-or-later (Rubber Band")
    assert labels(Image("base-cpu", BASES / "cpu.Dockerfile", "base-cpu"), "c0ffee") == {}


def test_arguments_go_only_to_dockerfiles_that_take_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_IMAGE", "registry.example/python@sha256:0")
    settings = load_settings({"AIRDUB_POD_IMAGES": "registry.example/dubs"})
    base, mix = plan()[0], stage_images()["mix-stages"]
    command = build_command("docker", base, settings, "c0ffee")
    assert "PYTHON_IMAGE=registry.example/python@sha256:0" in command
    assert f"TAG={__version__}" not in command
    command = build_command("docker", mix, settings, "c0ffee")
    assert "IMAGES=registry.example/dubs" in command
    assert f"registry.example/dubs/mix-stages:{__version__}" in command
    assert "PYTHON_IMAGE=registry.example/python@sha256:0" not in command


def test_images_get_neither_secrets_nor_what_python_left(tmp_path: Path) -> None:
    ours = ("operators/pods/a.py", "plugins/a.py", "airdub/a.py", "deploy/compose/health.py")
    others = (
        "operators/pods/__pycache__/a.pyc",
        "plugins/__pycache__/a.pyc",
        "airdub/__pycache__/a.pyc",
        "deploy/compose/__pycache__/health.pyc",
        "deploy/compose/secrets/fernet_key",
        "deploy/compose/secrets.Ab12Cd/fernet_key",
        "model_images/mix/cpu.Dockerfile",
        "plugins/console/app/node_modules/a.js",
        "var/catalog.db",
        ".env",
    )
    for name in (*ours, *others):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    sent = {name for name in exclude_paths(str(tmp_path), patterns) if (tmp_path / name).is_file()}
    assert sent == set(ours)
