"""A portrait that says two lines, dubbed: real pictures, faces as the pipeline tracks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from airdub.faces import Faces
from airdub.lips import ChangedFace, Lips
from airdub.model import Document
from model_images.common.pcm import write_wav
from model_images.evaluate.evidence import Evidence
from tests.builders import stage_context
from tests.media import film
from tests.talking_clips import FPS, STILL, Speech, actor, mono_16k, mouth, probed, speech
from tests.unit.model_images.evaluate.titles import Said, Title
from tests.unit.model_images.mix.sounds import RATE_HZ

Picture = NDArray[np.uint8]
Pictures = list[Picture]

SECONDS = 7
FRAMES = SECONDS * FPS
STARTS_S = (0.6, 4.2)
SOURCE = ("Buenos días a todos mis amigos", "hoy hablamos de la ciudad y del mar")
DUB = ("Good morning to my many old friends", "today we talk about the boats of the bay")


def said(texts: Sequence[str], language: str) -> list[Speech]:
    """Both lines."""
    return [speech(text, language) for text in texts]


def lips(texts: Sequence[str], language: str) -> NDArray[np.float64]:
    """Opening and width of a mouth that says both lines, (frames, 2)."""
    moves = np.tile(STILL, (FRAMES, 1))
    for one, start_s in zip(said(texts, language), STARTS_S, strict=True):
        alone = mouth(one, start_s, FRAMES)
        moves = np.where(np.abs(alone - STILL) > np.abs(moves - STILL), alone, moves)
    return moves


def _shot(moves: NDArray[np.float64], frames: Sequence[int] = range(FRAMES)) -> Pictures:
    """The portrait with these lips; its head moves in the same way whatever it says."""
    cast = actor(moves)
    return [np.ascontiguousarray(cast.frame(number)[40:, 76:436]) for number in frames]


@dataclass(frozen=True)
class Talk:
    """The clip, its faces, and dubs of it."""

    folder: Path

    @property
    def lines(self) -> tuple[Said, ...]:
        """Both lines in source and dub."""
        pairs = zip(STARTS_S, DUB, said(DUB, "en"), said(SOURCE, "es"), strict=True)
        return tuple(
            Said(
                start_s,
                text,
                take=dub.samples.astype(np.float32),
                original=source.samples.astype(np.float32),
            )
            for start_s, text, dub, source in pairs
        )

    @property
    def title(self) -> Title:
        """The dub's sound and documents."""
        return Title(self.lines, duration_s=SECONDS)

    @cached_property
    def source(self) -> Pictures:
        """The portrait speaks Spanish."""
        return _shot(lips(SOURCE, "es"))

    @cached_property
    def dub(self) -> Pictures:
        """Its lips speak English; all else is the same."""
        return _shot(lips(DUB, "en"))

    def frozen(self, first: int, end: int) -> Pictures:
        """The dub with lips that stand still in these frames."""
        still = _shot(np.tile(STILL, (FRAMES, 1)), range(first, end))
        return [*self.dub[:first], *still, *self.dub[end:]]

    def restless(self, first: int, end: int) -> Pictures:
        """The dub with lips that speak in these frames, as they do in its first second."""
        moves = lips(DUB, "en")
        at = round(STARTS_S[0] * FPS)
        moves[first:end] = np.resize(moves[at : at + FPS], (end - first, 2))
        return [*self.dub[:first], *_shot(moves, range(first, end)), *self.dub[end:]]

    @cached_property
    def clip(self) -> Path:
        """The source's file."""
        return self.written("source", self.source, self.title.original)

    @cached_property
    def inputs(self) -> dict[str, Path | Document]:
        """Facts, faces and landmarks of the source, as their stages give them."""
        from model_images.track_faces.stage import run as track

        facts = probed(self.clip, self.folder / "probe")
        inputs = {"source": self.clip, "facts": facts, "mono_16k": mono_16k(self.clip)}
        context = stage_context(self.folder / "track", "track_faces", "tflite", {}, inputs)
        track(context)
        outputs = context.store_outputs()
        faces = Faces.model_validate_json(context.fetch(outputs["faces"]).read_bytes())
        changed = ChangedFace(
            identity="face_1", speakers=("speaker_1",), rewritten=FRAMES, warped=0
        )
        return {
            "source": self.clip,
            "facts": facts,
            "faces": faces,
            "landmarks": context.fetch(outputs["landmarks"]),
            "lips": Lips(engine="test", frames=FRAMES, faces=(changed,)),
        }

    def written(self, name: str, pictures: Pictures, sound: NDArray[np.float32]) -> Path:
        """Pictures and sound as MP4."""
        wav, path = self.folder / f"{name}.wav", self.folder / f"{name}.mp4"
        write_wav(wav, sound, RATE_HZ, "FLOAT")
        height, width = pictures[0].shape[:2]
        film.encode(pictures, (width, height), wav, [], path)
        return path

    def evidence(
        self,
        name: str,
        deliverable: Pictures | Path,
        *,
        sound: NDArray[np.float32] | None = None,
        **changes: Path | Document,
    ) -> Evidence:
        """What the metrics see of a dub with this picture.

        Args:
            sound: of the deliverable; the dub's by default.
            changes: inputs that are others.
        """
        if not isinstance(deliverable, Path):
            deliverable = self.written(
                name, deliverable, self.title.mix if sound is None else sound
            )
        inputs = {**self.inputs, "deliverable": deliverable, **changes}
        return Title(self.lines, duration_s=SECONDS, changes=inputs).evidence(self.folder / name)
