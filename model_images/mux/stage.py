"""mux: the deliverable. Picture and original sound are copied, the dub is encoded and measured."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import soundfile
from pydantic import BaseModel, ConfigDict

from airdub.disclosure import xmp_packet
from airdub.errors import EngineFailed
from airdub.languages import parse_language
from airdub.media import AudioFacts, MediaFacts
from airdub.units import CLOCK_HZ, parse_rate, round_half_up
from model_images.common.ffmpeg import Loudness, measure_loudness, probe_json, run_ffmpeg
from model_images.common.packets import (
    PictureTimeline,
    frame_times,
    stream_time_bases,
    walk_timelines,
)
from model_images.mux.commands import NewPicture, Plan, Subtitles, mux_arguments, why_not_mp4
from model_images.mux.mp4_tracks import write_track_tags
from model_images.mux.xmp import append_xmp
from model_images.runner.context import StageContext


class Parameters(BaseModel):
    """Parameters of the stage.

    Attributes:
        source_language, target_language: BCP-47.
        true_peak_dbtp: limit on the encoded dub's true peak.
        largest_trim_db: by how much the dub may be turned down to keep that limit: the tolerance
            of the delivery loudness, which the mix has met.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source_language: str
    target_language: str
    true_peak_dbtp: float = -1.0
    largest_trim_db: float = 0.5


def run(context: StageContext) -> None:
    """Write `deliverable`: MP4, or Matroska where MP4 can't hold the source's streams.

    Raises:
        EngineFailed: what was written isn't the source's picture and sound.
    """
    parameters = Parameters.model_validate(context.parameters)
    plan = _plan(context, parameters)
    reason = why_not_mp4(plan)
    if reason:
        context.warn(f"{reason}: the deliverable is a Matroska file")
    deliverable = context.output("deliverable", ".mkv" if reason else ".mp4")
    loudness, trim_db = _write_within_peak(context, plan, deliverable, parameters, mp4=not reason)
    context.measure("loudness_lufs", loudness.integrated_lufs)
    context.measure("true_peak_dbtp", loudness.true_peak_dbtp)
    context.measure("trim_db", trim_db)
    context.measure("picture", "copied" if plan.picture is None else "lip-synced")
    _verify(context, plan, deliverable)


def _plan(context: StageContext, parameters: Parameters) -> Plan:
    facts = context.document("facts", MediaFacts)
    dub = context.input("mix")
    with soundfile.SoundFile(dub) as wav:
        if (wav.samplerate, wav.frames) != (CLOCK_HZ, facts.duration_ticks):
            what = f"the mix has {wav.frames} samples at {wav.samplerate} Hz, "
            what += f"not {facts.duration_ticks} at {CLOCK_HZ}"
            raise EngineFailed(what, where="input mix")
        channels = wav.channels
    source_language = parse_language(parameters.source_language, where="source_language")
    target_language = parse_language(parameters.target_language, where="target_language")
    tracks = (
        Subtitles(context.input("subtitles_srt"), target_language),
        Subtitles(context.input("source_subtitles_srt"), source_language),
    )
    kept = tuple(track for track in tracks if b"-->" in track.path.read_bytes())
    if len(kept) < len(tracks):
        context.warn("a subtitle file has no cue; the deliverable has no track for it")
    source = context.input("source")
    return Plan(
        source=source,
        facts=facts,
        source_language=source_language,
        target_language=target_language,
        dub=dub,
        dub_channels=channels,
        picture=_new_picture(context.input("video"), facts) if context.has_input("video") else None,
        subtitles=kept,
        pre_skip=_pre_skip(source, facts.dubbed_stream),
    )


def _pre_skip(source: Path, stream: AudioFacts) -> Fraction:
    """Seconds that an Opus decoder drops at the start (RFC 7845, 5.1: bytes 10 and 11)."""
    if stream.codec != "opus":
        return Fraction(0)
    with av.open(str(source)) as container:
        head = container.streams[stream.index].codec_context.extradata or b""
    return Fraction(int.from_bytes(head[10:12], "little"), CLOCK_HZ)


