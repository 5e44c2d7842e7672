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
    """One audio stream. `start` and `duration` are seconds as `"n/d"` on the file's timeline."""

    index: int
    codec: str
    sample_rate_hz: int
    channels: int
    layout: str
    start: str = "0"
    duration: str = "0"
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
    def dubbed_stream(self) -> AudioFacts:
        """The audio stream whose speech is replaced."""
        return self.audio[self.dialogue_audio]
