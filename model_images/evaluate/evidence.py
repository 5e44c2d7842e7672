"""What metrics look at: the encoded deliverable, its stems, and the documents behind them.

Everything is loaded when it is first asked for, and once. Sound stays in files: read spans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from airdub.faces import Faces
from airdub.languages import parse_language
from airdub.lips import Lips
from airdub.media import MediaFacts
from airdub.metrics import NOT_APPLICABLE
from airdub.metrics import Value as Number
from airdub.speech import SpeechSpans
from airdub.timing import FitPlan
from airdub.timing.plan import Placement
from airdub.transcript import Action, Lines, Segment, Take, Takes, Transcript
from airdub.units import CLOCK_HZ
from model_images.common.ffmpeg import BITEXACT, file_url, input_arguments, run_ffmpeg
from model_images.evaluate.protocol import Absent, Measured, Value
from model_images.runner.context import StageContext

Found = TypeVar("Found")


@dataclass(frozen=True)
class DubbedLine:
    """A line that the dub must say.

    Attributes:
        text: what it says, in the target language; empty where nothing was translated.
        placement: when; None when it was never spoken.
        take: the spoken line; None when there is none.
        method: engine that wrote the text (`script`: taken from one).
    """

    segment: Segment
    text: str
    placement: Placement | None
    take: Take | None
    method: str = ""

    @property
    def id(self) -> str:
        """The segment's id."""
        return self.segment.id

    @property
    def seconds(self) -> float:
        """How much dialogue it stands for: its place in the dub, or in the source without one."""
        span = self.placement or self.segment
        return (span.end - span.start) / CLOCK_HZ