def _new_picture(path: Path, facts: MediaFacts) -> NewPicture:
    (stream,) = (one for one in probe_json(path)["streams"] if one["codec_type"] == "video")
    upright = (facts.video.width, facts.video.height)
    if facts.video.rotation in (90, 270):
        upright = upright[::-1]
    found = (stream["width"], stream["height"])
    if found != upright:
        what = f"the lip-synced picture is {found[0]}x{found[1]}, not {upright[0]}x{upright[1]}"
        raise EngineFailed(what, where="input video")
    start = int(stream["start_pts"]) * parse_rate(stream["time_base"])
    return NewPicture(path, stream["codec_name"], start)


def _write_within_peak(
    context: StageContext, plan: Plan, output: Path, parameters: Parameters, *, mp4: bool
) -> tuple[Loudness, float]:
    """Write, decode and measure; once more, turned down, if the encoder passed the peak limit."""
    loudness = _write(context, plan, output, mp4=mp4, gain_db=0.0)
    trim_db = trim(loudness.true_peak_dbtp, parameters.true_peak_dbtp, parameters.largest_trim_db)
    if trim_db:
        loudness = _write(context, plan, output, mp4=mp4, gain_db=-trim_db)
    if loudness.true_peak_dbtp is not None and loudness.true_peak_dbtp > parameters.true_peak_dbtp:
        context.warn(
            f"the dub's true peak is {loudness.true_peak_dbtp} dBTP, above the limit of "
            f"{parameters.true_peak_dbtp} dBTP, and turning it down further would miss the loudness"
        )
    return loudness, trim_db


def trim(true_peak_dbtp: float | None, limit_dbtp: float, largest_db: float) -> float:
    """Decibels to turn the dub down by: the excess and 0.1 (what was measured is rounded)."""
    if true_peak_dbtp is None or true_peak_dbtp <= limit_dbtp:
        return 0.0
    return round(min(true_peak_dbtp - limit_dbtp + 0.1, largest_db), 2)


def _write(
    context: StageContext, plan: Plan, output: Path, *, mp4: bool, gain_db: float
) -> Loudness:
    length = plan.facts.duration_ticks
    run_ffmpeg(
        mux_arguments(plan, output, mp4=mp4, gain_db=gain_db),
        what="writing the deliverable",
        where=plan.source.name,
        length_ticks=length,
        report=context.progress,
    )
    if mp4:
        write_track_tags(output, plan.languages)
        append_xmp(output, xmp_packet(plan.synthetic, plan.target_language))
    return measure_loudness(output, "0:a:0", length_ticks=length, report=context.progress)


def _verify(context: StageContext, plan: Plan, deliverable: Path) -> None:
    """Count and time what was written, by its packets."""
    facts = plan.facts
    streams: list[dict[str, Any]] = probe_json(deliverable)["streams"]
    timelines = walk_timelines(deliverable, stream_time_bases(streams), picture=0)
    picture, original = timelines[0], timelines[2]
    assert isinstance(picture, PictureTimeline)  # noqa: S101 - the walk made it so
    times = frame_times(picture, facts.video.rate)
    frame = 1 / facts.video.rate
    problems = []
    if abs(times.frames - facts.video.frames) > 1:
        problems.append(f"{times.frames} frames instead of {facts.video.frames}")
    if abs(times.duration - parse_rate(facts.duration)) > frame:
        problems.append(f"{float(times.duration)} s instead of {facts.duration} s")
    if original.packets != facts.dubbed_stream.packets:
        what = f"{original.packets} packets of original sound, not {facts.dubbed_stream.packets}"
        problems.append(what)
    if problems:
        raise EngineFailed(f"the deliverable has {'; '.join(problems)}", where="deliverable")
    context.measure("frames", times.frames)
    context.measure("duration_s", _rounded(times.duration))


def _rounded(value: Fraction) -> float:
    return round_half_up(value * 1_000_000) / 1_000_000
