"""From what ffprobe says and the packets show to `MediaFacts`: pure, nothing is opened."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from airdub.errors import InvalidInput
from airdub.languages import same_language
from airdub.media import AudioFacts, Chapter, MediaFacts, VideoFacts
from airdub.units import parse_rate, round_half_up, seconds_to_ticks
from model_images.common.packets import FrameTimes, StreamTimeline

Stream = dict[str, Any]

_HDR_TRANSFERS = ("smpte2084", "arib-std-b67")
_USUAL_LAYOUTS = {1: "mono", 2: "stereo"}
_DEPTH_IN_NAME = re.compile(r"(?:p|gray|gbrp|x2rgb|p0)(9|10|12|14|16)(?:le|be)?$")
_TIMECODE = re.compile(r"\d\d:\d\d:\d\d[:;.]\d\d")


def tag(stream: Mapping[str, Any], name: str) -> str:
    """A metadata tag whatever its case, or ""."""
    tags = stream.get("tags", {})
    return next((str(value) for key, value in tags.items() if key.lower() == name), "")


def flagged(stream: Mapping[str, Any], *dispositions: str) -> bool:
    """Whether the stream has one of these dispositions."""
    return any(stream.get("disposition", {}).get(name) for name in dispositions)


def is_picture(stream: Stream) -> bool:
    """Whether it is moving picture: cover art and thumbnails are video streams too."""
    return stream.get("codec_type") == "video" and not flagged(
        stream, "attached_pic", "still_image", "timed_thumbnails"
    )


def choose_picture(streams: Sequence[Stream]) -> Stream | None:
    """The default picture stream, else the first."""
    return min(
        filter(is_picture, streams), key=lambda stream: not flagged(stream, "default"), default=None
    )


def audio_streams(streams: Sequence[Stream]) -> list[Stream]:
    """The audio streams in file order."""
    return [stream for stream in streams if stream.get("codec_type") == "audio"]


def choose_dialogue(audio: Sequence[Stream], source_language: str) -> int:
    """Position among the audio streams of the one to dub.

    In this order: tagged with the source language, not commentary or audio description, default,
    first.
    """

    def rank(position: int) -> tuple[bool, bool, bool, int]:
        stream = audio[position]
        return (
            not speaks(tag(stream, "language"), source_language),
            flagged(stream, "comment", "visual_impaired", "hearing_impaired", "descriptions"),
            not flagged(stream, "default"),
            position,
        )

    return min(range(len(audio)), key=rank)


def speaks(language_tag: str, language: str) -> bool:
    """Whether a file's tag (`spa`, `ger`, `en-US`, anything) names the language."""
    try:
        return bool(language_tag and language) and same_language(language_tag, language)
    except InvalidInput:  # files hold any text as a tag
        return False


def rotation(stream: Stream) -> int:
    """Clockwise turn by the display matrix, to the nearest of 0, 90, 180 and 270 degrees."""
    for side_data in stream.get("side_data_list", []):
        if "rotation" in side_data:  # ffprobe counts anticlockwise
            return round_half_up(Fraction(-int(side_data["rotation"]), 90)) * 90 % 360
    return 0


def bit_depth(stream: Stream) -> int:
    """Bits per sample of the pixel format."""
    found = _DEPTH_IN_NAME.search(str(stream.get("pix_fmt", "")))
    return int(found[1]) if found else 8


def aspect(stream: Stream) -> str:
    """Sample aspect ratio as `"4/3"`; square when the file doesn't say."""
    width, _, height = str(stream.get("sample_aspect_ratio", "1:1")).partition(":")
    known = width.isdigit() and height.isdigit() and int(width) and int(height)
    return f"{width}/{height}" if known else "1/1"


def timecode(raw: Mapping[str, Any]) -> str:
    """The start timecode of the file or of any of its streams, or ""."""
    for holder in (*raw.get("streams", []), raw.get("format", {})):
        if found := _TIMECODE.fullmatch(tag(holder, "timecode")):
            return found[0]
    return ""


@dataclass(frozen=True)
class Choice:
    """The streams that a dub is made of: the picture, all audio, and which of that is dubbed."""

    picture: Stream
    audio: list[Stream]
    dialogue: int


def build_facts(
    raw: Mapping[str, Any],
    choice: Choice,
    frames: FrameTimes,
    timelines: Mapping[int, StreamTimeline],
) -> MediaFacts:
    """All facts of a file that was not refused."""
    return MediaFacts(
        container=raw["format"]["format_name"],
        duration=str(frames.duration),
        video=video_facts(choice.picture, frames),
        audio=tuple(
            audio_facts(stream, timelines[int(stream["index"])]) for stream in choice.audio
        ),
        dialogue_audio=choice.dialogue,
        subtitles=tuple(
            tag(stream, "language") or "und"
            for stream in raw["streams"]
            if stream.get("codec_type") == "subtitle"
        ),
        chapters=chapters(raw.get("chapters", []), frames),
        timecode=timecode(raw),
    )


def video_facts(stream: Stream, frames: FrameTimes) -> VideoFacts:
    """Facts of the picture."""
    transfer = str(stream.get("color_transfer", ""))
    return VideoFacts(
        index=stream["index"],
        codec=stream["codec_name"],
        profile=str(stream.get("profile", "")),
        width=stream["width"],
        height=stream["height"],
        frame_rate=str(frames.rate),
        time_base=stream["time_base"],
        start=str(frames.start),
        frames=frames.frames,
        variable_rate=frames.variable,
        on_grid=frames.on_grid,
        rotation=rotation(stream),
        pixel_format=str(stream.get("pix_fmt", "")),
        bit_depth=bit_depth(stream),
        hdr=transfer in _HDR_TRANSFERS,
        color_space=str(stream.get("color_space", "")),
        color_transfer=transfer,
        color_primaries=str(stream.get("color_primaries", "")),
        color_range=str(stream.get("color_range", "")),
        sample_aspect_ratio=aspect(stream),
    )


def audio_facts(stream: Stream, timeline: StreamTimeline) -> AudioFacts:
    """Facts of an audio stream."""
    channels = int(stream["channels"])
    return AudioFacts(
        index=stream["index"],
        codec=stream["codec_name"],
        sample_rate_hz=int(stream["sample_rate"]),
        channels=channels,
        layout=str(stream.get("channel_layout", _USUAL_LAYOUTS.get(channels, ""))),
        sample_format=str(stream.get("sample_fmt", "")),
        start=str(timeline.start_s),
        duration=str(timeline.end_s - timeline.start_s),
        packets=timeline.packets,
        language=tag(stream, "language") or "und",
        default=flagged(stream, "default"),
        title=tag(stream, "title"),
    )


def chapters(raw: Sequence[Mapping[str, Any]], frames: FrameTimes) -> tuple[Chapter, ...]:
    """Chapters on the picture's timeline; those wholly outside it are left out."""
    end = seconds_to_ticks(frames.duration)
    found = []
    for chapter in raw:
        base = parse_rate(chapter["time_base"])
        first, last = (
            min(end, max(0, seconds_to_ticks(int(chapter[edge]) * base - frames.start)))
            for edge in ("start", "end")
        )
        if first < last:
            found.append(Chapter(start=first, end=last, title=tag(chapter, "title")))
    return tuple(found)
