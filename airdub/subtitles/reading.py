"""Read a script (SubRip, WebVTT, TTML) and lay it on the media's timeline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from airdub.languages import parse_language
from airdub.subtitles.encodings import decode
from airdub.subtitles.script import Cue, Format, Script, refusal
from airdub.subtitles.subrip import read_srt
from airdub.subtitles.timecodes import HOUR, TAIL, FrameClock, Label, start_offset, whole_hour
from airdub.subtitles.timing_lines import Timing, clock_text
from airdub.subtitles.ttml import read_ttml
from airdub.subtitles.ttml_times import TtmlClock
from airdub.subtitles.web_vtt import read_vtt

MAX_BYTES = 16 << 20
MAX_CUE_TEXT = 5_000
"""Characters; more than minutes of fast speech."""

_SUFFIXES = {
    ".srt": Format.SRT,
    ".vtt": Format.VTT,
    ".webvtt": Format.VTT,
    **dict.fromkeys((".ttml", ".ttml2", ".dfxp", ".imsc", ".itt", ".xml"), Format.TTML),
}
_XML_START = re.compile(r"\s*<(?:\?xml|!--|!DOCTYPE|(?:\w+:)?tt[\s>])", re.IGNORECASE)
_OTHERS = {
    "[Script Info]": "SubStation Alpha",
    "{1}{": "MicroDVD",
    "<SAMI>": "SAMI",
    "Scenarist_SCC": "SCC",
}


def read_script(
    path: Path,
    *,
    language: str,
    duration: int,
    frame_rate: Fraction | None = None,
    start_timecode: str = "",
    name: str = "",
) -> Script:
    """Read a script file.

    A script whose times begin at a start time code (01:00:00:00, 10:00:00:00) is shifted back to
    the media's first frame: by the media's own time code, or by whole hours, when it lies beyond
    the media's end as it stands and fits afterwards (`Script.offset` tells).

    Args:
        path: SRT, WebVTT, TTML, DFXP or IMSC; told by content first, then by suffix.
        language: BCP-47, the script's language; it decides between legacy encodings.
        duration: the media's length, ticks.
        frame_rate: the media's frames a second, for times that count frames.
        start_timecode: the media's first frame as `HH:MM:SS:FF` (`;FF` for drop-frame), or "".
        name: what messages call the file; its own name by default.

    Returns:
        Cues with text, in the file's order, each within [0, duration].

    Raises:
        InvalidInput: empty, too big, binary, undecodable, malformed or foreign to this media; the
            message names the file, the line and cue, the field and the remedy.
    """
    name = name or path.name
    language = parse_language(language, where=f"{name}, language")
    text, encoding = decode(_read_bytes(path, name), name=name, language=language)
    if not text.strip():
        raise refusal(name, "", "the script is empty", "give a script with at least one cue")
    kind = _format(text, path.suffix.lower(), name)
    first_frame = _media_label(start_timecode, name)
    cues, times = _cues(text, kind, name, frame_rate, first_frame)
    spoken = [cue for cue in cues if cue.runs]
    if not spoken:
        what = f"no cue with text was found in this {kind} file"
        raise refusal(name, "", what, "give a script with at least one cue")
    _check_cues(spoken, name)
    candidates = _offsets(spoken, times, frame_rate, first_frame)
    offset = start_offset([(cue.start, cue.end) for cue in spoken], duration, candidates)
    placed = tuple(_placed(cue, offset, duration, name) for cue in spoken)
    return Script(name, kind, encoding, language, offset, placed)


def _read_bytes(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        what = f"the file can't be read: {error.strerror}"
        raise refusal(name, "", what, "check the path and its permissions") from error
    if not data:
        raise refusal(name, "", "the file is empty (0 bytes)", "give a script with a cue")
    if len(data) > MAX_BYTES:
        what = f"the file is bigger than {MAX_BYTES >> 20} MiB, which no script is"
        raise refusal(name, "", what, "give a text file in SRT, WebVTT or TTML")
    return data


def _format(text: str, suffix: str, name: str) -> Format:
    if text.startswith("WEBVTT"):
        return Format.VTT
    if _XML_START.match(text):
        return Format.TTML
    if "-->" in text:
        return Format.SRT
    start = text.lstrip()[:200]
    other = next((kind for sign, kind in _OTHERS.items() if sign in start), "")
    expected = _SUFFIXES.get(suffix)
    what = f"it is {other}" if other else f"it is not {expected or 'a script'}: no times in it"
    raise refusal(name, "", what, "convert it to SRT, WebVTT or TTML")


def _check_cues(cues: Sequence[Cue], name: str) -> None:
    for cue in cues:
        if cue.end <= cue.start:
            end, start = clock_text(cue.end, "."), clock_text(cue.start, ".")
            what = f"the cue ends at {end}, not after its start at {start}"
            raise refusal(name, f"{cue.place}, end", what, "make the end later than the start")
        if len(cue.text) > MAX_CUE_TEXT:
            what = f"the cue has {len(cue.text)} characters of text"
            raise refusal(name, f"{cue.place}, text", what, "split it into cues of two lines")


def _media_label(timecode: str, name: str) -> Label | None:
    try:
        return Label.parse(timecode) if timecode else None
    except ValueError as error:
        where = "start time code of the media"
        raise refusal(name, where, str(error), "give it as HH:MM:SS:FF") from error


def _cues(
    text: str, kind: Format, name: str, rate: Fraction | None, first_frame: Label | None
) -> tuple[list[Cue], TtmlClock | list[Timing]]:
    if kind is Format.TTML:
        return read_ttml(text, name=name, rate=rate)
    drop = first_frame is not None and first_frame.drop
    frames = FrameClock(rate, drop) if rate else None
    reader = read_srt if kind is Format.SRT else read_vtt
    return reader(text, name=name, frames=frames)


def _offsets(
    cues: Sequence[Cue],
    times: TtmlClock | list[Timing],
    rate: Fraction | None,
    first_frame: Label | None,
) -> list[int]:
    """Offsets to try: the media's start time code, then the last whole hour before the cues.

    In a script that counts frames an hour of labels is as long as the frames make it; in any
    other it is an hour of the clock.
    """
    if isinstance(times, TtmlClock):
        counts_frames, drop, own_rate = times.label, times.drop, times.rate
    else:
        counts_frames, drop, own_rate = times[0].label, times[0].drop, rate or Fraction(30)
    hour = Label(1, 0, 0, 0, drop).ticks(own_rate) if counts_frames else HOUR
    offsets = [whole_hour(min(cue.start for cue in cues), hour)]
    if first_frame:
        offsets.insert(0, _start(first_frame, rate or own_rate, counts_frames))
    return offsets


def _start(first_frame: Label, rate: Fraction, counts_frames: bool) -> int:
    """When the media begins on the script's clock; a label that can't be counted is a time."""
    if counts_frames:
        with suppress(ValueError):  # files of 60 frames a second may count 30, and the reverse
            return first_frame.ticks(rate)
    return first_frame.clock_ticks(rate)


def _placed(cue: Cue, offset: int, duration: int, name: str) -> Cue:
    start, end = cue.start - offset, cue.end - offset
    if start >= duration or end > duration + TAIL:
        field = "start" if start >= duration else "end"
        at = clock_text(start if field == "start" else end, ".")
        what = (
            f"the cue's {field} at {at} lies beyond the media's end at {clock_text(duration, '.')}"
        )
        remedy = "give the script of this very video, or cut what lies beyond its end"
        raise refusal(name, f"{cue.place}, {field}", what, remedy)
    return replace(cue, start=start, end=min(end, duration))
