"""What failed decides what changes: a failing line's next untried repair. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from math import ceil, floor

from airdub.repair.ladders import Ladders
from airdub.repair.plan import FASTEST_PERCENT, LineRepair
from airdub.timing import DEFAULT_LIMITS, FitPlan, Placement


class Remedy(Enum):
    """Kinds of changes to a line, in the order in which they are tried."""

    SHORTER = "a shorter line"
    NO_STRETCH = "no stretching"
    TEXT = "another translation"
    TAKE = "another take"


_HEARD = (Remedy.TAKE,)
_SOUND = (Remedy.NO_STRETCH, Remedy.TAKE)
_TIMED = (Remedy.SHORTER,)
_WRITTEN = (Remedy.TEXT,)

REMEDIES: dict[str, tuple[Remedy, ...]] = {
    "word_error_rate": _HEARD,
    "mix_word_error_rate": _HEARD,
    "language_match": _HEARD,
    "line_energy": _HEARD,
    "speaker_similarity": _HEARD,
    "pitch_distance": _HEARD,
    "mos": _SOUND,
    "dnsmos": _SOUND,
    "dnsmos_delta": _SOUND,
    "clipping": _SOUND,
    "overflow": _TIMED,
    "speech_rate": _TIMED,
    "self_overlap": _TIMED,
    "chrf": _WRITTEN,
    "numbers_kept": _WRITTEN,
    "names_kept": _WRITTEN,
    "untranslated_text": _WRITTEN,
}
"""By metric; others can't be repaired line by line."""

STAGES_TO_CHANGE = {
    "word_error_rate": "synthesize",
    "mix_word_error_rate": "synthesize",
    "language_match": "synthesize",
    "mos": "synthesize",
    "dnsmos": "convert_voice",
    "dnsmos_delta": "convert_voice",
    "speaker_similarity": "convert_voice",
    "pitch_distance": "convert_voice",
    "bleu": "translate",
    "chrf": "translate",
    "untranslated_text": "translate",
    "numbers_kept": "translate",
    "names_kept": "translate",
    "dialogue_to_background": "separate",
    "source_leak": "separate",
    "stereo_width": "separate",
    "lip_sync": "lipsync",
    "lip_lag": "lipsync",
    "mouth_fid": "lipsync",
    "mouth_motion": "lipsync",
    "silent_mouth_motion": "lipsync",
    "psnr": "lipsync",
    "ssim": "lipsync",
}
"""The stage whose next engine may help a title when no line can be helped, by metric."""

SHORTEST_FACTOR = 0.5
"""A line that says less than half is another line: people decide."""

_SHORTER_STILL = (1.0, 0.85, 0.7)
_UNMEASURED_FACTOR = 0.9
_ROUNDING = 1e-6  # 100 * 0.57 is a little less than 57


@dataclass(frozen=True)
class FailingLine:
    """A line that failed.

    Attributes:
        made: how it was made when it failed.
        metrics: what it failed.
        placement: where it lay then; None where that isn't known any more.
        shorten: wanted syllables over those it has, by the fit planner; None when it fitted.
    """

    made: LineRepair
    metrics: tuple[str, ...]
    placement: Placement | None = None
    shorten: float | None = None

    @classmethod
    def of(cls, made: LineRepair, metrics: tuple[str, ...], timing: FitPlan | None) -> FailingLine:
        """The line with what the plan of its attempt says of it."""
        name = made.segment_id
        placements = timing.placements if timing else ()
        entries = timing.shorten if timing else ()
        return cls(
            made,
            metrics,
            next((line for line in placements if line.segment_id == name), None),
            next((entry.factor for entry in entries if entry.segment_id == name), None),
        )

    @property
    def hurried(self) -> bool:
        """Whether it is spoken faster than is easily understood."""
        return self.placement is not None and self.placement.rate > DEFAULT_LIMITS.fastest


def next_repair(
    line: FailingLine, ladders: Ladders, tried: Collection[LineRepair]
) -> LineRepair | None:
    """The next thing to try; None when there is nothing left.

    Args:
        tried: how the line was made in all attempts so far (`LineRepair.changes`).
    """
    for candidate in _candidates(line, ladders):
        if candidate.changes not in tried:
            return candidate.model_copy(update={"metrics": line.metrics})
    return None


def _candidates(line: FailingLine, ladders: Ladders) -> Iterator[LineRepair]:
    wanted = {remedy for metric in line.metrics for remedy in REMEDIES.get(metric, ())}
    if Remedy.TAKE in wanted and line.hurried:
        wanted.add(Remedy.SHORTER)  # no voice is understood at that pace
    for remedy in Remedy:
        if remedy in wanted:
            yield from _WAYS[remedy](line, ladders)


def _shorter(line: FailingLine, ladders: Ladders) -> Iterator[LineRepair]:
    """The line in fewer syllables, by the next translation engine where that writes fewer."""
    same = (line.made.text_engine,) if ladders.shortens else ()
    engines = ladders.after("translate", line.made.text_engine) or same
    now = line.made.syllable_factor or 1.0
    for still in _SHORTER_STILL:
        percent = floor(100 * now * _wanted_factor(line) * still + _ROUNDING)
        factor = percent / 100
        factor = max(factor, SHORTEST_FACTOR)
        for engine in engines if factor < now else ():
            yield line.made.model_copy(update={"text_engine": engine, "syllable_factor": factor})


def _wanted_factor(line: FailingLine) -> float:
    """Syllables over present ones with which the line would fit at an easy rate."""
    if line.shorten is not None:
        return line.shorten
    if line.hurried and line.placement:
        return float(DEFAULT_LIMITS.fastest / line.placement.rate)
    return _UNMEASURED_FACTOR


def _unstretched(line: FailingLine, ladders: Ladders) -> Iterator[LineRepair]:
    """The take as it was spoken, at the rate that stretching gave it."""
    if line.placement is None or line.placement.stretch == 1:
        return
    percent = min(FASTEST_PERCENT, max(100, ceil(100 * line.placement.rate)))
    yield line.made.model_copy(update={"no_stretch": True, "rate_percent": percent})


def _other_text(line: FailingLine, ladders: Ladders) -> Iterator[LineRepair]:
    for engine in ladders.after("translate", line.made.text_engine):
        yield line.made.model_copy(update={"text_engine": engine})


def _other_take(line: FailingLine, ladders: Ladders) -> Iterator[LineRepair]:
    """Every take of the engine that speaks the rest, then those of the engines below it."""
    first = ladders.first("synthesize")
    for engine in ("", *ladders.after("synthesize")):
        for take in range(ladders.takes.get(engine or first, 1)):
            yield line.made.model_copy(
                update={"engine": engine, "take": take, "rate_percent": None}
            )


_WAYS = {
    Remedy.SHORTER: _shorter,
    Remedy.NO_STRETCH: _unstretched,
    Remedy.TEXT: _other_text,
    Remedy.TAKE: _other_take,
}
