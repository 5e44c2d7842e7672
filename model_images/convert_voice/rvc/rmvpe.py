"""F0 by RMVPE (Wei, Cao, Dan, Chen, Interspeech 2023), which holds on where voices are noisy."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
from librosa.filters import mel
from numpy.typing import NDArray
from torch.nn import functional

from airdub.errors import InvalidInput
from model_images.common.checkpoints import fill
from model_images.common.torch_runtime import device, precision
from model_images.convert_voice.rvc.checkpoint import read_state
from model_images.convert_voice.rvc.rmvpe_model import (
    BANDS,
    CLASSES,
    FRAMES_MULTIPLE,
    Network,
    Sizes,
)
from model_images.convert_voice.rvc.sound import HEARING_RATE_HZ, HOP

_WINDOW = 1024
_FLOOR_HZ, _CEILING_HZ = 30, 8000
_LEAST = 1e-5
_FIRST_CENTS, _STEP_CENTS, _ZERO_HZ = 1997.3794084376191, 20.0, 10.0
_AROUND = 4  # classes to either side of the strongest
_LEAST_SALIENCE = 0.03


class Rmvpe:
    """The network with its spectrogram."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._bands = torch.from_numpy(
            mel(
                sr=HEARING_RATE_HZ,
                n_fft=_WINDOW,
                n_mels=BANDS,
                fmin=_FLOOR_HZ,
                fmax=_CEILING_HZ,
                htk=True,
            )
        ).to(device())
        self._window = torch.hann_window(_WINDOW, device=device())

    @torch.inference_mode()
    def __call__(self, heard: NDArray[np.float32]) -> NDArray[np.float64]:
        """F0 in Hz of 16 kHz sound every 160 samples, 0 where unvoiced."""
        spectrum = torch.stft(
            torch.from_numpy(heard).to(device()),
            _WINDOW,
            HOP,
            window=self._window,
            return_complex=True,
        ).abs()
        logs = (self._bands @ spectrum).clamp(min=_LEAST).log()
        frames = logs.shape[-1]
        padded = functional.pad(logs, (0, -frames % FRAMES_MULTIPLE))
        weights = next(self._network.parameters())
        salience = self._network(padded[None].to(weights.dtype))[0, :frames]
        return decoded(salience.float().cpu().numpy())


def decoded(salience: NDArray[np.float32]) -> NDArray[np.float64]:
    """F0 of the classes around the strongest, by their salience; 0 where none stands out.

    Args:
        salience: (frames, 360), 0..1.
    """
    strongest = salience.argmax(axis=1)
    classes = strongest[:, None] + np.arange(-_AROUND, _AROUND + 1)
    inside = (classes >= 0) & (classes < CLASSES)
    near = np.take_along_axis(salience, classes.clip(0, CLASSES - 1), axis=1) * inside
    cents = _FIRST_CENTS + _STEP_CENTS * classes
    mean = (near * cents).sum(axis=1) / np.maximum(near.sum(axis=1), np.finfo(np.float32).tiny)
    f0 = _ZERO_HZ * np.exp2(mean / 1200)
    return np.where(salience.max(axis=1) > _LEAST_SALIENCE, f0, 0.0)


@cache
def load(path: Path) -> Rmvpe:
    """The network of a checkpoint in RVC's form, a plain state dictionary, on the device.

    Raises:
        InvalidInput: it isn't one.
    """
    tensors = read_state(path)
    try:
        sizes = Sizes.of(tensors)
    except LookupError as error:
        raise InvalidInput(
            f"no checkpoint of RMVPE: it lacks {error}",
            where=str(path),
            remedy="run `airdub weights verify --engine convert_voice/rvc`",
        ) from error
    with torch.device("meta"):
        network = Network(sizes)
    fill(network, tensors, path)
    return Rmvpe(network.eval().to(device(), precision()))
