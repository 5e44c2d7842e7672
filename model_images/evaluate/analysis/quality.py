"""DNSMOS P.835: what listeners would say of speech, predicted by a published network.

Source: Reddy et al., ICASSP 2022 (arXiv:2110.01763), `sig_bak_ovr.onnx` of Microsoft's DNS
Challenge as the speechmos wheel carries it, with the polynomial fit of speechmos. Differs from
`speechmos.dnsmos.run`: only this network runs (not P.808 beside it), windows of longer speech
follow each other by half their length instead of one second, and speech is brought to -26 dBFS
first, so that a dub and its source are heard equally loud.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnxruntime
import soxr
from numpy.typing import NDArray

from airdub.timing.plan import Placement
from airdub.transcript import Segment
from airdub.units import CLOCK_HZ, ms_to_ticks
from model_images.common.carried import carried_file
from model_images.evaluate.analysis.places import others
from model_images.evaluate.analysis.voice import read_voice
from model_images.evaluate.evidence import DubbedLine, Evidence
from model_images.evaluate.protocol import Absent

METHOD = "DNSMOS P.835 OVRL (speechmos)"
VERSION = "1"

RATE_HZ = 16_000
WINDOW = 144_160
"""Samples that the network hears at once: 9.01 s. Shorter speech is repeated, as speechmos does."""

_SHORTEST = ms_to_ticks(1000)
_LONGEST = 60 * CLOCK_HZ
_LEVEL = 10 ** (-26 / 20)
_SILENT = 10 ** (-60 / 20)
_OVERALL = (-0.06766283, 1.11546468, 0.04602535)
_SHARED = 0.2  # of a line during which others speak


def model_path() -> Path:
    """The network's file in the speechmos wheel.

    Raises:
        DependencyUnavailable: it isn't there.
    """
    return carried_file("speechmos/dnsmos_models/sig_bak_ovr.onnx")


def dub_quality(evidence: Evidence) -> dict[str, float | Absent]:
    """Overall quality (1..3.93) of each line in the dialogue stem, by segment id."""
    stem = evidence.path("dialogue_stem")
    found: dict[str, float | Absent] = {}
    for line in evidence.lines:
        found[line.id] = (
            Absent("the line was never spoken")
            if line.placement is None
            else _quality(evidence, stem, line.placement, others(evidence, line))
        )
        evidence.progress(len(found), len(evidence.lines), "lines")
    return found


def source_quality(evidence: Evidence) -> dict[str, float | Absent]:
    """The same of each line's original in the source's separated dialogue."""
    dialogue = evidence.path("dialogue")
    found: dict[str, float | Absent] = {}
    for line in evidence.lines:
        spans = _other_originals(evidence, line)
        found[line.id] = _quality(evidence, dialogue, line.segment, spans)
        evidence.progress(len(found), len(evidence.lines), "lines")
    return found


def _other_originals(evidence: Evidence, line: DubbedLine) -> list[tuple[int, int]]:
    start, end = line.segment.start, line.segment.end
    return [
        (other.start, other.end)
        for other in evidence.transcript.segments
        if other.id != line.id and other.start < end and other.end > start
    ]


def _quality(
    evidence: Evidence, file: Path, line: Placement | Segment, spans: list[tuple[int, int]]
) -> float | Absent:
    end = min(line.end, line.start + _LONGEST)
    if end - line.start < _SHORTEST:
        return Absent("the line is shorter than a second")
    shared = sum(min(end, last) - max(line.start, first) for first, last in spans)
    if shared > _SHARED * (end - line.start):
        return Absent("others speak during the line")
    speech = read_voice(file, line.start, end)
    level = float(np.sqrt(np.mean(np.square(speech))))
    if level < _SILENT:
        return Absent("the line is silent")
    heard = soxr.resample(speech * np.float32(_LEVEL / level), CLOCK_HZ, RATE_HZ, quality="HQ")
    digest = hashlib.sha256(heard.tobytes()).hexdigest()
    key = {"analysis": METHOD, "version": VERSION, "sha256": digest}
    return float(evidence.remember(key, lambda: overall(evidence.once(_network), heard)))


def overall(network: onnxruntime.InferenceSession, speech: NDArray[np.float32]) -> float:
    """Predicted overall quality of 16 kHz speech, (n,) at full scale +-1."""
    starts = range(0, max(1, len(speech) - WINDOW + 1), WINDOW // 2)
    scores = []
    for start in starts:
        window = speech[start : start + WINDOW]
        window = np.tile(window, -(-WINDOW // len(window)))[:WINDOW]
        scores.append(float(network.run(None, {"input_1": window[None]})[0][0][2]))
    return float(np.polyval(_OVERALL, scores).mean())


def _network(_: Evidence) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model_path(), options, providers=["CPUExecutionProvider"])
