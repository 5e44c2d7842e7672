"""Model files are found by their paths, with or without the wheel around them."""

from __future__ import annotations

from pathlib import Path

import pytest

from airdub.artifacts import file_digest
from airdub.engines import load_engines
from airdub.errors import DependencyUnavailable
from model_images.common import carried

WEIGHTS = {
    weights.path: weights
    for spec in load_engines().values()
    for weights in spec.weights.values()
    if weights.package
}


@pytest.mark.parametrize("path", WEIGHTS)
def test_what_the_registry_states_is_found(path: str) -> None:
    assert file_digest(carried.carried_file(path))[0] == WEIGHTS[path].sha256


def test_a_file_without_its_wheel_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carried.sysconfig, "get_path", lambda name: str(tmp_path))
    path = "silero_vad/data/silero_vad.onnx"
    with pytest.raises(DependencyUnavailable, match=rf"{path}: .*not installed.*make setup"):
        carried.carried_file(path)
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).touch()
    assert carried.carried_file(path) == tmp_path / path
