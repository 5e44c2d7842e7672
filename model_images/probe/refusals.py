"""What can't be dubbed, and how it is said: which file, which field, what to do. Mostly pure.

Every function returns when all is well and raises `InvalidInput` when it isn't.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from airdub.errors import InvalidInput
from airdub.units import parse_rate
from model_images.common.boxes import Box, file_boxes, find_boxes
from model_images.common.ffmpeg import CONTAINERS
from model_images.common.packets import FrameTimes, PictureTimeline, StreamTimeline
from model_images.probe.facts import (
    Choice,
    Stream,
    audio_streams,
    choose_dialogue,
    choose_picture,
)

_AGAIN = "copy or export the file again from its master"
_REPAIR = f"{_AGAIN}; `ffmpeg -i broken -c copy repaired.mp4` saves what is left of it"
_SIDES = (16, 16384)
_RATES = (1, 480)
_LONGEST_GAP_S = 600
_SLACK_S = Fraction(1, 2)


def refuse(source: Path, field: str, what: str, remedy: str) -> InvalidInput:
    """The error: `video.mp4: duration: ...`."""
    return InvalidInput(what, where=f"{source.name}: {field}", remedy=remedy)


def refuse_incomplete(source: Path) -> None:
    """An empty file; an MP4 that was cut off or never finished; protected tracks."""
    size = source.stat().st_size
    if size == 0:
        raise refuse(source, "size", "the file is empty (0 bytes)", _AGAIN)
    boxes = file_boxes(source)
    if not boxes:
        return
    if boxes[-1].end > size:
        kind = boxes[-1].kind.decode("ascii", "replace")
        lost = boxes[-1].end - size
        what = f"the file is cut off: {lost} bytes of its {kind!r} box are missing"
        raise refuse(source, f"box {kind}", what, _REPAIR)
    kinds = {box.kind for box in boxes}
    if not kinds & {b"moov", b"moof"}:
        what = "the file has no index (moov box): it was never finished, or it was cut off"
        raise refuse(source, "box moov", what, _AGAIN)
    for box in boxes:
        if box.kind == b"moov" and box.size < 1 << 28 and _protected(source, box):
            what = "the streams are encrypted"
            raise refuse(source, "box sinf", what, "supply a file without copy protection")


def _protected(source: Path, moov: Box) -> bool:
    with source.open("rb") as stream:
        stream.seek(moov.offset)
        data = stream.read(moov.size)
    whole = Box(moov.kind, 0, moov.size, moov.header)
    tables = find_boxes(data, (b"trak", b"mdia", b"minf", b"stbl", b"stsd"), whole)
    # an stsd begins with version, flags and a count; a sample entry with its size and format
    formats = {data[table.payload + 12 : table.payload + 16] for table in tables}
    return bool(formats & {b"encv", b"enca", b"drmi", b"drms"})


def explain_unreadable(source: Path, complaint: str) -> InvalidInput:
    """Why ffprobe couldn't open the file."""
    with source.open("rb") as stream:
        text = _as_text(stream.read(4096))
    remedy = f"supply a video: {', '.join(CONTAINERS)}"
    if text:
        what = f"the file is text, not a video; it begins with {text[:40]!r}"
    else:
        what = f"the file is in no container that airdub reads: {complaint}"
    return refuse(source, "container", what, remedy)


def _as_text(head: bytes) -> str:
    """The text that a file begins with; "" when it isn't text."""
    try:  # a character that the block's end cuts in two is no fault
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return ""
    return text if all(sign.isprintable() or sign in "\r\n\t\ufeff" for sign in text) else ""


def refuse_streams(
    source: Path, streams: Sequence[Stream], source_language: str, audio_stream: int | None
) -> Choice:
    """The streams to dub; refuses a file without picture or sound, and absurd pictures.

    Args:
        audio_stream: which of the audio streams is dubbed, from 0; None: chosen by rules.
    """
    picture, audio = choose_picture(streams), audio_streams(streams)
    if picture is None:
        what = "there is no video stream" + (
            " (cover art doesn't count)"
            if any(stream.get("codec_type") == "video" for stream in streams)
            else ""
        )
        raise refuse(source, "video stream", what, "supply a file with picture and sound")
    if not audio:
        what = "there is no audio stream, so there is no speech to dub"
        raise refuse(source, "audio stream", what, "supply a file with picture and sound")
    _refuse_picture(source, picture)
    dialogue = choose_dialogue(audio, source_language) if audio_stream is None else audio_stream
    if not 0 <= dialogue < len(audio):
        what = f"there is no audio stream {dialogue}; the file has {len(audio)}, counted from 0"
        raise refuse(source, "parameter audio_stream", what, "choose one of them")
    # others may be unknown to our decoders: they are neither dubbed nor copied
    known = [stream for stream in audio if stream.get("codec_name") and _has_sound(stream)]
    if audio[dialogue] not in known:
        what = "the audio stream's codec is unknown, or it has no channels"
        raise refuse(source, f"audio stream {dialogue}", what, f"{_AGAIN} with AAC or PCM sound")
    return Choice(picture, known, known.index(audio[dialogue]))


