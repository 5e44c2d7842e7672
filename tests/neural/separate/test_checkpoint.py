"""What demucs publishes is loaded as demucs loads it, but as data alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from demucs.hdemucs import HDemucs
from demucs.htdemucs import HTDemucs
from demucs.pretrained import REMOTE_ROOT, get_model

from airdub.engines import find_engine
from airdub.errors import InvalidInput
from model_images.separate.demucs.checkpoint import load_model
from model_images.separate.engines.demucs import WEIGHTS
from tests.neural.official import official_tensors, tensors_of
from tests.neural.separate.tiny_demucs import (
    official_arguments,
    tiny_arguments,
    tiny_package,
    write_repository,
)

CPU = torch.device("cpu")


def test_the_published_names_and_shapes_are_those_of_our_model() -> None:
    with torch.device("meta"):
        model = HTDemucs(**official_arguments())
    assert tensors_of(model) == official_tensors("demucs")
    assert sum(tensor.numel() for tensor in model.state_dict().values()) == 41_984_456


def test_the_registry_names_the_file_that_demucs_itself_would_get() -> None:
    weights = find_engine("separate", "demucs").weights[WEIGHTS]
    assert weights.url.endswith(f"/demucs/hybrid_transformer/{WEIGHTS}")
    assert f"\n{WEIGHTS}\n" in (REMOTE_ROOT / "files.txt").read_text()
    assert f"['{WEIGHTS[:8]}']" in (REMOTE_ROOT / "htdemucs.yaml").read_text()
    assert weights.sha256[:8] == WEIGHTS[9:17]


def test_it_is_the_model_that_demucs_loads(tmp_path: Path) -> None:
    path = write_repository(tmp_path, tiny_package(segment=0.5))
    ours, theirs = load_model(path, CPU), get_model("htdemucs", repo=tmp_path).models[0]
    sound = torch.randn(1, 2, 22_050, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        assert torch.equal(ours(sound), theirs(sound))
    assert {tensor.dtype for tensor in ours.state_dict().values()} == {torch.float32}
    assert load_model(path, CPU) is ours


class Payload:
    """What a hostile file would run."""

    def __init__(self, call: Any, *given: object) -> None:
        self.called = call, given

    def __reduce__(self) -> Any:
        return self.called


@pytest.mark.parametrize(
    ("hidden", "message"),
    [
        (Payload(print, "run!"), "more than tensors.*print"),
        (Payload(getattr, "text", "upper"), "more than tensors.*getattr"),
        (HDemucs, "more than tensors.*demucs.hdemucs.HDemucs"),
    ],
)
def test_no_code_that_a_file_names_is_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], hidden: object, message: str
) -> None:
    path = write_repository(tmp_path, tiny_package() | {"training_args": hidden})
    with pytest.raises(InvalidInput, match=message):
        load_model(path, CPU)
    assert "run!" not in capsys.readouterr().out


def test_a_file_does_not_make_a_model_of_its_own(tmp_path: Path) -> None:
    huge = Payload(HTDemucs, ["vocals"], 2, 1 << 40)
    path = write_repository(tmp_path, tiny_package() | {"training_args": huge})
    with pytest.raises(InvalidInput, match="torn, or none"):
        load_model(path, CPU)


@pytest.mark.parametrize("kept", [0, 0.3, 0.999])
def test_a_torn_file_is_told(tmp_path: Path, kept: float) -> None:
    path = write_repository(tmp_path, tiny_package())
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(InvalidInput, match=r"955717e8-\w{8}\.th: .*torn, or none.*weights verify"):
        load_model(path, CPU)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"klass": torch.Tensor}, "holds no HTDemucs"),
        ({"state": [1]}, "unknown form"),
        ({"kwargs": tiny_arguments() | {"t_heads": torch.ones(2)}}, "unknown form"),
        ({"kwargs": tiny_arguments() | {"depths": 4}}, "no model can be made.*depths"),
        ({"kwargs": tiny_arguments(channels=16)}, r"another model.*has shape \(8, 4, 8, 1\), not"),
        ({"kwargs": tiny_arguments(t_layers=2)}, r"another model.*layers\.1.* is missing; and"),
        ({"kwargs": tiny_arguments(samplerate=48_000)}, "doesn't part vocals.*44100 Hz"),
        ({"kwargs": tiny_arguments(audio_channels=1)}, "doesn't part vocals from stereo"),
        ({"kwargs": tiny_arguments(sources=["drums", "bass"])}, "doesn't part vocals"),
    ],
)
def test_another_model_is_told(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    path = write_repository(tmp_path, tiny_package() | changes)
    with pytest.raises(InvalidInput, match=message):
        load_model(path, CPU)


def test_a_package_that_is_none_is_told(tmp_path: Path) -> None:
    torch.save([torch.ones(2)], tmp_path / WEIGHTS)
    with pytest.raises(InvalidInput, match="holds no HTDemucs"):
        load_model(tmp_path / WEIGHTS, CPU)
