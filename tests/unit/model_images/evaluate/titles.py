"""Finished dubs for the metrics: known texts, known sound, a real encoded deliverable."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from soxr import resample

from airdub.faces import Faces, Shot
from airdub.lips import Lips
from airdub.media import MediaFacts
from airdub.model import Document
from airdub.speech import SpeechSpans
from airdub.timing import FitPlan
from airdub.timing.plan import Kept, Placement
from airdub.transcript import Action, Line, Lines, Segment, Take, Takes, Transcript
from model_images.common.landmarks import write_landmarks
from model_images.common.pcm import Samples, dialogue_channels, read_info, read_span, write_wav
from model_images.common.programs import run_program
from model_images.evaluate.evidence import Evidence
from model_images.runner.context import StageContext
from tests.builders import local_store, seconds, stage_context, stored
from tests.noise_clips import H264, ffmpeg, picture
from tests.unit.model_images.mix.sounds import RATE_HZ, Signal, noise, speech
from tests.unit.model_images.mix.titles import facts

FPS = 25


@cache
def spoken(text: str, voice: str = "rms") -> Signal:
    """English by flite: float32 (n,) at 48 kHz."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "said.wav"
        run_program(["flite", "-voice", voice, "-t", text, "-o", str(wav)], what="speaking")
        info = read_info(wav)
        samples = read_span(wav, 0, info.frames)[:, 0]
    return np.asarray(resample(samples, info.sample_rate_hz, RATE_HZ), np.float32)


@dataclass(frozen=True)
class Said:
    """One line of a title.

    Attributes:
        start_s: onset in the dub, and in the source unless `source_start_s` is another.
        take: float32 (n,) at 48 kHz: what the dub says; None: it is never spoken.
        original: the same of the source; by default synthetic bursts as long as the take, or 1 s.
        planned: samples that the plan gives the line; as many as the take has by default.
    """

    start_s: float
    text: str = "a line"
    source_text: str = "una línea"
    take: Signal | None = None
    original: Signal | None = None
    source_start_s: float | None = None
    planned: int | None = None
    speaker: str = "speaker_1"
    action: Action = Action.DUB

    @property
    def is_spoken(self) -> bool:
        return self.take is not None and self.action is Action.DUB

    @property
    def start(self) -> int:
        return seconds(self.start_s)

    @property
    def source_start(self) -> int:
        return self.start if self.source_start_s is None else seconds(self.source_start_s)

    @cached_property
    def source(self) -> Signal:
        if self.original is not None:
            return self.original
        return speech(RATE_HZ if self.take is None else len(self.take), seed=3)

    def segment(self, id_: str) -> Segment:
        return Segment(
            id=id_,
            start=self.source_start,
            end=self.source_start + len(self.source),
            speaker=self.speaker,
            action=self.action,
            text=self.source_text,
        )

    def placement(self, id_: str) -> Placement | None:
        if self.take is None or not self.is_spoken:
            return None
        return Placement(
            segment_id=id_,
            speaker=self.speaker,
            start=self.start,
            take_length=len(self.take),
            natural_length=len(self.take),
            stretched_length=self.planned or len(self.take),
            source_start=self.source_start,
            source_end=self.source_start + len(self.source),
        )


