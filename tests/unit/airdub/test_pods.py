"""Settings of the Kubernetes runtime: defaults that work, and bad values named."""

from __future__ import annotations

from pathlib import Path

import pytest

from airdub.errors import InvalidInput
from airdub.pods import PodSettings, read_pod_settings
from airdub.profiles import load_profile
from airdub.stages import STAGES, Resources


def test_defaults_need_nothing() -> None:
    settings = read_pod_settings({})
    assert settings == PodSettings()
    assert settings.deferrable
    assert (settings.secret, settings.model_cache) == ("", "")


def test_the_environment_decides() -> None:
    settings = read_pod_settings(
        {
            "AIRDUB_POD_IMAGES": "registry.example/dubs/",
            "AIRDUB_POD_IMAGE_TAG": "7",
            "AIRDUB_POD_DEFERRABLE": "no",
            "AIRDUB_POD_KEEP_FAILED": "1",
            "AIRDUB_POD_START_MINUTES": "90",
            "AIRDUB_POD_POLL_S": "0.5",
            "AIRDUB_GPU_SLOTS": "24",
        }
    )
    assert settings.image("track-faces-cuda") == "registry.example/dubs/track-faces-cuda:7"
    assert (settings.deferrable, settings.keep_failed) == (False, True)
    assert (settings.start_minutes, settings.poll_s) == (90.0, 0.5)
    assert settings.pools == {"airdub_pods": 32, "airdub_gpu": 24}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AIRDUB_POD_NAMESPACE", "Air Dub"),
        ("AIRDUB_POD_SECRET", "-x"),
        ("AIRDUB_POD_DEFERRABLE", "maybe"),
        ("AIRDUB_POD_POLL_S", "0"),
        ("AIRDUB_POD_POLL_S", "nan"),
        ("AIRDUB_POD_START_MINUTES", "soon"),
        ("AIRDUB_POD_KEEP_HOURS", "0"),
    ],
)
def test_bad_values_are_named(name: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=name):
        read_pod_settings({name: value})


def test_gpus_alone_ask_for_the_gpu_class() -> None:
    settings = PodSettings()
    assert settings.node_class(Resources()).tolerations == ()
    assert settings.node_class(Resources(gpus=1)).gpu_resource == "nvidia.com/gpu"


@pytest.mark.parametrize("text", ["", "cpu: 5", "cpu: {}", "cpu: {most_memory_mb: 1, colour: red}"])
def test_a_file_of_nodes_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "nodes.yaml"
    file.write_text(text)
    settings = read_pod_settings({"AIRDUB_NODE_CLASSES": str(file)})
    with pytest.raises(InvalidInput, match=r"nodes\.yaml"):
        settings.node_class(Resources())


def test_a_profile_may_ask_for_other_resources() -> None:
    profile = load_profile("embedded")
    assert profile.resources_of("mix") == STAGES["mix"].resources
    bigger = profile.model_copy(update={"resources": {"mix": Resources(gpus=2)}})
    assert bigger.resources_of("mix").gpus == 2
