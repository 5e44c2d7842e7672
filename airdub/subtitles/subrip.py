"""SubRip (SRT) through pysubs2, which reads the blocks; `timing_lines` guards the times."""

from __future__ import annotations

from airdub.subtitles.markup import plain_text
from airdub.subtitles.script import Cue, Run, refusal
from airdub.subtitles.timecodes import FrameClock
from airdub.subtitles.timing_lines import Timing, find_timings


def read_srt(text: str, *, name: str, frames: FrameClock | None) -> tuple[list[Cue], list[Timing]]:
    """Cues in file order, with the timing lines that they come from.

    Args:
        text: the file, lines ended by `\\n`.
        name: the file's name, for messages.
        frames: how the media counts frames, for times that do so too (`00:00:01:12`).

    Raises:
        InvalidInput: a malformed block, with its line.
    """
    import pysubs2

    lines = text.split("\n")
    timings = find_timings(lines, name=name, frames=frames)
    _refuse_stray_blocks(lines, timings, name)
    for timing in timings:
        lines[timing.line - 1] = timing.respelt(",")
    # pysubs2 takes a number that ends the file for the next cue's counter: give it one to take.
    guarded = _without_blank_runs([*lines, "", "0"])
    events = pysubs2.SSAFile.from_string(guarded, format_="srt", keep_html_tags=True)
    if len(events) != len(timings):
        what = f"{len(timings)} timing lines gave {len(events)} cues"
        raise refusal(name, "", what, "check for text lines that hold two times")
    cues = [
        Cue(timing.place, timing.start, timing.end, _runs(event.text))
        for timing, event in zip(timings, events, strict=True)
    ]
    return cues, timings


def _runs(text: str) -> tuple[Run, ...]:
    plain = plain_text(text)
    return (Run(plain),) if plain else ()


def _without_blank_runs(lines: list[str]) -> str:
    stripped = [line.strip() for line in lines]
    kept = (line for line, before in zip(stripped, ["", *stripped], strict=False) if line or before)
    return "\n".join(kept)


def _refuse_stray_blocks(lines: list[str], timings: list[Timing], name: str) -> None:
    """Refuse text before the first cue, and a counter that no timing line follows."""
    if not timings:
        return
    timing_lines = {timing.line for timing in timings}
    first = timings[0].line
    for number, line in enumerate(lines[: first - 1], 1):
        counter = line.strip().isdecimal() and not any(map(str.strip, lines[number : first - 1]))
        if line.strip() and not counter:
            what = f"{line.strip()[:40]!r} stands before the first cue's times"
            raise refusal(name, f"line {number}", what, "begin the file with the first cue")
    cue = 0
    for number, line in enumerate(lines, 1):
        cue += number in timing_lines
        follows = lines[number] if number < len(lines) else ""
        after_blank = number == 1 or not lines[number - 2].strip()
        expected = line.strip() == str(cue + 1)
        if expected and after_blank and follows.strip() and number + 1 not in timing_lines:
            raise refusal(
                name,
                f"line {number + 1}, cue {cue + 1}",
                f"the cue has no times, but {follows.strip()[:40]!r}",
                "write HH:MM:SS,mmm --> HH:MM:SS,mmm below the cue's number",
            )
