"""Mouth shapes of speech sounds, and how a mouth moves through them.

A table of its own, so that a sample doesn't share its idea of lips with the stage it tests.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from airdub.transcript import Phoneme
from airdub.units import CLOCK_HZ

_RATE_HZ = 200
_SMOOTHING_S = 0.032
_REST = (0.03, 0.45)

# shape: (opening 0..1, width 0..1, IPA letters as espeak-ng writes them, ARPAbet as flite does)
_SHAPES: tuple[tuple[float, float, str, str], ...] = (
    (0.95, 0.55, "aɑæɐʌ", "aa ae ay aw ah"),
    (0.62, 0.62, "eɛɜə", "eh ey er ax"),
    (0.34, 0.85, "iɪj", "iy ih ix y"),
    (0.66, 0.25, "oɔɒ", "ao ow oy"),
    (0.28, 0.08, "uʊw", "uw uh w"),
    (0.00, 0.42, "mbp", "m b p em"),
    (0.14, 0.45, "fvβ", "f v"),
    (0.22, 0.62, "szθðtdɾðn", "s z th dh t d dx n en"),
    (0.24, 0.30, "ʃʒɹr", "sh zh ch jh r"),
    (0.38, 0.50, "lʎɫkgɡɣxhŋɲʝ", "l el k g hh ng"),
)
_BY_LETTER = {letter: shape[:2] for shape in _SHAPES for letter in shape[2]}
_BY_ARPABET = {phone: shape[:2] for shape in _SHAPES for phone in shape[3].split()}
_SHUT = {shape[:2] for shape in _SHAPES if shape[0] == 0}


def shape_of(symbol: str) -> tuple[float, float]:
    """(opening, width) of a sound, IPA or ARPAbet; the rest position for a pause."""
    if symbol in _BY_ARPABET and (len(symbol) > 1 or symbol not in _BY_LETTER):
        return _BY_ARPABET[symbol]
    return next((_BY_LETTER[letter] for letter in symbol if letter in _BY_LETTER), _REST)


def mouth_path(
    phonemes: Sequence[Phoneme], length: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Opening and width at 200 Hz: shape (ceil(length / 240), 2), each 0..1.

    Shapes are held for their sounds, each a little different, and smoothed as lips do; lips of a
    bilabial meet.

    Args:
        phonemes: by onset, in ticks; gaps are pauses.
        length: ticks of the whole path.
    """
    step = CLOCK_HZ // _RATE_HZ
    path = np.tile(_REST, (-(-length // step), 1))
    shut = np.zeros(len(path), bool)
    for phoneme in phonemes:
        shape = shape_of(phoneme.symbol)
        span = slice(phoneme.start // step, max(phoneme.end // step, phoneme.start // step + 1))
        path[span] = np.array(shape) * rng.uniform((0.85, 0.9), (1.1, 1.1))
        shut[span] |= shape in _SHUT
    smooth = gaussian_filter1d(path, _SMOOTHING_S * _RATE_HZ, axis=0, mode="nearest")
    smooth[:, 0] *= 1 - gaussian_filter1d(shut.astype(float), 0.012 * _RATE_HZ)
    return np.clip(smooth, 0, 1)


def at_frames(path: NDArray[np.float64], frames: int, ticks_per_frame: int) -> NDArray[np.float64]:
    """The path at each frame's instant: shape (frames, 2)."""
    places = np.arange(frames) * ticks_per_frame * _RATE_HZ / CLOCK_HZ
    return np.stack([np.interp(places, np.arange(len(path)), column) for column in path.T], axis=1)
