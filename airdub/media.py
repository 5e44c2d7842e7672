"""Facts about a media file, as the probe stage measures them. Rates and times are rational."""

from __future__ import annotations

from fractions import Fraction

from airdub.model import Document
from airdub.units import parse_rate, seconds_to_ticks


class VideoFacts(Document):
    """The picture.

    Attributes:
        width, height: as coded; display size after `rotation` may swap them.
        frame_rate: average rate as `"30000/1001"`.
        time_base: seconds per PTS unit as `"1/15360"`.
        start: PTS of the first frame in seconds, as `"n/d"`.
        frames: frames counted by packets, not the header's claim.
        variable_rate: frame gaps differ by more than half a frame's length.
        on_grid: every frame lies within a millisecond (or one unit of the time base, if that is
            longer) of `start + k / rate`; a rate can be neither variable nor on the grid.
        rotation: degrees clockwise that a player turns the picture: 0, 90, 180 or 270.
        bit_depth: 8, 10 or 12.
        hdr: transfer is PQ or HLG.
    """

    index: int
    codec: str
    profile: str = ""
    width: int
    height: int
    frame_rate: str
    time_base: str
    start: str = "0"
    frames: int
    variable_rate: bool = False
    on_grid: bool = True
    rotation: int = 0
    pixel_format: str
    bit_depth: int = 8
    hdr: bool = False
    color_space: str = ""
    color_transfer: str = ""
    color_primaries: str = ""
    color_range: str = ""
    sample_aspect_ratio: str = "1/1"

    @property
    def rate(self) -> Fraction:
        """Average frames per second, exact."""
        return parse_rate(self.frame_rate)


class AudioFacts(Document):
    """One audio stream.

    Attributes:
        sample_format: of the decoder, as ffmpeg calls it: `s16`, `s32p`, `fltp`.
        layout: ffmpeg's name of the channel layout; "" where the file doesn't say.
        start, duration: seconds as `"n/d"` on the file's timeline, by packets.
        packets: packets in the file; a copied stream has as many.
        language: the file's own tag, `und` without one.
    """

    index: int
    codec: str
    sample_rate_hz: int
    channels: int
    layout: str
    sample_format: str = ""
    start: str = "0"
    duration: str = "0"
    packets: int = 0
    language: str = "und"
    default: bool = False
    title: str = ""


class Chapter(Document):
    """A chapter mark, in ticks."""

    start: int
    end: int
    title: str = ""


class MediaFacts(Document):
    """What a dub needs to know of its source.

    Attributes:
        container: ffprobe's format name.
        duration: length of the timeline in seconds as `"n/d"`: from the first video frame's
            start to the end of the last, measured from packets.
        subtitles: language tags of the subtitle streams, in file order.
        timecode: start timecode (`HH:MM:SS:FF`, `;` for drop-frame) or "".
        audio: streams in file order; `dialogue_audio` is the one that is dubbed.
    """

    container: str
    duration: str
    video: VideoFacts
    audio: tuple[AudioFacts, ...]
    dialogue_audio: int = 0
    subtitles: tuple[str, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    timecode: str = ""

    @property
    def duration_ticks(self) -> int:
        """Timeline length in ticks of the 48 kHz clock."""
        return seconds_to_ticks(parse_rate(self.duration))

    @property
    def audio_offset_ticks(self) -> int:
        """Ticks by which the dubbed stream begins after (negative: before) the picture."""
        return seconds_to_ticks(parse_rate(self.dubbed_stream.start) - parse_rate(self.video.start))

    @property
    def dubbed_stream(self) -> AudioFacts:
        """The audio stream whose speech is replaced."""
        return self.audio[self.dialogue_audio]