def _has_sound(stream: Stream) -> bool:
    return int(stream.get("channels", 0)) > 0 and int(stream.get("sample_rate", 0)) > 0


def _refuse_picture(source: Path, picture: Stream) -> None:
    if not picture.get("codec_name"):
        what = "the video stream's codec is unknown"
        raise refuse(source, "video codec", what, f"{_AGAIN} with H.264 or HEVC picture")
    width, height = (int(picture.get(side, 0)) for side in ("width", "height"))
    if not all(_SIDES[0] <= side <= _SIDES[1] for side in (width, height)):
        what = f"the picture is {width}x{height} pixels; {_SIDES[0]} to {_SIDES[1]} can be dubbed"
        raise refuse(source, "width and height", what, _AGAIN)


def refuse_no_frames(source: Path, picture: StreamTimeline) -> PictureTimeline:
    """A picture with fewer than three frames to show."""
    assert isinstance(picture, PictureTimeline)  # noqa: S101 - the walk made it so
    if (frames := len(picture.shown)) < 3:
        found = f"{frames or 'no'} frame{'s' * (frames != 1)}"
        what = f"the video has {found} to show: it is a still, or its data is lost"
        raise refuse(source, "video frames", what, f"supply a moving picture; {_AGAIN}")
    return picture


def refuse_times(
    source: Path,
    raw: Mapping[str, Any],
    frames: FrameTimes,
    timelines: Mapping[int, StreamTimeline],
    *,
    shortest_s: float,
    longest_s: float,
) -> None:
    """Lengths that can't be, claims that the packets don't bear out, and time stamps that jump."""
    _refuse_claim(source, raw, timelines)
    length = float(frames.duration)
    if not shortest_s <= length <= longest_s:
        what = (
            f"the video is {length:.3f} s long; {shortest_s:g} s to {longest_s:g} s can be dubbed"
        )
        raise refuse(source, "duration", what, "supply the whole title, in parts if it is longer")
    if frames.longest_gap > _LONGEST_GAP_S:
        what = f"the time stamps jump by {float(frames.longest_gap):.0f} s between two frames"
        raise refuse(source, "time stamps", what, _REPAIR)
    if not _RATES[0] <= frames.rate <= _RATES[1]:
        what = f"the video has {float(frames.rate):.3f} frames per second"
        raise refuse(source, "frame rate", what, f"{_AGAIN} with 23.976 to 60")
    for index, timeline in timelines.items():
        if timeline.jump_back * timeline.time_base > 1:
            seconds = float(timeline.jump_back * timeline.time_base)
            what = f"the time stamps of stream {index} jump back by {seconds:.1f} s"
            raise refuse(source, "time stamps", what, _REPAIR)


def _refuse_claim(
    source: Path, raw: Mapping[str, Any], timelines: Mapping[int, StreamTimeline]
) -> None:
    """A header that claims more than there is: most of the file is missing, or it lies."""
    claim = raw["format"].get("duration")
    if claim is None:
        return
    claimed = Fraction(claim)
    last = max(timeline.end_s for timeline in timelines.values())
    first = min(timeline.start_s for timeline in timelines.values())
    found = max(last, last - first)
    if claimed > found + _SLACK_S + claimed / 1000:
        what = (
            f"the header claims {clock(claimed)}, but the packets end at {clock(found)}: "
            "the file is cut off or its header is corrupt"
        )
        raise refuse(source, "format.duration", what, _REPAIR)


def refuse_undecodable(source: Path, frames: int, place: str) -> None:
    """Picture that gives no frame."""
    if not frames:
        what = f"no picture can be decoded at the {place} of the file"
        raise refuse(source, "video stream", what, _AGAIN)


def refuse_silence(
    source: Path, stream: int, peak_dbfs: float | None, decoded_s: float, limit_dbfs: float
) -> None:
    """Sound that can't be decoded, and pure silence."""
    field = f"audio stream {stream}"
    if decoded_s == 0:
        raise refuse(source, field, "its sound can't be decoded", _AGAIN)
    if peak_dbfs is None or peak_dbfs < limit_dbfs:
        level = "digital silence" if peak_dbfs is None else f"a peak of {peak_dbfs:.1f} dBFS"
        what = f"it is silent ({level}), so there is no speech to dub"
        remedy = "supply a file with sound, or name another stream by the parameter audio_stream"
        raise refuse(source, field, what, remedy)


def clock(seconds: Fraction) -> str:
    """`1:02:03.004`."""
    milliseconds = int(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def claimed_rate(picture: Stream) -> Fraction:
    """The header's average frame rate; 0 when it has none."""
    return parse_rate(str(picture.get("avg_frame_rate", "0/0")))
