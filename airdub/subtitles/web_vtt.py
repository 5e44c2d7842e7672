"""WebVTT through webvtt-py in strict mode; `timing_lines` guards the times."""

from __future__ import annotations

from itertools import groupby

from airdub.subtitles.markup import voice_runs
from airdub.subtitles.script import Cue, refusal
from airdub.subtitles.timecodes import FrameClock
from airdub.subtitles.timing_lines import Timing, find_timings

_BLOCKS_WITHOUT_CUE = ("WEBVTT", "NOTE", "STYLE", "REGION")


def read_vtt(text: str, *, name: str, frames: FrameClock | None) -> tuple[list[Cue], list[Timing]]:
    """Cues in file order, with the timing lines that they come from.

    Args:
        text: the file, lines ended by `\\n`.
        name: the file's name, for messages.
        frames: how the media counts frames, for times that do so too.

    Raises:
        InvalidInput: a malformed block, with its line.
    """
    from webvtt import WebVTT
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    lines = [line if line.strip() else "" for line in text.split("\n")]
    timings = find_timings(lines, name=name, frames=frames)
    _refuse_stray_blocks(lines, name)
    for timing in timings:
        lines[timing.line - 1] = timing.respelt(".")
    try:
        captions = WebVTT.from_string("\n".join(lines), strict=True).captions
    except (MalformedCaptionError, MalformedFileError) as error:
        what = f"it is not valid WebVTT: {str(error)[:200]}"
        raise refusal(name, "", what, "leave a blank line between cues") from error
    if len(captions) != len(timings):
        what = f"{len(timings)} timing lines gave {len(captions)} cues"
        raise refusal(name, "", what, "check the blocks for '-->' outside timing lines")
    cues = [
        Cue(timing.place, timing.start, timing.end, voice_runs(caption.raw_text))
        for timing, caption in zip(timings, captions, strict=True)
    ]
    return cues, timings


def _refuse_stray_blocks(lines: list[str], name: str) -> None:
    """Refuse text outside any cue, and a cue within another's text: players drop both."""
    for blank, block in groupby(enumerate(lines, 1), key=lambda numbered: not numbered[1]):
        numbered = list(block)
        number, first = numbered[0]
        if blank:
            continue
        arrows = [at for at, (_, line) in enumerate(numbered) if "-->" in line]
        if not arrows and not first.startswith(_BLOCKS_WITHOUT_CUE):
            what = f"{first[:40]!r} belongs to no cue"
            raise refusal(name, f"line {number}", what, "remove the blank line within the cue")
        if stray := [at for at in arrows if at > 1 or at != arrows[0]]:
            number, line = numbered[stray[0]]
            what = f"{line[:40]!r} has '-->' in the middle of a block"
            remedy = "leave a blank line between cues, and write '--&gt;' within text"
            raise refusal(name, f"line {number}", what, remedy)
