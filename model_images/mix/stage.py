"""Dubbed lines placed in time, as loud as the originals, over the background: the final mix.

A source in mono, stereo or surround stays one; only the voice's channels change.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from airdub.errors import EngineFailed, InvalidInput
from airdub.faces import Faces
from airdub.media import MediaFacts
from airdub.speech import SpeechSpans
from airdub.timing import FitPlan, plan_fit, scene_cuts
from airdub.transcript import Lines, Takes, Transcript
from airdub.units import CLOCK_HZ, rescale, ticks_to_seconds
from model_images.common.pcm import read_info
from model_images.mix.captions import write_captions
from model_images.mix.layouts import layout_of
from model_images.mix.levels import source_levels
from model_images.mix.mastering import Delivery, Gating, Master, write_master
from model_images.mix.score import Score, Voice
from model_images.mix.voices import make_voice

if TYPE_CHECKING:
    from model_images.runner.context import StageContext


class Parameters(BaseModel):
    """Parameters of the stage.

    Attributes:
        target_lufs: loudness of the mix: -23 broadcast (EBU R 128), -16 web, -27 with
            `gating: dialogue` for streaming services.
        true_peak_dbtp: ceiling of the mix; leave 0.5 dB to the encoder.
        gating: `programme` measures as BS.1770 does, `dialogue` only where somebody speaks.
        max_gain_db: a title that would need more is left below the target, with a warning.
        no_stretch: ids of segments whose takes stay as they were spoken.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    target_lufs: float = Field(-23.0, ge=-40, le=-5)
    true_peak_dbtp: float = Field(-1.5, ge=-20, le=0)
    gating: Gating = "programme"
    max_gain_db: float = Field(20.0, ge=0)
    no_stretch: tuple[str, ...] = ()


def run(context: StageContext) -> None:
    """Plan, place and mix the lines of a title; write its stems, plan and subtitles."""
    parameters = _parameters(context)
    transcript = context.document("transcript", Transcript)
    lines = context.document("lines", Lines)
    facts = context.document("facts", MediaFacts)
    takes = context.document("takes", Takes)
    plan = make_plan(context, facts, transcript, takes, parameters.no_stretch)
    context.write_document("placements", plan)
    score = _make_score(context, facts, takes, plan)
    master = write_master(
        score,
        Delivery(
            target_lufs=parameters.target_lufs,
            ceiling_dbtp=parameters.true_peak_dbtp,
            gating=parameters.gating,
            max_gain_db=parameters.max_gain_db,
            speech=_spoken(plan),
        ),
        context.output("mix", ".wav"),
        context.output("dialogue_stem", ".wav"),
        context.progress,
    )
    write_captions(context, transcript, lines, plan, facts.video.rate or None)
    _report_plan(context, plan)
    _report_master(context, master, parameters)


def make_plan(
    context: StageContext,
    facts: MediaFacts,
    transcript: Transcript,
    takes: Takes,
    no_stretch: Collection[str] = (),
) -> FitPlan:
    """The fit plan of the request's takes; faces and detected speech make it finer."""
    faces = context.document("faces", Faces) if context.has_input("faces") else None
    speech = context.document("speech", SpeechSpans) if context.has_input("speech") else None
    plan = partial(
        plan_fit,
        transcript.segments,
        takes.takes,
        duration=facts.duration_ticks,
        scenes=scene_cuts(_cuts(faces, facts), transcript.segments) if faces else (),
        on_screen=faces.on_screen if faces else None,
        speech=speech.spans if speech else None,
    )
    if no_stretch:
        try:
            return plan(unstretched=frozenset(no_stretch))
        except InvalidInput as error:  # the title is full: stretched it fits, as it did before
            context.warn(f"lines that should keep their length are stretched after all: {error}")
    return plan()


