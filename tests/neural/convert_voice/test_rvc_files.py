"""Files that are none, torn, or of something else are refused in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from airdub.errors import DependencyUnavailable, InvalidInput
from model_images.convert_voice.protocol import TrainedVoice
from model_images.convert_voice.rvc import contentvec, rmvpe, voices
from model_images.convert_voice.rvc.checkpoint import fold, read_voice
from model_images.convert_voice.rvc.retrieval import Retrieval
from tests.neural.convert_voice.rvc_made import (
    FEATURES,
    fill_cache,
    official,
    save_contentvec,
    save_index,
    tensors,
    voice_checkpoint,
)


def _config(place: int, value: Any) -> dict[str, Any]:
    config = list(official("rvc_v2_tiny")["config"])
    config[place] = value
    return voice_checkpoint(config=config)


def _weights(**changed: Any) -> dict[str, Any]:
    made = voice_checkpoint()
    weights = made["weight"] | {name.replace("__", "."): one for name, one in changed.items()}
    return {**made, "weight": {name: one for name, one in weights.items() if one is not None}}


BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "version 1": (lambda: voice_checkpoint(version="v1"), "version 'v1' with pitch"),
    "without pitch": (lambda: voice_checkpoint(f0=0), "version 'v2' without pitch"),
    "of training": (lambda: {"model": {}, "optimizer": {}}, "a checkpoint to train on with"),
    "a list": (lambda: [1, 2], "it has no `weight`"),
    "17 entries": (lambda: voice_checkpoint(config=[1] * 17), "no list of 18"),
    "text for a size": (lambda: _config(3, "16"), "no positive whole numbers"),
    "other blocks": (lambda: _config(9, "2"), "of kind '2'"),
    "odd rates": (lambda: _config(12, [10, 10, 2]), "doesn't make 100 frames"),
    "other size": (lambda: _config(4, 64), r"ffn_layers.0.conv_1.weight has shape \(32,"),
    "lacking": (lambda: _weights(dec__conv_post__weight=None), "dec.conv_post.weight is missing"),
    "too much": (lambda: _weights(dec__x=torch.ones(1)), "dec.x is not known"),
    "no speakers": (lambda: _weights(emb_g__weight=None), "no matrix emb_g.weight"),
    "text for a tensor": (lambda: _weights(enc_p__emb_phone__weight="x"), "no matrix enc_p.emb"),
    "code": (lambda: voice_checkpoint(info=Path("/")), "more than tensors and plain values"),
}


@pytest.mark.parametrize("case", BAD)
def test_refuses_what_is_no_voice(case: str, tmp_path: Path) -> None:
    make, why = BAD[case]
    torch.save(make(), tmp_path / "voice.pth")
    with pytest.raises(InvalidInput, match=why) as refused:
        read_voice(tmp_path / "voice.pth")
    assert refused.value.where.endswith("voice.pth")
    assert refused.value.remedy


def test_refuses_a_torn_voice(tmp_path: Path) -> None:
    path = tmp_path / "voice.pth"
    torch.save(voice_checkpoint(), path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InvalidInput, match="torn"):
        read_voice(path)


def test_weights_of_training_are_left_out(tmp_path: Path) -> None:
    torch.save(_weights(enc_q__pre__weight=torch.ones(4, 4)), tmp_path / "voice.pth")
    config, model = read_voice(tmp_path / "voice.pth")
    assert config.sample_rate_hz == 40_000
    assert model.emb_g.num_embeddings == 3


def test_folds_a_weight_norm_as_torch_does() -> None:
    normed = torch.nn.utils.parametrizations.weight_norm(torch.nn.ConvTranspose1d(4, 6, 3))
    length, direction = (
        getattr(normed.parametrizations.weight, name).detach()
        for name in ("original0", "original1")
    )
    folded = fold({"up.weight_g": length * 3, "up.weight_v": direction, "up.bias": length})
    assert torch.allclose(folded["up.weight"], normed.weight * 3, atol=1e-6)
    assert set(folded) == {"up.weight", "up.bias"}


def test_a_voice_is_held_to_its_digest_and_to_what_it_is_used_with(model_cache: Path) -> None:
    named = fill_cache(model_cache)
    content = contentvec.load(
        model_cache / "contentvec/config.json", model_cache / "contentvec/pytorch_model.bin"
    )
    assert voices.load(named, content).retrieval is not None
    assert voices.load(named, content) is voices.load(named, content)

    def load(**changed: Any) -> None:
        voices.load(TrainedVoice.model_validate(named.model_dump() | changed), content)

    with pytest.raises(InvalidInput, match=f"{named.model_sha256}, not {'0' * 64}"):
        load(model_sha256="0" * 64)
    with pytest.raises(InvalidInput, match="3 speakers, none of number 3"):
        load(speaker=3)
    with pytest.raises(DependencyUnavailable, match="not in the model cache"):
        load(model="voices/ana.pth")
    with pytest.raises(DependencyUnavailable, match="not in the model cache"):
        load(index="voices/ana.index")


def test_a_voice_on_other_features_is_refused(model_cache: Path) -> None:
    named = fill_cache(model_cache)
    other = contentvec.ContentVec.__new__(contentvec.ContentVec)
    other.size = 256
    with pytest.raises(InvalidInput, match="features of 32 numbers, not 256"):
        voices.load(named, other)


def test_refuses_an_index_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "voice.index"
    path.write_bytes(b"no index")
    with pytest.raises(InvalidInput, match="can't be read as an index"):
        Retrieval(path, FEATURES)
    save_index(path, np.eye(16, dtype=np.float32))
    with pytest.raises(InvalidInput, match="16 numbers, not 32"):
        Retrieval(path, FEATURES)


def test_features_are_drawn_to_the_nearest_of_the_voice(tmp_path: Path) -> None:
    vectors = np.random.default_rng(5).standard_normal((64, FEATURES)).astype(np.float32)
    save_index(tmp_path / "voice.index", vectors)
    index = Retrieval(tmp_path / "voice.index", FEATURES)
    assert index.near(vectors[:5]) == pytest.approx(vectors[:5], abs=1e-5)
    between = (vectors[0] + vectors[1])[None] / 2
    assert np.isfinite(index.near(between)).all()


@pytest.mark.parametrize(
    "broken", [{"hidden_size": "much"}, {"num_attention_heads": 7}, {"conv_dim": [8]}]
)
def test_refuses_a_contentvec_of_other_sizes(tmp_path: Path, broken: dict[str, Any]) -> None:
    import json

    save_contentvec(tmp_path)
    config = tmp_path / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | broken))
    with pytest.raises(InvalidInput, match="HuBERT model"):
        contentvec.load(config, tmp_path / "pytorch_model.bin")


def test_refuses_other_weights_than_contentvecs_and_rmvpes(tmp_path: Path) -> None:
    save_contentvec(tmp_path)
    other = tmp_path / "other.bin"
    torch.save({"cnn.weight": torch.ones(3, 4, 3, 3)}, other)
    with pytest.raises(InvalidInput, match="of another model: "):
        contentvec.load(tmp_path / "config.json", other)
    with pytest.raises(InvalidInput, match=r"no checkpoint of RMVPE: it lacks 'fc.1.weight'"):
        rmvpe.load(other)
    torch.save({"model": tensors("rmvpe_tiny")}, other)
    with pytest.raises(InvalidInput, match="no dictionary of tensors"):
        rmvpe.load(other)
