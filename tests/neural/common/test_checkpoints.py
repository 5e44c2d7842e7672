"""Checkpoints: what is torn, foreign or of another model is told; code is never run."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from airdub.errors import InvalidInput
from model_images.common.checkpoints import fill, read_checkpoint


class Payload:
    """What a hostile file would run."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("run!",)


@pytest.mark.parametrize("name", ["m.pth", "old.pth", "m.safetensors"])
def test_all_formats_fill_a_model_that_has_no_memory_yet(tmp_path: Path, name: str) -> None:
    path, source = tmp_path / name, nn.Linear(3, 2)
    if path.suffix == ".safetensors":
        save_file(source.state_dict(), path)
    else:
        torch.save(source.state_dict(), path, _use_new_zipfile_serialization=name == "m.pth")
    with torch.device("meta"):
        model = nn.Linear(3, 2)
    fill(model, read_checkpoint(path), path)
    assert torch.equal(model(torch.ones(3)), source(torch.ones(3)))


def test_a_file_that_wants_to_run_code_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.pth"
    torch.save({"state_dict": {}, "x": Payload()}, path)
    with pytest.raises(InvalidInput, match=r"m\.pth: .*more than tensors.*print.*don't use it"):
        read_checkpoint(path)
    assert "run!" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["m.pth", "m.safetensors"])
@pytest.mark.parametrize("kept", [0, 3, 0.5, 0.999])
def test_a_torn_file_is_told(tmp_path: Path, name: str, kept: float) -> None:
    path, tensors = tmp_path / name, nn.Linear(300, 200).state_dict()
    save_file(tensors, path) if path.suffix == ".safetensors" else torch.save(tensors, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole)) if kept < 1 else int(kept)])
    with pytest.raises(InvalidInput, match=r"torn, or none.*airdub weights verify"):
        read_checkpoint(path)


@pytest.mark.parametrize("content", [b"hello world", b"\x80\x02}q", b"\0" * 100, b"PK\3\4torn"])
def test_what_is_no_checkpoint_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.pt").write_bytes(content)
    with pytest.raises(InvalidInput, match="torn, or none"):
        read_checkpoint(tmp_path / "m.pt")


def test_another_model_is_told_by_names_and_shapes(tmp_path: Path) -> None:
    tensors = nn.Linear(3, 2).state_dict() | {"extra": torch.ones(1)}
    with pytest.raises(
        InvalidInput, match=r"weight has shape \(2, 3\), not \(2, 4\); extra is not"
    ):
        fill(nn.Linear(4, 2), tensors, tmp_path / "m.pth")
    with pytest.raises(InvalidInput, match=r"1\.weight is missing; and 1 more"):
        fill(nn.Sequential(nn.Linear(4, 2), nn.Linear(2, 2)), {}, tmp_path / "m.pth")
