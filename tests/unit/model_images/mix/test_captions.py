"""Which lines are shown, and when."""

from __future__ import annotations

from airdub.timing import FitPlan, Placement
from airdub.transcript import Action, Kind, Line, Lines, Segment, Transcript
from model_images.mix.captions import SHORTEST, dub_captions, source_captions

DURATION = 480_000


def segment(number: int, start: int, end: int, action: Action, **fields: object) -> Segment:
    values = {"id": f"s{number:04d}", "start": start, "end": end, "action": action}
    return Segment.model_validate({"text": f"texto {number}"} | values | fields)


TRANSCRIPT = Transcript(
    language="es",
    duration=DURATION,
    method="test",
    segments=(
        segment(1, 96_000, 144_000, Action.DUB, speaker="ana", cue_start=90_000, cue_end=150_000),
        segment(2, 48_000, 90_000, Action.DUB),
        segment(3, 200_000, 300_000, Action.KEEP, kind=Kind.SONG),
        segment(4, 400_000, 500_000, Action.SUBTITLE, kind=Kind.ON_SCREEN_TEXT),
        segment(5, 310_000, 320_000, Action.KEEP, kind=Kind.EFFORT, text=""),
    ),
)
LINES = Lines(
    source_language="es",
    target_language="en",
    lines=tuple(
        Line(segment_id=f"s{number:04d}", text=text)
        for number, text in enumerate(["one", "two", " three ", "four", ""], 1)
    ),
)
PLAN = FitPlan(
    duration=DURATION,
    placements=(
        Placement(
            segment_id="s0001",
            speaker="ana",
            start=100_000,
            take_length=60_000,
            natural_length=60_000,
            stretched_length=50_000,
            source_start=96_000,
            source_end=144_000,
        ),
    ),
)


def test_dubbed_lines_have_the_dubs_times_and_others_the_sources() -> None:
    captions = dub_captions(TRANSCRIPT, LINES, PLAN)
    assert [(line.start, line.end, line.text) for line in captions] == [
        (100_000, 150_000, "one"),
        (200_000, 300_000, "three"),
        (400_000, DURATION, "four"),
    ]
    assert captions[0].speaker == "ana"


def test_source_lines_have_their_cues_times() -> None:
    captions = source_captions(TRANSCRIPT, DURATION)
    assert [(line.start, line.end, line.text) for line in captions] == [
        (90_000, 150_000, "texto 1"),
        (48_000, 90_000, "texto 2"),
        (200_000, 300_000, "texto 3"),
        (400_000, DURATION, "texto 4"),
    ]


def test_captions_have_time_to_be_laid_out_and_stay_inside_the_title() -> None:
    short = segment(1, DURATION - 10, DURATION, Action.DUB)
    late = segment(2, DURATION + 5, DURATION + 10, Action.DUB)
    transcript = Transcript(language="es", duration=DURATION, method="t", segments=(short, late))
    captions = source_captions(transcript, DURATION)
    assert [(line.start, line.end) for line in captions] == [(DURATION - SHORTEST, DURATION)]
