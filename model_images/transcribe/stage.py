"""Transcribe: who says what, when."""

from __future__ import annotations

from airdub.errors import InvalidInput
from airdub.languages import parse_language
from airdub.media import MediaFacts
from airdub.model import Document
from airdub.speech import SpeechSpans
from airdub.transcript import Action, Transcript
from model_images.runner.context import StageContext
from model_images.transcribe.protocol import Job, Transcriber


class Parameters(Document):
    """Parameters of the stage: the spoken language, BCP-47."""

    source_language: str


def run(context: StageContext) -> None:
    """Write `transcript`.

    Raises:
        InvalidInput: nothing is said that could be dubbed.
    """
    language = parse_language(Parameters.model_validate(context.parameters).source_language)
    facts = context.document("facts", MediaFacts)
    engine: Transcriber = context.load_engine()  # type: ignore[assignment]
    segments = engine.transcribe(
        Job(
            audio=context.input("mono_16k"),
            facts=facts,
            speech=context.document("speech", SpeechSpans),
            dialogue=context.input("dialogue") if context.has_input("dialogue") else None,
            script=context.input("script") if context.has_input("script") else None,
            language=language,
            scratch=context.scratch,
            warn=context.warn,
            progress=context.progress,
        )
    )
    dubbed = sum(segment.action is Action.DUB for segment in segments)
    if not dubbed:
        raise InvalidInput(
            f"{context.request.engine.name} found no speech to dub",
            where="the video's sound, or the script beside it",
            remedy="check that somebody speaks in it, or put a script beside the video",
        )
    context.write_document(
        "transcript",
        Transcript(
            language=language,
            duration=facts.duration_ticks,
            method=context.request.engine.name,
            segments=segments,
        ),
    )
    context.count(n_scored=dubbed, n_skipped=len(segments) - dubbed)
    context.measure("speakers", len({segment.speaker for segment in segments}))
