"""All lines of a title through one engine, with the glossary's terms in their places."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from airdub.glossary import Term, overlaid, read_glossary
from airdub.requests import EngineRef
from airdub.subtitles.encodings import decode
from airdub.transcript import Segment
from model_images.runner.context import StageContext
from model_images.translate.cleaning import clean, fold
from model_images.translate.glossary import Protected, protect, restore, unmet
from model_images.translate.protocol import Job, Translator
from model_images.translate.repairs import Wording


class Desk:
    """A title to be translated, by one engine or another.

    Args:
        duration: of the title, ticks.
        segments: those that are not kept as they are.

    Attributes:
        glossary: the series' terms, and over them those of the file beside the video.
    """

    def __init__(self, context: StageContext, duration: int, segments: Sequence[Segment]) -> None:
        self.segments = segments
        self._context = context
        self._duration = duration
        self._sources = [fold(segment.text) for segment in segments]
        self.glossary = _glossary(context)

    def written(
        self, other: EngineRef | None = None, wanted: Collection[str] | None = None
    ) -> list[Wording]:
        """One wording per segment, its text "" where there is none.

        Args:
            other: the engine, if it isn't the request's own.
            wanted: ids of the segments to be translated; None: all.
        """
        engine: Translator = self._context.load_engine(other)  # type: ignore[assignment]
        asked = [wanted is None or segment.id in wanted for segment in self.segments]
        sources = [text if ask else "" for text, ask in zip(self._sources, asked, strict=True)]
        protected = [
            protect(source, self.glossary) if engine.KEEPS_TERMS else Protected(source, ())
            for source in sources
        ]
        made = engine.translate(self._job(protected))
        texts = [
            clean(restore(text, terms), source) if ask else ""
            for text, terms, source, ask in zip(made, protected, sources, asked, strict=True)
        ]
        self._tell_unmet(sources, texts)
        return [Wording(text, (other or self._context.request.engine).name) for text in texts]

    def _tell_unmet(self, sources: Sequence[str], texts: Sequence[str]) -> None:
        for segment, source, text in zip(self.segments, sources, texts, strict=True):
            for term in unmet(source, text, self.glossary):
                self._context.warn(
                    f"{segment.id}: {term.source!r} is not {term.target!r} in {text[:80]!r}"
                )

    def _job(self, protected: Sequence[Protected]) -> Job:
        context, script = self._context, "target_script"
        return Job(
            segments=self.segments,
            texts=[one.text for one in protected],
            terms=[one.terms for one in protected],
            source_language=context.parameters["source_language"],
            target_language=context.parameters["target_language"],
            duration=self._duration,
            target_script=context.input(script) if context.has_input(script) else None,
            warn=context.warn,
            progress=context.progress,
        )


def _glossary(context: StageContext) -> tuple[Term, ...]:
    series, film = (_terms(context, port) for port in ("series_glossary", "glossary"))
    return overlaid(series, film, name="the glossaries of the series and of the video")


def _terms(context: StageContext, port: str) -> tuple[Term, ...]:
    if not context.has_input(port):
        return ()
    path, language = context.input(port), str(context.parameters["source_language"])
    text, _ = decode(path.read_bytes(), name=path.name, language=language)
    return read_glossary(text, name=path.name)
