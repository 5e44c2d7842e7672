"""Translate: what shall be said instead of each segment, and whether it is short enough."""

from __future__ import annotations

from collections.abc import Sequence

from airdub.errors import InvalidInput
from airdub.languages import parse_language
from airdub.model import Document
from airdub.subtitles.encodings import decode
from airdub.transcript import Action, Line, Lines, Segment, Transcript
from model_images.common.espeak import count_syllables
from model_images.runner.context import StageContext
from model_images.translate.budget import is_over, slots, syllable_budget
from model_images.translate.cleaning import clean, fold
from model_images.translate.glossary import Protected, Term, protect, read_glossary, restore, unmet
from model_images.translate.protocol import Job, Translator

_MAX_CHARS = 5_000


class Parameters(Document):
    """Parameters of the stage; languages are BCP-47."""

    source_language: str
    target_language: str


def run(context: StageContext) -> None:
    """Write `lines`: one for each segment that isn't kept as it is."""
    parameters = Parameters.model_validate(context.parameters)
    transcript = context.document("transcript", Transcript)
    spoken = [segment for segment in transcript.segments if segment.action is not Action.KEEP]
    _refuse_endless(spoken)
    glossary = _glossary(context, parameters.source_language)
    texts = _translate(context, parameters, transcript, spoken, glossary)
    lines = _lines(spoken, texts, transcript, parameters.target_language, context)
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


def _refuse_endless(segments: Sequence[Segment]) -> None:
    for segment in segments:
        if len(segment.text) > _MAX_CHARS:
            raise InvalidInput(
                f"the segment has {len(segment.text)} characters",
                where=f"transcript, {segment.id}, text",
                remedy=f"split it: at most {_MAX_CHARS} characters are translated at once",
            )


def _glossary(context: StageContext, language: str) -> tuple[Term, ...]:
    if not context.has_input("glossary"):
        return ()
    path = context.input("glossary")
    text, _ = decode(path.read_bytes(), name=path.name, language=language)
    return read_glossary(text, name=path.name)


def _translate(
    context: StageContext,
    parameters: Parameters,
    transcript: Transcript,
    segments: Sequence[Segment],
    glossary: Sequence[Term],
) -> list[str]:
    engine: Translator = context.load_engine()  # type: ignore[assignment]
    sources = [fold(segment.text) for segment in segments]
    protected = [
        protect(source, glossary) if engine.KEEPS_TERMS else Protected(source, ())
        for source in sources
    ]
    job = Job(
        segments=segments,
        texts=[one.text for one in protected],
        source_language=parameters.source_language,
        target_language=parameters.target_language,
        duration=transcript.duration,
        target_script=context.input("target_script")
        if context.has_input("target_script")
        else None,
        warn=context.warn,
    )
    made = engine.translate(job)
    texts = [
        clean(restore(text, terms), source)
        for text, terms, source in zip(made, protected, sources, strict=True)
    ]
    for segment, source, text in zip(segments, sources, texts, strict=True):
        for term in unmet(source, text, glossary):
            context.warn(f"{segment.id}: {term.source!r} is not {term.target!r} in {text[:80]!r}")
    return texts


def _lines(
    segments: Sequence[Segment],
    texts: Sequence[str],
    transcript: Transcript,
    language: str,
    context: StageContext,
) -> tuple[Line, ...]:
    lines = []
    places = slots(segments, transcript.duration)
    for done, (segment, text, slot) in enumerate(zip(segments, texts, places, strict=True), 1):
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
                method=context.request.engine.name,
            )
        )
        context.progress(done, len(segments), "lines")
    return tuple(lines)
