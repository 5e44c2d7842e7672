"""The ffmpeg call that makes the deliverable. Pure: nothing is opened."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from airdub.disclosure import Part, container_tags
from airdub.languages import iso639_2t
from airdub.media import MediaFacts
from airdub.units import parse_rate
from model_images.common.ffmpeg import BITEXACT, file_url, input_arguments

_MP4_VIDEO = ("h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video")
_MP4_AUDIO = ("aac", "mp3", "ac3", "eac3", "alac", "opus", "flac")
_PER_CHANNEL_BPS = {1: 96_000, 2: 96_000}


@dataclass(frozen=True)
class NewPicture:
    """A picture that replaces the source's: one frame for each of the source's, at its time.

    It is copied too: upright, with its own colour tags and shape of pixels.

    Attributes:
        codec: as ffmpeg calls it.
        start: seconds of its first frame on its own timeline.
    """

    path: Path
    codec: str
    start: Fraction


@dataclass(frozen=True)
class Subtitles:
    """A subtitle track: an SRT file and its BCP-47 language."""

    path: Path
    language: str


@dataclass(frozen=True)
class Plan:
    """All that goes into a deliverable.

    Attributes:
        dub: the final mix, WAV, sample 0 at the picture's first frame.
        dub_channels: its channels.
        picture: None: the source's packets are copied.
        pre_skip: seconds of Opus' pre-skip in the original sound; 0 for other codecs.
    """

    source: Path
    facts: MediaFacts
    source_language: str
    target_language: str
    dub: Path
    dub_channels: int
    picture: NewPicture | None = None
    subtitles: tuple[Subtitles, ...] = ()
    pre_skip: Fraction = Fraction(0)

    @property
    def picture_codec(self) -> str:
        """Codec of the picture that the viewer gets."""
        return self.picture.codec if self.picture else self.facts.video.codec

    @property
    def synthetic(self) -> tuple[Part, ...]:
        """What of it machines made."""
        return (Part.SPEECH, Part.LIPS) if self.picture else (Part.SPEECH,)

    @property
    def languages(self) -> tuple[str | None, ...]:
        """BCP-47 tag of each track in the order of the file; None for the picture."""
        return (
            None,
            self.target_language,
            self.source_language,
            *(track.language for track in self.subtitles),
        )


def why_not_mp4(plan: Plan) -> str:
    """Why MP4 can't hold the streams as they are, or ""."""
    video, audio = plan.picture_codec, plan.facts.dubbed_stream.codec
    if video not in _MP4_VIDEO:
        return f"MP4 can't hold the source's {video} picture"
    if audio not in _MP4_AUDIO:
        return f"MP4 can't hold the source's {audio} sound"
    return ""


def aac_bits_per_second(channels: int) -> int:
    """96 kbit/s for mono, 192 for stereo, 384 for 5.1, 512 for 7.1."""
    return channels * _PER_CHANNEL_BPS.get(channels, 64_000)


def mux_arguments(plan: Plan, output: Path, *, mp4: bool, gain_db: float = 0.0) -> list[str]:
    """Arguments of ffmpeg: picture, dub, original sound, subtitles, chapters.

    Every time stamp is kept (`-copyts`) and moved so that the picture's first frame is at 0;
    original packets from before it stay in the file, before the start of the edit list.

    Args:
        mp4: MP4 or, if false, Matroska.
        gain_db: static gain on the dub.
    """
    facts = plan.facts
    start = parse_rate(facts.video.start)
    inputs = [input_arguments(plan.source, offset=-start)]
    picture_stream = f"0:{facts.video.index}"
    if plan.picture:
        picture_stream = f"{len(inputs)}:v:0"
        inputs.append(input_arguments(plan.picture.path, offset=-plan.picture.start))
    dub_stream = f"{len(inputs)}:a:0"
    inputs.append(input_arguments(plan.dub))
    original = 0
    if plan.pre_skip and not mp4:
        # ffmpeg 5.1's Matroska writer forgets the pre-skip that its reader takes off
        original = len(inputs)
        inputs.append(input_arguments(plan.source, offset=plan.pre_skip - start))
    maps = [picture_stream, dub_stream, f"{original}:{facts.dubbed_stream.index}"]
    for track in plan.subtitles:
        maps.append(f"{len(inputs)}:s:0")
        inputs.append(input_arguments(track.path))
    return [
        "-copyts",
        *(argument for one in inputs for argument in one),
        *(argument for stream in maps for argument in ("-map", stream)),
        *("-map_metadata:g", "-1", "-map_metadata:s", "-1"),  # chapters keep theirs
        *("-map_chapters", "0" if facts.chapters else "-1"),
        *("-c", "copy", "-copypriorss", "1"),
        *_dub_options(plan.dub_channels, gain_db),
        *(("-c:s", "mov_text") if mp4 else ("-c:s", "srt")),
        *_track_options(plan),
        *_disclosure(plan, mp4=mp4),
        *BITEXACT,
        *(_mp4_options(plan) if mp4 else ("-f", "matroska")),
        file_url(output),
    ]


def _dub_options(channels: int, gain_db: float) -> list[str]:
    options = ["-c:a:0", "aac", "-b:a:0", str(aac_bits_per_second(channels))]
    return [*options, "-filter:a:0", f"volume={gain_db:.2f}dB"] if gain_db else options


def _disclosure(plan: Plan, *, mp4: bool) -> list[str]:
    """That machines made it; of these tags MP4 has the comment alone, the others come as XMP."""
    tags = container_tags(plan.synthetic, plan.target_language)
    kept = ("COMMENT",) if mp4 else tuple(tags)
    return [argument for name in kept for argument in ("-metadata", f"{name}={tags[name]}")]


def _mp4_options(plan: Plan) -> list[str]:
    """The movie's clock is the house clock: edit lists count samples, not milliseconds.

    `-strict unofficial` lets Dolby Vision's configuration through. Apple's players want HEVC to
    be called hvc1.
    """
    tag = ("-tag:v", "hvc1") if plan.picture_codec == "hevc" else ()
    options = ["-strict", "unofficial", *tag]
    return [*options, "-movie_timescale", "48000", "-movflags", "+faststart", "-f", "mp4"]


def _track_options(plan: Plan) -> list[str]:
    names = [
        ("v:0", "Picture", "default"),
        ("a:0", f"Dub ({plan.target_language})", "default+dub"),
        ("a:1", f"Original ({plan.source_language})", "original"),
    ]
    names += [
        (f"s:{number}", f"Subtitles ({track.language})", "0")
        for number, track in enumerate(plan.subtitles)
    ]
    options: list[str] = []
    for (stream, title, disposition), language in zip(names, plan.languages, strict=True):
        code = iso639_2t(language) if language else "und"
        options += [f"-metadata:s:{stream}", f"language={code}"]
        options += [f"-metadata:s:{stream}", f"title={title}"]
        options += [f"-metadata:s:{stream}", f"handler_name={title}"]
        options += [f"-disposition:{stream}", disposition]
    return options