class Evidence:
    """One finished dub.

    Attributes:
        source_language, target_language: BCP-47.
        progress: called with (done, total, unit).
        scratch: folder for temporary files; removed with the attempt.
    """

    def __init__(
        self, context: StageContext, *, source_language: str, target_language: str
    ) -> None:
        self.source_language = parse_language(source_language, where="source_language")
        self.target_language = parse_language(target_language, where="target_language")
        self.progress = context.progress
        self.scratch = context.scratch
        self._context = context
        self._made: dict[Callable[[Evidence], Any], Any] = {}

    def has(self, name: str) -> bool:
        """Whether an optional input (`reference`) is there."""
        return self._context.has_input(name)

    def path(self, name: str) -> Path:
        """An input's file: `deliverable`, `source`, `dialogue_stem`, `background`, ..."""
        return self._context.input(name)

    def sha256(self, name: str) -> str:
        """An input's hash: a key for `remember`."""
        return self._context.request.inputs[name].sha256

    def take_file(self, take: Take) -> Path:
        """The take's WAV: 48 kHz, mono."""
        return self._context.fetch(take.audio)

    def once(self, analyse: Callable[[Evidence], Found]) -> Found:
        """An analysis that several metrics share; computed once per evaluation."""
        if analyse not in self._made:
            self._made[analyse] = analyse(self)
        found: Found = self._made[analyse]
        return found

    def remember(self, key: dict[str, Any], compute: Callable[[], Any]) -> Any:
        """A JSON value that is the same for the same key in any evaluation by this engine version.

        Args:
            key: everything that may change the value, hashes of samples or files included.
        """
        known = self._context.notes.get(key)
        if known is None:
            known = self._context.notes.put(key, compute())
        return known

    # documents

    @cached_property
    def facts(self) -> MediaFacts:
        """The source's streams, rates and duration."""
        return self._context.document("facts", MediaFacts)

    @cached_property
    def transcript(self) -> Transcript:
        """What the source says."""
        return self._context.document("transcript", Transcript)

    @cached_property
    def plan(self) -> FitPlan:
        """When every line is spoken."""
        return self._context.document("placements", FitPlan)

    @cached_property
    def takes(self) -> Takes:
        """The spoken lines as they were mixed."""
        return self._context.document("takes", Takes)

    @property
    def stock_speakers(self) -> frozenset[str]:
        """Who isn't to sound like himself: he agreed to no copy of his voice."""
        return frozenset(self.takes.without_consent)

    @cached_property
    def speech(self) -> SpeechSpans:
        """Where the source speaks, by the voice activity detector."""
        return self._context.document("speech", SpeechSpans)

    @cached_property
    def faces(self) -> Faces:
        """Who is on screen in the source."""
        return self._context.document("faces", Faces)

    @cached_property
    def lips(self) -> Lips:
        """Which frames lip-sync changed."""
        return self._context.document("lips", Lips)

    @cached_property
    def lines(self) -> tuple[DubbedLine, ...]:
        """Every line that the dub must say, in the order of the source; never fewer."""
        written = {line.segment_id: line for line in self._context.document("lines", Lines).lines}
        placed = {placement.segment_id: placement for placement in self.plan.placements}
        takes = {take.segment_id: take for take in self.takes.takes}
        return tuple(
            DubbedLine(
                segment,
                line.text.strip() if line else "",
                placed.get(segment.id),
                takes.get(segment.id),
                line.method if line else "",
            )
            for segment in self.transcript.segments
            if segment.action is Action.DUB
            for line in (written.get(segment.id),)
        )

    @property
    def placed_lines(self) -> tuple[DubbedLine, ...]:
        """Those that have a place in the dub."""
        return tuple(line for line in self.lines if line.placement is not None)

    # sound

    @cached_property
    def dub_sound(self) -> Path:
        """The deliverable's dubbed track as a viewer hears it: decoded, 48 kHz float WAV.

        Sample 0 is the first frame of the picture; it is as long as the picture.
        """
        length = self.facts.duration_ticks
        path = self.scratch / "dub.wav"
        aligned = (
            f"aresample={CLOCK_HZ}:async=1:first_pts=0:min_comp=0.000001:min_hard_comp=0.025,"
            f"apad=whole_len={length},atrim=end_sample={length}"
        )
        arguments = [*input_arguments(self.path("deliverable")), "-map", "0:a:0", "-af", aligned]
        arguments += ["-c:a", "pcm_f32le", *BITEXACT, "-map_metadata", "-1"]
        run_ffmpeg(
            [*arguments, "-rf64", "auto", "-f", "wav", file_url(path)],
            what="decoding the deliverable's dub",
            where="deliverable",
            length_ticks=length,
            report=self.progress,
        )
        return path

    # answers

    def coverage(self, ids: Iterable[str]) -> float:
        """Share (0..1) of dialogue seconds that these lines stand for; 0 without any line."""
        scored = set(ids)
        seconds = {line.id: line.seconds for line in self.lines}
        total = sum(seconds.values())
        return (
            min(1.0, sum(s for id_, s in seconds.items() if id_ in scored) / total)
            if total
            else 0.0
        )

    def of_lines(
        self,
        values: Mapping[str, Number | Absent],
        combine: Callable[[list[float]], float],
        *,
        nothing: str = "no line could be measured",
    ) -> Measured:
        """The answer of a metric of lines.

        Args:
            values: by segment id; a line may be `not_applicable`.
            combine: makes the title's value from those of the lines that have one.
            nothing: the reason when none has.
        """
        scored = {id_: value for id_, value in values.items() if not isinstance(value, Absent)}
        numbers = [float(value) for value in scored.values() if value != NOT_APPLICABLE]
        title: Value | Absent = Absent(nothing)
        if scored:
            number = float(combine(numbers)) if numbers else NOT_APPLICABLE
            title = Value(number, len(scored), self.coverage(scored))
        lines = {
            id_: value if isinstance(value, Absent) else Value(_plain(value))
            for id_, value in values.items()
        }
        return Measured(title, lines)


def _plain(value: Number) -> Number:
    """A number of numpy's as Python's."""
    return value if isinstance(value, str) else float(value)
