"""From sound to sound as the official program does it, with every random draw 0."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model_images.convert_voice.engines import rvc
from model_images.convert_voice.rvc import conversion, voices
from model_images.convert_voice.rvc.conversion import Conversion, Manner
from model_images.convert_voice.rvc.pitch import contour
from model_images.convert_voice.rvc.source import phases
from tests.neural.convert_voice.rvc_made import fill_cache, glide, official


class Silence:
    """Noise that is none."""

    def __init__(self, _seed: int, _stream: int, width: int) -> None:
        self._width = width

    def read(self, first: int, end: int) -> np.ndarray:
        return np.zeros((end - first, self._width), np.float32)


def test_a_sound_comes_out_as_from_the_official_program(
    model_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, sound = official("rvc_pipeline_tiny"), glide()
    theirs = np.array(document["f0_hz"])  # with a second before and after
    trained = fill_cache(model_cache).model_copy(update={"pitch": "rmvpe"})

    def read(first: int, end: int) -> np.ndarray:
        return sound[first:end]

    f0 = contour(read, len(sound), 100, rvc.tracker(trained))
    assert f0 == pytest.approx(theirs[100:200], abs=0.02)
    monkeypatch.setattr(conversion, "PlacedNoise", Silence)
    voice = voices.load(trained, rvc.content())
    manner = Manner(index_rate=0.75, protect=0.33)
    ours = Conversion(voice, manner, read, len(sound), f0)
    # their phase began with the mirrored second, whose pitch they find and we mirror
    ours._f0 = np.append(theirs, theirs[-1])
    ours._began = phases(ours._f0, 40_000, 400)
    spoken = np.concatenate([*ours.blocks()])
    assert spoken.shape == (40_000,), "they lose the last 20 ms"
    wanted = np.array(document["sound"])
    assert spoken[:39_200:101] == pytest.approx(wanted, abs=0.01)
    assert np.std(wanted) > 0.2
