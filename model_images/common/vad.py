"""Voice activity by Silero VAD (MIT): a small recurrent network, run by ONNX Runtime.

The silero-vad wheel only carries the model file; importing it would need torch. Frames and the
rules that make spans of probabilities follow silero-vad 6 (`utils_vad.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from airdub.errors import EngineFailed
from airdub.speech import SpeechSpans
from airdub.units import CLOCK_HZ, ms_to_ticks
from model_images.common import pcm
from model_images.common.carried import carried_file

SAMPLE_RATE_HZ = 16_000
FRAME = 512
"""Samples of a frame (32 ms at 16 kHz): one probability each."""

FRAME_TICKS = FRAME * CLOCK_HZ // SAMPLE_RATE_HZ

METHOD = "silero-vad"

_MODEL = "silero_vad/data/silero_vad.onnx"
_CONTEXT = 64  # samples of the frame before, which the network wants in front
_BLOCK_FRAMES = FRAME * 1024


@dataclass(frozen=True)
class VadSettings:
    """How probabilities become spans.

    Attributes:
        threshold: a frame at or above it starts speech (0..1).
        release: a frame below it may end speech.
        min_speech_ms: shorter speech is dropped.
        min_silence_ms: shorter silence doesn't end speech.
        pad_ms: added on both sides of a span.
    """

    threshold: float = 0.5
    release: float = 0.35
    min_speech_ms: int = 100
    min_silence_ms: int = 100
    pad_ms: int = 30


class VoiceDetector:
    """Speech probabilities of a stream of 16 kHz mono audio; keeps the network's state."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # a frame is 0.1 ms of work
        self._network = onnxruntime.InferenceSession(
            carried_file(_MODEL), options, providers=["CPUExecutionProvider"]
        )
        self._rate = np.array(SAMPLE_RATE_HZ, np.int64)
        self._state = np.zeros((2, 1, 128), np.float32)
        self._window = np.zeros((1, _CONTEXT + FRAME), np.float32)
        self._left_over = np.zeros(0, np.float32)

    def feed(self, samples: NDArray[np.float32], *, last: bool = False) -> NDArray[np.float32]:
        """Probabilities (0..1) of the frames that these samples, (n,) at full scale +-1, complete.

        Samples short of a frame wait for the next call; `last` fills them up with silence.
        """
        pending = np.concatenate((self._left_over, samples))
        if last and len(pending) % FRAME:
            pending = np.pad(pending, (0, -len(pending) % FRAME))
        whole = len(pending) // FRAME
        self._left_over = pending[whole * FRAME :]
        return np.array(
            [self._step(frame) for frame in pending[: whole * FRAME].reshape(whole, FRAME)],
            np.float32,
        )

    def _step(self, frame: NDArray[np.float32]) -> float:
        self._window[0, :_CONTEXT] = self._window[0, -_CONTEXT:]
        self._window[0, _CONTEXT:] = frame
        inputs = {"input": self._window, "state": self._state, "sr": self._rate}
        probability, self._state = self._network.run(None, inputs)
        return float(probability[0, 0])


def speech_probabilities(blocks: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    """One probability per 32 ms of a 16 kHz mono stream; blocks are (n,) at full scale +-1."""
    detector = VoiceDetector()
    found = [detector.feed(block) for block in blocks]
    found.append(detector.feed(np.zeros(0, np.float32), last=True))
    return np.concatenate(found)


def detect_speech(mono_16k: Path, settings: VadSettings = VadSettings()) -> SpeechSpans:
    """Spans of speech in a 16 kHz mono file.

    Raises:
        EngineFailed: the file is not 16 kHz mono.
        InvalidInput: it is no audio file.
    """
    info = pcm.read_info(mono_16k)
    if (info.sample_rate_hz, info.channels) != (SAMPLE_RATE_HZ, 1):
        raise EngineFailed(
            f"expected 16 kHz mono, found {info.sample_rate_hz} Hz, {info.channels} channels",
            where=mono_16k.name,
        )
    blocks = (block[:, 0] for block in pcm.read_blocks(mono_16k, _BLOCK_FRAMES))
    length = info.frames * CLOCK_HZ // SAMPLE_RATE_HZ
    return SpeechSpans(
        spans=spans_of(speech_probabilities(blocks), length, settings), method=METHOD
    )


def spans_of(
    probabilities: NDArray[np.float32], length: int, settings: VadSettings = VadSettings()
) -> tuple[tuple[int, int], ...]:
    """Spans of speech in ticks, from one probability per 32 ms of a signal of `length` ticks.

    Speech starts at `threshold` and ends at the first frame below `release` that no frame of
    `threshold` follows within `min_silence_ms` (hysteresis).
    """
    bare = []
    for start, end in _active_runs(probabilities, settings):
        first, last = start * FRAME_TICKS, min(end * FRAME_TICKS, length)
        if last - first >= ms_to_ticks(settings.min_speech_ms):
            bare.append((first, last))
    return _padded(bare, length, ms_to_ticks(settings.pad_ms))


def _active_runs(
    probabilities: NDArray[np.float32], settings: VadSettings
) -> Iterable[tuple[int, int]]:
    """Half-open runs of frames in which speech is active."""
    patience = ms_to_ticks(settings.min_silence_ms) / FRAME_TICKS
    start = quiet_since = None
    for frame, probability in enumerate(probabilities):
        if probability >= settings.threshold:
            start = frame if start is None else start
            quiet_since = None
        elif start is not None and (probability < settings.release or quiet_since is not None):
            quiet_since = frame if quiet_since is None else quiet_since
            if frame + 1 - quiet_since >= patience:
                yield start, quiet_since
                start = quiet_since = None
    if start is not None:
        yield start, len(probabilities) if quiet_since is None else quiet_since


def _padded(spans: list[tuple[int, int]], length: int, pad: int) -> tuple[tuple[int, int], ...]:
    """Spans grown by `pad` on both sides, but never so far that two of them meet."""
    starts = [0, *(start for start, _ in spans), length]
    ends = [0, *(end for _, end in spans), length]
    grown = []
    for index, (start, end) in enumerate(spans, 1):
        before, after = start - ends[index - 1], starts[index + 1] - end
        room_before = before if index == 1 else (before - 1) // 2
        room_after = after if index == len(spans) else (after - 1) // 2
        grown.append((start - min(pad, room_before), end + min(pad, room_after)))
    return tuple(grown)
