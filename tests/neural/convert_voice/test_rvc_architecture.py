"""The full-size networks have the tensors of public checkpoints, and compute what they mean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import HubertModel

from model_images.common.checkpoints import fill
from model_images.convert_voice.rvc import contentvec, rmvpe
from model_images.convert_voice.rvc.checkpoint import fold
from model_images.convert_voice.rvc.config import VoiceConfig
from model_images.convert_voice.rvc.pitch import coarse
from model_images.convert_voice.rvc.rmvpe_model import Network, Sizes
from model_images.convert_voice.rvc.source import excitation, phases
from model_images.convert_voice.rvc.synthesizer import Synthesizer
from tests.neural.convert_voice.rvc_made import (
    glide,
    official,
    pitched_frames,
    save_contentvec,
    tensors,
)
from tests.neural.official import official_tensors, tensors_of


@pytest.mark.parametrize("rate", ["32k", "40k", "48k"])
def test_a_voice_has_the_official_tensors(rate: str) -> None:
    listed = official_tensors(f"rvc_v2_{rate}")
    config = VoiceConfig.parse(official(f"rvc_v2_{rate}")["config"])
    with torch.device("meta"):
        ours = Synthesizer(config, features=768, speakers=109)
        theirs = fold({name: torch.empty(shape) for name, shape in listed.items()})
    assert tensors_of(ours) == {name: tuple(one.shape) for name, one in theirs.items()}
    assert sum(name.endswith("weight_g") for name in listed) == len(listed) - len(theirs)
    assert config.frame_samples * 100 == config.sample_rate_hz == int(rate[:2]) * 1000


def test_rmvpe_has_the_official_tensors() -> None:
    listed = official_tensors("rmvpe")
    with torch.device("meta"):
        assert tensors_of(Network()) == listed
        assert Sizes.of({name: torch.empty(shape) for name, shape in listed.items()}) == Sizes()


def test_a_voice_speaks_as_the_official_one() -> None:
    document = official("rvc_v2_tiny")
    config = VoiceConfig.parse(document["config"])
    with torch.device("meta"):
        model = Synthesizer(config, features=768, speakers=3)
    fill(model, fold(tensors("rvc_v2_tiny")), Path("voice.pth"))
    features, f0 = pitched_frames()
    rate_hz, samples = config.sample_rate_hz, config.frame_samples
    silent = np.zeros((len(f0), samples), np.float32)
    excited = excitation(f0, phases(f0, rate_hz, samples), silent, rate_hz)
    with torch.inference_mode():
        sound = model(
            torch.from_numpy(features),
            torch.from_numpy(coarse(f0))[None],
            torch.tensor([1]),
            torch.zeros(1, config.channels, len(f0)),
            torch.from_numpy(excited)[None, None],
        )
    assert sound.shape == (1, 1, len(f0) * samples)
    assert sound[0, 0, ::37].numpy() == pytest.approx(document["sound"], abs=5e-5)


def test_rmvpe_hears_as_the_official_one(tmp_path: Path) -> None:
    document = official("rmvpe_tiny")
    torch.save(tensors("rmvpe_tiny"), tmp_path / "rmvpe.pt")
    network = rmvpe.load(tmp_path / "rmvpe.pt")
    heard = []
    network._network.register_forward_hook(lambda _, __, out: heard.append(out))
    f0 = network(glide())
    assert f0.shape == (101,)
    assert f0[::3] == pytest.approx(document["f0_hz"], abs=0.01)
    assert heard[0][0, :101:25, ::12].numpy() == pytest.approx(
        np.array(document["salience"]), abs=1e-4
    )


def test_contentvec_hears_as_transformers_loads_it(tmp_path: Path) -> None:
    save_contentvec(tmp_path)
    ours = contentvec.load(tmp_path / "config.json", tmp_path / "pytorch_model.bin")
    heard = np.append(glide(), np.zeros(contentvec.REACH, np.float32))
    theirs = HubertModel.from_pretrained(tmp_path, dtype=torch.float32).eval()
    with torch.inference_mode():
        wanted = theirs(torch.from_numpy(heard)[None]).last_hidden_state[0].numpy()
    found = ours.features(heard)
    assert found.shape == (50, ours.size)
    assert found == pytest.approx(wanted, abs=1e-4)


def test_pitch_is_the_weighted_mean_around_the_strongest_class() -> None:
    salience = np.zeros((4, 360), np.float32)
    salience[0, 100] = 0.9
    salience[1, [100, 101]] = 0.8, 0.4
    salience[2, 100] = 0.02
    salience[3, 359] = 0.5
    of_class = 10 * 2 ** ((1997.3794084376191 + 20 * np.array([100, 100 + 1 / 3, 0, 359])) / 1200)
    of_class[2] = 0
    assert rmvpe.decoded(salience) == pytest.approx(of_class, rel=1e-4)
