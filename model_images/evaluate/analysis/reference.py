"""An independent translation of the title, laid on its lines by time."""

from __future__ import annotations

from difflib import SequenceMatcher

from airdub.errors import InvalidInput
from airdub.subtitles.alignment import lay_out
from airdub.subtitles.reading import read_script
from airdub.subtitles.segments import to_segments
from airdub.transcript import Action
from model_images.evaluate.analysis.wording import tokens
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent

NO_LINE = Absent("the reference has no line at this time")

_SAME = 0.9
"""Share of words in common, in order, from which a script and a reference are the same text: two
people who translate a title don't agree on that much."""


def reference_texts(evidence: Evidence) -> dict[str, str] | Absent:
    """What somebody else says in place of each line, by segment id; "" where nobody does.

    Absent when there is no reference, when it can't be read, or when the lines were taken from it:
    then it isn't independent.
    """
    if not evidence.has("reference"):
        return Absent(
            "there is no reference: put somebody's own translation beside the video as "
            f"NAME.{evidence.target_language}.reference.srt"
        )
    try:
        script = read_script(
            evidence.path("reference"),
            language=evidence.target_language,
            duration=evidence.facts.duration_ticks,
            frame_rate=evidence.facts.video.rate,
            start_timecode=evidence.facts.timecode,
            name="the reference",
        )
        cues = [cue for cue in to_segments(script) if cue.action is not Action.KEEP]
    except InvalidInput as error:
        return Absent(f"the reference can't be read: {error}")
    segments = evidence.transcript.segments
    laid, _ = lay_out(cues, segments)
    at = dict(zip((segment.id for segment in segments), laid, strict=True))
    texts = {line.id: at[line.id] for line in evidence.lines}
    if not any(texts.values()):
        return Absent("the reference has no line where this title speaks")
    if _taken_from(texts, evidence):
        return Absent("the lines were taken from the reference itself: it isn't independent")
    return texts


def _taken_from(texts: dict[str, str], evidence: Evidence) -> bool:
    """Whether the lines that come from a script come from this one."""
    scripted = [line for line in evidence.lines if line.method == "script" and texts[line.id]]
    language = evidence.target_language
    ours = [word for line in scripted for word in tokens(line.text, language)]
    theirs = [word for line in scripted for word in tokens(texts[line.id], language)]
    if not ours:
        return False
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio() >= _SAME
