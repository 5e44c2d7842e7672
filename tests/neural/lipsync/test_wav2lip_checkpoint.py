"""Checkpoints of Wav2Lip's training and TorchScript archives load; others are told apart."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from airdub.errors import InvalidInput
from model_images.lipsync.wav2lip.checkpoint import load_network
from model_images.lipsync.wav2lip.network import Wav2LipNetwork
from tests.neural.lipsync.wav2lip_made import checkpoint, inputs, tensors

CPU, SINGLE = torch.device("cpu"), torch.float32


def drawn(network: Wav2LipNetwork) -> torch.Tensor:
    with torch.inference_mode():
        return network(*inputs(1))


def saved(path: Path, content: Any, **how: Any) -> Path:
    torch.save(content, path, **how)
    return path


def scripted(path: Path) -> Path:
    network = load_network(saved(path.with_suffix(".pth"), checkpoint()), CPU, SINGLE)
    torch.jit.save(torch.jit.trace(network, inputs(1), check_trace=False), path)
    return path


@pytest.mark.parametrize("prefix", ["module.", ""])
@pytest.mark.parametrize("zipped", [True, False])
def test_what_training_saves_is_loaded(tmp_path: Path, prefix: str, zipped: bool) -> None:
    path = saved(tmp_path / "w.pth", checkpoint(prefix), _use_new_zipfile_serialization=zipped)
    network = load_network(path, CPU, SINGLE)
    assert not network.training
    found = network.state_dict()
    assert all(torch.equal(found[name], one) for name, one in tensors().items())
    faces = drawn(network)
    assert faces.shape == (1, 3, 96, 96)
    assert 0 < faces.min() < faces.max() < 1


def test_half_precision_draws_nearly_the_same(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pth", checkpoint())
    mel, faces = inputs(1)
    half = load_network(path, CPU, torch.float16)
    with torch.inference_mode():
        coarse = half(mel.half(), faces.half()).float()
    assert torch.abs(coarse - drawn(load_network(path, CPU, SINGLE))).max() < 0.01


@pytest.mark.filterwarnings("ignore")
def test_of_torchscript_the_tensors_are_read(tmp_path: Path, monkeypatch: Any) -> None:
    path = scripted(tmp_path / "w.pt")

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("its code was compiled")

    monkeypatch.setattr(torch.jit, "load", refused)
    network = load_network(path, CPU, SINGLE)
    plain = load_network(tmp_path / "w.pth", CPU, SINGLE)
    assert torch.equal(drawn(network), drawn(plain))


class Evil:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> Any:
        return Path.touch, (self._mark,)


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "it ran"
    with zipfile.ZipFile(tmp_path / "w.pt", "w") as archive:
        archive.writestr("w/data.pkl", pickle.dumps(Evil(mark)))
        archive.writestr("w/constants.pkl", pickle.dumps(()))
    with pytest.raises(InvalidInput, match="more than modules and tensors"):
        load_network(tmp_path / "w.pt", CPU, SINGLE)
    path = saved(tmp_path / "w.pth", checkpoint(extra=Evil(mark)))
    with pytest.raises(InvalidInput, match="more than tensors and plain values"):
        load_network(path, CPU, SINGLE)
    assert not mark.exists()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_a_torn_file_is_told(tmp_path: Path, share: float) -> None:
    for path in (saved(tmp_path / "w.pth", checkpoint()), scripted(tmp_path / "s.pt")):
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(InvalidInput, match="torn, or none") as error:
            load_network(path, CPU, SINGLE)
        assert "airdub weights verify" in error.value.remedy


@pytest.mark.filterwarnings("ignore")
def test_a_damaged_torchscript_storage_is_told(tmp_path: Path) -> None:
    path = scripted(tmp_path / "s.pt")
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    (name,) = (one for one in content if one.endswith("/data/0"))
    content[name] = content[name][:16]
    with zipfile.ZipFile(path, "w") as archive:
        for one, data in content.items():
            archive.writestr(one, data)
    with pytest.raises(InvalidInput, match="torn, or none"):
        load_network(path, CPU, SINGLE)


def test_another_models_checkpoint_is_told(tmp_path: Path) -> None:
    for wrong, told in (
        ({"model": tensors()}, "no state_dict, but model"),
        ([1, 2], "no state_dict"),
        ({"state_dict": {}}, "is missing; .* and 349 more"),
        ({"state_dict": {"audio_encoder.0.weight": torch.zeros(2)}}, "is missing"),
    ):
        with pytest.raises(InvalidInput, match=told):
            load_network(saved(tmp_path / "w.pth", wrong), CPU, SINGLE)
    other = tensors() | {"output_block.1.weight": torch.zeros(4, 4, 1, 1)}
    with pytest.raises(InvalidInput, match=r"has shape \(4, 4, 1, 1\), not \(3, 4, 1, 1\)"):
        load_network(saved(tmp_path / "w.pth", {"state_dict": other}), CPU, SINGLE)