@dataclass
class Title:
    """A finished dub; every input of the stage is made from these.

    Attributes:
        background: (frames, channels); soft stereo noise by default.
        languages: spoken language and language of the dub.
        changes: inputs that replace the made ones, or come on top (`reference`): files, documents.
    """

    lines: Sequence[Said] = ()
    duration_s: float = 6.0
    background: Samples | None = None
    languages: tuple[str, str] = ("es", "en")
    changes: Mapping[str, Path | Document] = field(default_factory=dict)

    def evidence(self, folder: Path) -> Evidence:
        """What the metrics get to see."""
        source, target = self.languages
        return Evidence(self.context(folder), source_language=source, target_language=target)

    def context(self, folder: Path) -> StageContext:
        """The stage's context; inputs that are in `changes` aren't made."""
        folder.mkdir(parents=True, exist_ok=True)
        inputs: dict[str, Path | Document] = dict(self.changes)
        for name, document in self.documents(folder).items():
            inputs.setdefault(name, document)
        for name, samples in self.stems().items():
            if name not in inputs:
                inputs[name] = folder / f"{name}.wav"
                write_wav(folder / f"{name}.wav", samples, RATE_HZ, "FLOAT")
        if "mono_16k" not in inputs:
            inputs["mono_16k"] = folder / "mono_16k.wav"
            mono = resample(self.original.mean(axis=1), RATE_HZ, 16_000)
            write_wav(folder / "mono_16k.wav", mono, 16_000, "PCM_16")
        if "landmarks" not in inputs:
            inputs["landmarks"] = folder / "landmarks.npz"
            ticks = np.arange(self.frames, dtype=np.int64) * (RATE_HZ // FPS)
            write_landmarks(folder / "landmarks.npz", {}, 1 / 8, ticks)
        if "source" not in inputs:
            inputs["source"] = video(folder / "source.mp4", self.duration_s, self.original)
        if "deliverable" not in inputs:
            inputs["deliverable"] = video(folder / "deliverable.mp4", self.duration_s, self.mix)
        parameters = dict(zip(("source_language", "target_language"), self.languages, strict=True))
        return stage_context(folder, "evaluate", "metrics", parameters, inputs)

    @property
    def length(self) -> int:
        """Samples at 48 kHz."""
        return seconds(self.duration_s)

    @property
    def frames(self) -> int:
        """Pictures."""
        return round(self.duration_s * FPS)

    @cached_property
    def bed(self) -> Samples:
        """The background."""
        return noise(self.length, 2, 0.004) if self.background is None else self.background

    @cached_property
    def stem(self) -> Signal:
        """The dub's dialogue alone, (frames,)."""
        return _laid([(one.start, one.take) for one in self.dubbed], self.length)

    @cached_property
    def mix(self) -> Samples:
        """The dub as it goes into the deliverable, (frames, channels)."""
        return self.with_voice(self.stem)

    @cached_property
    def dialogue(self) -> Samples:
        """The source's dialogue alone, (frames, channels)."""
        return self.with_voice(self._source_voice) - self.bed

    @cached_property
    def original(self) -> Samples:
        """The source's sound, (frames, channels)."""
        return self.with_voice(self._source_voice)

    @property
    def dubbed(self) -> list[Said]:
        """Lines that are spoken in the dub."""
        return [one for one in self.lines if one.is_spoken]

    @property
    def _source_voice(self) -> Signal:
        return _laid([(one.source_start, one.source) for one in self.lines], self.length)

    def with_voice(self, voice: Signal) -> Samples:
        """The background with a voice, (frames,), on the channels where dialogue lies."""
        sound = self.bed.copy()
        sound[:, dialogue_channels(sound.shape[1])] += voice[:, None]
        return sound

    def stems(self) -> dict[str, Samples]:
        """Sound by input name, 48 kHz."""
        return {
            "original": self.original,
            "dialogue": self.dialogue,
            "background": self.bed,
            "dialogue_stem": self.stem,
        }

    def facts(self) -> MediaFacts:
        """As the probe stage would give them."""
        return facts(self.length, self.bed.shape[1])

    def documents(self, folder: Path) -> dict[str, Document]:
        """Documents by input name."""
        source, target = self.languages
        ids = [f"s{number:04d}" for number in range(1, len(self.lines) + 1)]
        segments = [one.segment(id_) for id_, one in zip(ids, self.lines, strict=True)]
        placed = [one.placement(id_) for id_, one in zip(ids, self.lines, strict=True)]
        whole = Shot(first_frame=0, end_frame=self.frames)
        return {
            "facts": self.facts(),
            "transcript": Transcript(
                language=source, duration=self.length, method="test", segments=tuple(segments)
            ),
            "lines": Lines(
                source_language=source,
                target_language=target,
                lines=tuple(
                    Line(segment_id=id_, text=one.text, method="test")
                    for id_, one in zip(ids, self.lines, strict=True)
                ),
            ),
            "takes": Takes(
                language=target,
                takes=tuple(
                    _take(id_, one, folder)
                    for id_, one in zip(ids, self.lines, strict=True)
                    if one.is_spoken
                ),
            ),
            "placements": FitPlan(
                duration=self.length,
                placements=tuple(placement for placement in placed if placement),
                kept=tuple(
                    Kept(segment_id=segment.id, start=segment.start, end=segment.end)
                    for segment in segments
                    if segment.action is not Action.DUB
                ),
                unspoken=tuple(
                    segment.id
                    for segment, placement in zip(segments, placed, strict=True)
                    if segment.action is Action.DUB and placement is None
                ),
            ),
            "speech": SpeechSpans(spans=_spans(segments), method="test"),
            "faces": Faces(frames=self.frames, shots=(whole,)),
            "lips": Lips(engine="none", frames=self.frames, reason="nobody is on screen"),
        }


def video(path: Path, duration_s: float, sound: Samples) -> Path:
    """A moving test picture, 64x64 at 25 fps, with this sound, (frames, channels) at 48 kHz."""
    wav = path.with_suffix(".sound.wav")
    write_wav(wav, sound, RATE_HZ, "FLOAT")
    moving = picture(str(FPS), duration_s, "64x64")
    options = (*H264, "-c:a", "aac", "-b:a", "256k")
    ffmpeg(*moving, "-i", wav, "-map", "0:v", "-map", "1:a", *options, path)
    return path


def _take(id_: str, one: Said, folder: Path) -> Take:
    assert one.take is not None
    wav = folder / f"take-{id_}.wav"
    write_wav(wav, one.take, RATE_HZ, "PCM_16")
    return Take(
        segment_id=id_,
        voice="test",
        audio=stored(local_store(folder), wav.stem, wav),
        length=len(one.take),
        natural_length=len(one.take),
    )


def _laid(parts: Sequence[tuple[int, Signal | None]], length: int) -> Signal:
    """Parts added up at their places; what lies beyond the end is cut."""
    sound = np.zeros(length, np.float32)
    for start, part in parts:
        if part is not None:
            piece = part[: max(0, length - start)]
            sound[start : start + len(piece)] += piece
    return sound


def _spans(segments: Sequence[Segment]) -> tuple[tuple[int, int], ...]:
    """Their times, run together where they overlap."""
    spans: list[tuple[int, int]] = []
    for start, end in sorted((segment.start, segment.end) for segment in segments):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return tuple(spans)
