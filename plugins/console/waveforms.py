"""Waveforms: the peaks of a sound file, computed once, block by block, and kept in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airdub.artifacts import ArtifactRef, ArtifactStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PEAKS_HZ = 50
"""Peaks per second; `PEAKS_HZ` in the page's `waveform.js` says the same."""

_BLOCK_PEAKS = 500


def peaks(store: ArtifactStore, ref: ArtifactRef) -> bytes:
    """The greatest amplitude of all channels in each 20 ms, one byte each: 255 is full scale.

    Raises:
        FileNotFoundError: the file is gone from the store.
        soundfile.LibsndfileError: it isn't sound.
    """
    key = f"console/peaks/{ref.sha256}.u8"
    try:
        return store.read(key)
    except FileNotFoundError:
        found = measure(store, ref.key)
        store.create(key, found)
        return found


def measure(store: ArtifactStore, key: str) -> bytes:
    """The peaks, in memory that doesn't grow with the sound."""
    import soundfile

    found = bytearray()
    with store.open(key) as stream, soundfile.SoundFile(stream) as sound:
        step = max(1, sound.samplerate // PEAKS_HZ)
        for block in sound.blocks(step * _BLOCK_PEAKS, dtype="float32", always_2d=True):
            found += _block_peaks(block, step).tobytes()
    return bytes(found)


def _block_peaks(block: NDArray[np.float32], step: int) -> NDArray[np.uint8]:
    """Peaks of (frames, channels) samples; the last one may stand for fewer than `step` frames."""
    import numpy as np

    starts = np.arange(0, len(block), step)
    loudest = np.maximum.reduceat(np.abs(block).max(axis=1), starts)
    found: NDArray[np.uint8] = np.rint(np.nan_to_num(loudest).clip(0, 1) * 255).astype(np.uint8)
    return found
