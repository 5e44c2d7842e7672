"""The stages' interpreter tells what it has; what it told is kept for the operators."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from airdub.engines import Environment
from airdub.environments import describe_environment, read_environment
from airdub.errors import DependencyUnavailable
from airdub.settings import Settings, load_settings
from tests.fakes.stage_python import complete, install


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    python = {"AIRDUB_STAGES_PYTHON": install(tmp_path), "AIRDUB_NEURAL_PYTHON": tmp_path / "no/no"}
    return load_settings({name: str(path) for name, path in python.items()})


def test_a_description_is_written_and_read(settings: Settings) -> None:
    settings.environment_file.unlink()
    with pytest.raises(DependencyUnavailable, match="make setup"):
        read_environment(settings)
    assert describe_environment(settings) == complete()
    assert read_environment(settings) == complete()


def test_what_is_written_already_is_not_written_again(settings: Settings) -> None:
    before = settings.environment_file.stat()
    assert describe_environment(settings) == complete()
    after = settings.environment_file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_further_environment_is_described_once_it_is_there(
    settings: Settings, tmp_path: Path
) -> None:
    assert describe_environment(settings).others == {}
    further = install(tmp_path / "further")
    both = replace(settings, neural_python=further)
    (further.parents[1] / "airdub-environment.json").unlink()
    assert read_environment(both).others == {}
    assert describe_environment(both).others == {"neural": complete()}
    assert read_environment(both).others == {"neural": complete()}
    further.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(DependencyUnavailable, match=r"further.*'neural'.*make neural"):
        describe_environment(both)


def test_pods_are_described_by_what_their_images_told(settings: Settings) -> None:
    images = Environment(images={"mix-stages": complete()})
    settings.environment_file.write_bytes(images.to_json())
    assert describe_environment(replace(settings, runtime="kubernetes")) == images
    assert read_environment(settings) == images


@pytest.mark.parametrize("script", [None, "#!/bin/sh\nexit 1\n", "#!/bin/sh\necho hello\n"])
def test_an_interpreter_that_does_not_work_is_named(settings: Settings, script: str | None) -> None:
    before = settings.environment_file.read_bytes()
    if script is None:
        settings.stages_python.unlink()
    else:
        settings.stages_python.write_text(script)
    with pytest.raises(DependencyUnavailable, match=str(settings.stages_python)):
        describe_environment(settings)
    assert settings.environment_file.read_bytes() == before
