"""probe: what is in the file, measured; refuses what can't be dubbed.

Fast by construction: one walk over the packets, six decoded frames, one decode of the sound.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from airdub.errors import InvalidInput
from airdub.media import MediaFacts
from airdub.units import CLOCK_HZ, parse_rate
from model_images.common.ffmpeg import milliseconds, probe_json
from model_images.common.packets import (
    FrameTimes,
    PictureTimeline,
    frame_times,
    stream_time_bases,
    walk_timelines,
)
from model_images.probe import refusals
from model_images.probe.decoding import decoded_frames, measure_sound
from model_images.probe.facts import build_facts, speaks
from model_images.runner.context import StageContext


class Parameters(BaseModel):
    """Parameters of the stage.

    Attributes:
        source_language: BCP-47; among several audio streams the one tagged so is dubbed.
        audio_stream: dub this audio stream, counted from 0, whatever its tags.
        shortest_s, longest_s: lengths that are accepted.
        silence_peak_dbfs: sound that never reaches it is pure silence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source_language: str = ""
    audio_stream: int | None = None
    shortest_s: float = 0.5
    longest_s: float = 12 * 3600.0
    silence_peak_dbfs: float = -70.0


def run(context: StageContext) -> None:
    """Write `facts`, or raise InvalidInput."""
    parameters = Parameters.model_validate(context.parameters)
    source = context.input("source")
    facts, picture = _measure(source, parameters)
    _decode(context, source, facts, picture, parameters)
    _warn(context, facts, picture, parameters)
    context.measure("frames", facts.video.frames)
    context.measure("duration_s", round(facts.duration_ticks / CLOCK_HZ, 6))
    context.measure("audio_offset_ms", milliseconds(facts.audio_offset_ticks))
    context.write_document("facts", facts)


def _measure(source: Path, parameters: Parameters) -> tuple[MediaFacts, PictureTimeline]:
    refusals.refuse_incomplete(source)
    try:
        raw: dict[str, Any] = probe_json(source)
    except InvalidInput as error:
        raise refusals.explain_unreadable(source, error.what) from error
    choice = refusals.refuse_streams(
        source, raw["streams"], parameters.source_language, parameters.audio_stream
    )
    timelines = walk_timelines(
        source, stream_time_bases(raw["streams"]), choice.picture["index"], failure=InvalidInput
    )
    picture = refusals.refuse_no_frames(source, timelines[choice.picture["index"]])
    frames: FrameTimes = frame_times(picture, refusals.claimed_rate(choice.picture))
    refusals.refuse_times(
        source,
        raw,
        frames,
        timelines,
        shortest_s=parameters.shortest_s,
        longest_s=parameters.longest_s,
    )
    return build_facts(raw, choice, frames, timelines), picture


def _decode(
    context: StageContext,
    source: Path,
    facts: MediaFacts,
    picture: PictureTimeline,
    parameters: Parameters,
) -> None:
    refusals.refuse_undecodable(source, decoded_frames(source, facts.video.index), "start")
    # an MP4's own index knows its key frames even where the data was lost; others are told
    last = max(picture.shown) if "mp4" in facts.container else picture.last_key
    at_end = decoded_frames(source, facts.video.index, last * picture.time_base)
    refusals.refuse_undecodable(source, at_end, "end")
    stream = facts.dubbed_stream
    sound = measure_sound(source, stream, context.progress)
    refusals.refuse_silence(
        source, facts.dialogue_audio, sound.peak_dbfs, sound.decoded_s, parameters.silence_peak_dbfs
    )
    length_s = float(parse_rate(stream.duration))
    if sound.decoded_s < 0.9 * length_s - 1:
        context.warn(
            f"only {sound.decoded_s:.1f} of {length_s:.1f} s of the sound could be decoded; the "
            "rest is silent in the dub"
        )
    context.measure("audio_peak_dbfs", sound.peak_dbfs)
    context.measure("audio_decoded_s", round(sound.decoded_s, 6))


def _warn(
    context: StageContext, facts: MediaFacts, picture: PictureTimeline, parameters: Parameters
) -> None:
    language, stream = parameters.source_language, facts.dubbed_stream
    if language and stream.language != "und" and not speaks(stream.language, language):
        context.warn(
            f"no audio stream is tagged {language}; the one tagged {stream.language!r} is dubbed"
        )
    if picture.undecodable:
        context.warn(
            f"the first {picture.undecodable} video packets come before any key frame and can't be "
            "shown; the dub begins at the key frame"
        )