def _parameters(context: StageContext) -> Parameters:
    try:
        return Parameters.model_validate(context.parameters)
    except ValidationError as error:
        raise InvalidInput(
            f"not the parameters of this stage: {error}",
            where="profile, stages.mix.parameters",
            remedy="see model_images/mix/stage.py for their names and ranges",
        ) from error


def _cuts(faces: Faces, facts: MediaFacts) -> list[int]:
    """Ticks at which shots begin; with a variable rate to about a frame, enough for scenes."""
    rate = facts.video.rate
    return [rescale(shot.first_frame, rate, CLOCK_HZ) for shot in faces.shots] if rate else []


def _make_score(context: StageContext, facts: MediaFacts, takes: Takes, plan: FitPlan) -> Score:
    stream = facts.dubbed_stream
    background, dialogue = context.input("background"), context.input("dialogue")
    expected = (CLOCK_HZ, stream.channels, plan.duration)
    for name, path in (("background", background), ("dialogue", dialogue)):
        info = read_info(path)
        found = (info.sample_rate_hz, info.channels, info.frames)
        if found != expected:
            raise EngineFailed(
                f"the stem has (rate, channels, samples) {found}, the title {expected}", where=name
            )
    layout = layout_of(stream.layout, stream.channels)
    audio = {take.segment_id: take.audio for take in takes.takes}
    levels = source_levels(dialogue, layout, plan.placements)
    voices: list[Voice] = []
    for placement, level in zip(plan.placements, levels, strict=True):
        take = context.fetch(audio[placement.segment_id])
        voices.append(make_voice(take, placement, level, context.scratch))
        context.progress(len(voices), len(levels), "lines")
    kept = [(span.start, span.end) for span in plan.kept]
    return Score(plan.duration, layout, background, dialogue, kept, voices)


def _spoken(plan: FitPlan) -> Sequence[tuple[int, int]]:
    """Where somebody speaks in the dub, in order."""
    return sorted((line.start, line.end) for line in (*plan.placements, *plan.kept))


def _report_plan(context: StageContext, plan: FitPlan) -> None:
    lines = plan.placements
    context.count(n_scored=len(lines), n_skipped=len(plan.unspoken))
    context.measure("lines", len(lines))
    context.measure("lines_moved", sum(line.shift != 0 for line in lines))
    context.measure("lines_stretched", sum(line.stretch != 1 for line in lines))
    context.measure("lines_to_shorten", len(plan.shorten))
    context.measure("max_rate", round(max((float(line.rate) for line in lines), default=1.0), 4))
    for name in ("borrowed", "overflow", "collision"):
        total = sum(getattr(line, name) for line in lines)
        context.measure(f"{name}_s", round(ticks_to_seconds(total), 3))
    if plan.unspoken:
        context.warn(f"{_some(plan.unspoken)}: no take, so nothing is spoken there")
    if plan.shorten:
        late = _some([entry.segment_id for entry in plan.shorten])
        context.warn(f"{late}: too long at the fastest allowed rate, other lines had to move")
    if colliding := [line.segment_id for line in lines if line.collision]:
        context.warn(f"{_some(colliding)}: overlaps another speaker, the title has no other room")


def _report_master(context: StageContext, master: Master, parameters: Parameters) -> None:
    measured = master.measured
    context.measure("gain_db", round(master.gain_db, 3))
    context.measure("true_peak_dbtp", round(measured.peak_dbtp, 2))
    context.measure("limited_s", round(ticks_to_seconds(measured.limited), 3))
    context.measure("deepest_limiting_db", round(measured.deepest_db, 2))
    if measured.lufs is None:
        context.warn(
            "the mix is silent, or has no speech to be measured by: its level is as it was"
        )
        return
    context.measure("loudness_lufs", round(measured.lufs, 2))
    if abs(measured.lufs - parameters.target_lufs) > 0.5:
        context.warn(
            f"loudness is {measured.lufs:.1f} LUFS where {parameters.target_lufs:g} was asked for:"
            " more gain would raise noise or flatten peaks"
        )


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
