"""Readable planner inputs: rows in milliseconds."""

from __future__ import annotations

from typing import Any

from airdub.artifacts import ArtifactRef
from airdub.timing import FitPlan, plan_fit
from airdub.transcript import Action, Phoneme, Segment, Take
from airdub.units import TICKS_PER_MS

AUDIO = ArtifactRef(key="take.wav", sha256="0" * 64, bytes=44, media_type="audio/wav")


def ticks(milliseconds: float) -> int:
    """Exact ticks of a length in ms."""
    return int(milliseconds * TICKS_PER_MS)


def segment(
    number: int, speaker: str, start_ms: float, end_ms: float, action: str = "dub"
) -> Segment:
    """A source line."""
    return Segment(
        id=f"s{number:04d}",
        speaker=speaker,
        start=ticks(start_ms),
        end=ticks(end_ms),
        action=Action(action),
        text="text",
    )


def take(
    number: int,
    natural_ms: float,
    length_ms: float | None = None,
    phonemes: tuple[tuple[str, float, float], ...] = (),
) -> Take:
    """A take, spoken at its natural rate unless a length is given."""
    length = ticks(length_ms if length_ms is not None else natural_ms)
    return Take(
        segment_id=f"s{number:04d}",
        voice="voice",
        audio=AUDIO,
        length=length,
        natural_length=ticks(natural_ms),
        rate=ticks(natural_ms) / length,
        phonemes=tuple(
            Phoneme(symbol=symbol, start=ticks(start), end=ticks(end))
            for symbol, start, end in phonemes
        ),
    )


def plan_case(case: dict[str, Any]) -> FitPlan:
    """The plan of a golden case (see `golden/*.json`; times in ms)."""

    def spans(name: str) -> list[tuple[int, int]] | None:
        rows = case.get(name)
        return None if rows is None else [(ticks(start), ticks(end)) for start, end in rows]

    return plan_fit(
        [segment(*row) for row in case["segments"]],
        [
            take(*row[:3], tuple(map(tuple, row[3])) if len(row) > 3 else ())
            for row in case["takes"]
        ],
        duration=ticks(case["duration"]),
        scenes=[ticks(scene) for scene in case.get("scenes", [])],
        on_screen=spans("on_screen"),
        speech=spans("speech"),
    )
