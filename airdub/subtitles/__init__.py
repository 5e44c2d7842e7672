"""Scripts and subtitles: SubRip, WebVTT and TTML in, SubRip and WebVTT out.

`read_script` and `to_segments` turn a script file into the transcript's segments; `lay_out`,
`write_srt` and `write_vtt` turn timed lines into subtitle files.
"""

from airdub.subtitles.reading import read_script
from airdub.subtitles.script import Script
from airdub.subtitles.segments import to_segments
from airdub.subtitles.writing import (
    SubtitleCue,
    SubtitleLine,
    lay_out,
    too_fast,
    write_srt,
    write_vtt,
)

__all__ = [
    "Script",
    "SubtitleCue",
    "SubtitleLine",
    "lay_out",
    "read_script",
    "to_segments",
    "too_fast",
    "write_srt",
    "write_vtt",
]
