"""Translate: what shall be said instead of each segment, and whether it is short enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from airdub.continuity.documents import ApprovedLines
from airdub.errors import InvalidInput
from airdub.languages import parse_language
from airdub.model import Document
from airdub.transcript import Action, Line, Lines, Segment, Transcript
from model_images.common.espeak import count_syllables
from model_images.runner.context import StageContext
from model_images.translate.approved import approved_wordings
from model_images.translate.budget import is_over, slots, syllable_budget
from model_images.translate.desk import Desk
from model_images.translate.glossary import unmet
from model_images.translate.repairs import LineChange, Wording, reworded

_MAX_CHARS = 5_000


class Parameters(Document):
    """Parameters of the stage; languages are BCP-47.

    Attributes:
        repairs: by segment id, how lines that failed are written.
    """

    source_language: str
    target_language: str
    repairs: dict[str, LineChange] = Field(default_factory=dict)


def run(context: StageContext) -> None:
    """Write `lines`: one for each segment that isn't kept as it is."""
    parameters = Parameters.model_validate(context.parameters)
    transcript = context.document("transcript", Transcript)
    spoken = [segment for segment in transcript.segments if segment.action is not Action.KEEP]
    _refuse_endless(spoken)
    _refuse_strangers(spoken, parameters)
    desk = Desk(context, transcript.duration, spoken)
    kept = _kept(context, desk)
    wordings = _repaired(desk, parameters, _first(desk, kept))
    lines = _lines(spoken, wordings, transcript, parameters.target_language, context)
    context.write_document(
        "lines",
        Lines(
            source_language=parse_language(parameters.source_language),
            target_language=parse_language(parameters.target_language),
            lines=lines,
        ),
    )
    context.count(n_scored=len(lines), n_skipped=len(transcript.segments) - len(lines))
    context.measure("lines_over_budget", sum(line.over_budget for line in lines))
    context.measure("lines_empty", sum(not line.text for line in lines))
    context.measure("lines_approved", len(kept))
    context.measure(
        "lines_breaking_glossary",
        sum(
            bool(unmet(segment.text, wording.text, desk.glossary))
            for segment, wording in zip(spoken, wordings, strict=True)
        ),
    )


def _refuse_endless(segments: Sequence[Segment]) -> None:
    for segment in segments:
        if len(segment.text) > _MAX_CHARS:
            raise InvalidInput(
                f"the segment has {len(segment.text)} characters",
                where=f"transcript, {segment.id}, text",
                remedy=f"split it: at most {_MAX_CHARS} characters are translated at once",
            )


def _refuse_strangers(segments: Sequence[Segment], parameters: Parameters) -> None:
    if unknown := parameters.repairs.keys() - {segment.id for segment in segments}:
        raise InvalidInput(
            f"there is a repair for {min(unknown)!r}, which is no spoken segment",
            where="repairs, segment_id",
            remedy="plan the repair for this transcript",
        )


def _kept(context: StageContext, desk: Desk) -> dict[str, Wording]:
    """By segment id, lines of the current release that this source still has."""
    if not context.has_input("approved"):
        return {}
    approved = context.document("approved", ApprovedLines)
    kept = approved_wordings(approved, desk.segments, desk.glossary)
    context.log.info(
        "%d of %d lines keep their approved translation", len(kept), len(desk.segments)
    )
    return kept


def _first(desk: Desk, kept: Mapping[str, Wording]) -> list[Wording]:
    """What is said before any repair: lines that were approved aren't translated anew."""
    wanted = {segment.id for segment in desk.segments} - kept.keys()
    made = desk.written(wanted=wanted)
    return [kept.get(segment.id, one) for segment, one in zip(desk.segments, made, strict=True)]


def _repaired(desk: Desk, parameters: Parameters, first: Sequence[Wording]) -> list[Wording]:
    """The wordings with those of repaired lines in their places; all others as they are."""
    repairs, language = parameters.repairs, parameters.target_language
    engines = {change.engine.name: change.engine for change in repairs.values() if change.engine}
    others = {
        name: desk.written(
            engine, {at for at, change in repairs.items() if change.engine == engine}
        )
        for name, engine in sorted(engines.items())
    }
    wordings = list(first)
    for at, segment in enumerate(desk.segments):
        if change := repairs.get(segment.id):
            other = others[change.engine.name][at] if change.engine else None
            wordings[at] = reworded(
                first[at], other, change, language, lambda text: count_syllables(text, language)
            )
    return wordings


def _lines(
    segments: Sequence[Segment],
    wordings: Sequence[Wording],
    transcript: Transcript,
    language: str,
    context: StageContext,
) -> tuple[Line, ...]:
    lines = []
    places = slots(segments, transcript.duration)
    for done, (segment, wording, slot) in enumerate(
        zip(segments, wordings, places, strict=True), 1
    ):
        text = wording.text
        if not text:
            context.warn(f"{segment.id} has no line in {language}: {segment.text[:60]!r}")
        syllables = count_syllables(text, language) if text else 0
        budget = syllable_budget(slot, language)
        lines.append(
            Line(
                segment_id=segment.id,
                text=text,
                syllables=syllables,
                syllable_budget=budget,
                over_budget=is_over(syllables, budget),
                method=wording.method,
            )
        )
        context.progress(done, len(segments), "lines")
    return tuple(lines)
