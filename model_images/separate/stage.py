"""separate: the original sound = dialogue + background, sample by sample; and where speech is.

An engine gives the background alone; the dialogue is what remains, so nothing is lost or doubled
when a dub is laid over the background.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from airdub.errors import EngineFailed, InvalidInput
from airdub.speech import SpeechSpans
from airdub.units import CLOCK_HZ
from model_images.common import pcm, vad
from model_images.common.pcm import PcmInfo, Samples
from model_images.runner.context import StageContext
from model_images.separate.protocol import Scene, Span, Stem

_STEMS = ("background_stem", "dialogue_stem")
_GRID = np.float32(1 << 23)  # steps of 24-bit samples


class Parameters(BaseModel):
    """Parameters of the stage and its engines.

    Attributes:
        speech_threshold: speech probability at which a span of speech starts.
        gate_threshold: lower one below which nothing is taken out of the background.
        gate_pad_ms: how far the gate opens around speech, for soft consonants.
        chunk_s, overlap_s: pieces in which `repet` works, and their cross-fade.
        neighbours: speech-free frames that `repet` averages for one frame's background.
        shifts: predictions that `demucs` averages, each of the sound moved by another part of half
            a second; each takes as long as one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    speech_threshold: float = Field(default=0.5, gt=0, lt=1)
    gate_threshold: float = Field(default=0.3, gt=0, lt=1)
    gate_pad_ms: int = Field(default=20, ge=0, le=500)
    chunk_s: float = Field(default=30, ge=5, le=120)
    overlap_s: float = Field(default=5, ge=0.1, le=30)
    neighbours: int = Field(default=10, ge=1, le=100)
    shifts: int = Field(default=1, ge=1, le=10)


def run(context: StageContext) -> None:
    """Write `dialogue`, `background` (as long and wide as the original) and `speech`."""
    parameters = Parameters.model_validate(context.parameters)
    original = context.input("original")
    info = _checked(pcm.read_info(original))
    speech, gate = find_speech(context, parameters, info.frames)
    context.write_document("speech", speech)
    scene = Scene(
        original=original,
        info=info,
        speech=gate,
        stems={
            name: Stem(context.input(name), f"{name} ({context.request.inputs[name].key})")
            for name in _STEMS
            if context.has_input(name)
        },
        warn=context.warn,
        measure=context.measure,
    )
    engine = context.load_engine()
    write_parts(context, scene, engine.background_blocks(scene, parameters))
    context.measure("speech_s", round(speech.total / CLOCK_HZ, 3))


def find_speech(
    context: StageContext, parameters: Parameters, length: int
) -> tuple[SpeechSpans, tuple[Span, ...]]:
    """Spans of speech, and the more generous spans that separation opens, in ticks."""
    blocks = (block[:, 0] for block in pcm.read_blocks(context.input("mono_16k")))
    probabilities = vad.speech_probabilities(blocks)
    settings = vad.VadSettings(
        threshold=parameters.speech_threshold, release=parameters.speech_threshold * 0.7
    )
    wide = replace(
        settings,
        threshold=parameters.gate_threshold,
        release=parameters.gate_threshold / 2,
        min_silence_ms=64,
        pad_ms=parameters.gate_pad_ms,
    )
    spans = vad.spans_of(probabilities, length, settings)
    return SpeechSpans(spans=spans, method=vad.METHOD), vad.spans_of(probabilities, length, wide)


def write_parts(context: StageContext, scene: Scene, blocks: Iterable[Samples]) -> None:
    """Write the background that the engine gives, and the dialogue that remains."""
    info = scene.info
    subtype: pcm.Subtype = "FLOAT" if info.exact_subtype == "FLOAT" else "PCM_24"
    done, meters = 0, (_Meter(), _Meter())
    with (
        _writer(context, "background", info, subtype) as background_wav,
        _writer(context, "dialogue", info, subtype) as dialogue_wav,
    ):
        for block in _pieces(blocks):
            whole = pcm.read_span(scene.original, done, done + len(block))
            background, dialogue = split(whole, block, exact=subtype == "PCM_24")
            background_wav.write(background)
            dialogue_wav.write(dialogue)
            for meter, part in zip(meters, (background, dialogue), strict=True):
                meter.add(part)
            done += len(block)
            context.progress(done, info.frames, "samples")
    for name, meter in zip(("background", "dialogue"), meters, strict=True):
        context.measure(f"{name}_rms_dbfs", meter.dbfs)


def split(whole: Samples, background: Samples, *, exact: bool) -> tuple[Samples, Samples]:
    """Background and dialogue whose sum is the whole.

    Args:
        exact: round the background to 24-bit steps and keep both parts within full scale, so
            that the sum holds bit for bit in 24-bit files; else it holds to one float32 step.
    """
    if exact:
        background = np.rint(background * _GRID) / _GRID
        top = 1 - 1 / _GRID
        background = np.clip(background, np.maximum(-1, whole - top), np.minimum(top, whole + 1))
    return background, whole - background


def _checked(info: PcmInfo) -> PcmInfo:
    if info.sample_rate_hz != CLOCK_HZ:
        raise EngineFailed(f"the original has {info.sample_rate_hz} Hz, not {CLOCK_HZ}")
    if not info.frames:
        raise InvalidInput("the original sound is empty", where="original", remedy="check the file")
    return info


def _writer(context: StageContext, name: str, info: PcmInfo, subtype: pcm.Subtype) -> pcm.WavWriter:
    return pcm.WavWriter(
        context.output(name, ".wav"),
        sample_rate_hz=info.sample_rate_hz,
        channels=info.channels,
        frames=info.frames,
        subtype=subtype,
    )


def _pieces(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """The same samples in blocks that are not long."""
    for block in blocks:
        for at in range(0, len(block), pcm.BLOCK_FRAMES):
            yield block[at : at + pcm.BLOCK_FRAMES]


@dataclass
class _Meter:
    """RMS level of a stream."""

    energy: float = 0.0
    count: int = 0

    def add(self, block: Samples) -> None:
        """Count a block in."""
        self.energy += float(np.square(block, dtype=np.float64).sum())
        self.count += block.size

    @property
    def dbfs(self) -> float | None:
        """Level in dB of full scale; None for silence."""
        if not self.energy:
            return None
        return round(10 * math.log10(self.energy / self.count), 2)
