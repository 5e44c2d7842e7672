"""What is said, whoever says it: ContentVec (Qian et al., ICML 2022), in Hugging Face's form."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import torch
from huggingface_hub.errors import StrictDataclassError
from numpy.typing import NDArray
from transformers import HubertConfig, HubertModel

from airdub.errors import InvalidInput
from model_images.common.checkpoints import fill
from model_images.common.torch_runtime import device, precision
from model_images.convert_voice.rvc.checkpoint import read_state
from model_images.convert_voice.rvc.sound import HOP

REACH = 80
"""Samples that the last feature hears after its two frames: its window is 400, its hop 320."""

_FRAMES = 2  # of pitch for one of features
_UNUSED = ("final_proj.", "masked_spec_embed")  # of version 1, and of training
_PARTS = {"_g": ".original0", "_v": ".original1"}  # of a weight norm, before torch 2 and since


class ContentVec:
    """The model. Its last layer, the 12th of the official one, is what version 2 uses."""

    def __init__(self, model: HubertModel) -> None:
        self._model = model
        self.size: int = model.config.hidden_size

    @torch.inference_mode()
    def features(self, heard: NDArray[np.float32]) -> NDArray[np.float32]:
        """One vector for each two frames: (frames / 2, size).

        Args:
            heard: an even number of frames of 16 kHz sound, and `REACH` samples more.
        """
        weights = next(self._model.parameters())
        sound = torch.from_numpy(heard)[None].to(weights.device, weights.dtype)
        found = self._model(sound).last_hidden_state[0]
        return found[: len(heard) // (_FRAMES * HOP)].float().cpu().numpy()


@cache
def load(config: Path, weights: Path) -> ContentVec:
    """The model of a config.json and a pytorch_model.bin, on the device.

    Raises:
        InvalidInput: they aren't those of a HuBERT model.
    """
    try:
        with torch.device("meta"):
            sizes = json.loads(config.read_bytes()) | {"mask_time_prob": 0.0}
            model = HubertModel(HubertConfig(**sizes))
    except (ValueError, TypeError, AttributeError, StrictDataclassError) as error:
        raise InvalidInput(
            f"no configuration of a HuBERT model: {error}",
            where=str(config),
            remedy="run `airdub weights verify --engine convert_voice/rvc`",
        ) from error
    found = read_state(weights)
    tensors = {_named(name): one for name, one in found.items() if not name.startswith(_UNUSED)}
    fill(model, tensors, weights)
    return ContentVec(model.eval().to(device(), precision()))


def _named(name: str) -> str:
    stem, part = name[:-2], _PARTS.get(name[-2:])
    return f"{stem.removesuffix('weight')}parametrizations.weight{part}" if part else name
