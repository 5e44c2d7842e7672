"""extract_audio: the dubbed track on the picture's timeline, in all channels and as mono."""

from __future__ import annotations

from pathlib import Path

import soundfile
from pydantic import BaseModel, ConfigDict

from airdub.errors import EngineFailed, InvalidInput
from airdub.media import MediaFacts
from model_images.common.ffmpeg import run_ffmpeg
from model_images.extract_audio.commands import RATES_HZ, extract_arguments, sample_count
from model_images.runner.context import StageContext


class Parameters(BaseModel):
    """The stage has no parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def run(context: StageContext) -> None:
    """Write `original` (48 kHz, all channels), `mono_44k` and `mono_16k` as WAV, aligned.

    Raises:
        InvalidInput: the sound can't be decoded.
    """
    Parameters.model_validate(context.parameters)
    facts = context.document("facts", MediaFacts)
    source = context.input("source")
    outputs = {name: context.output(name, ".wav") for name in RATES_HZ}
    done = run_ffmpeg(
        extract_arguments(source, facts, outputs),
        what="extracting the sound",
        where=f"{source.name}: audio stream {facts.dialogue_audio}",
        remedy="export the file again; `ffmpeg -v error -i FILE -f null -` says what is wrong",
        failure=InvalidInput,
        length_ticks=facts.duration_ticks,
        report=context.progress,
    )
    if complaint := done.log.strip():
        context.warn(f"while decoding the sound ffmpeg said: {complaint.splitlines()[0][:200]}")
    for name, path in outputs.items():
        _check(name, path, facts)


def _check(name: str, path: Path, facts: MediaFacts) -> None:
    with soundfile.SoundFile(path) as wav:
        found = (wav.samplerate, wav.frames)
    expected = (RATES_HZ[name], sample_count(name, facts.duration_ticks))
    if found != expected:
        raise EngineFailed(f"{found} instead of {expected} (rate, samples)", where=f"output {name}")
