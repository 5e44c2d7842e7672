"""Titles for the mix stage: known bed, known source speech, known takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pydantic

from airdub.artifacts import ArtifactRef
from airdub.faces import Faces, Shot
from airdub.media import AudioFacts, MediaFacts, VideoFacts
from airdub.timing import FitPlan
from airdub.transcript import Action, Line, Lines, Segment, Take, Takes, Transcript
from model_images.common.pcm import Samples, read_info, read_span, write_wav
from model_images.mix.layouts import layout_of
from model_images.mix.stage import run
from model_images.runner.context import StageContext
from tests.builders import local_store, stage_context, stored
from tests.unit.model_images.mix.sounds import RATE_HZ, Signal

LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def facts(frames: int, channels: int) -> MediaFacts:
    """Facts of a video at 25 fps that lasts so many samples."""
    return MediaFacts(
        container="mp4",
        duration=f"{frames}/{RATE_HZ}",
        video=VideoFacts(
            index=0,
            codec="h264",
            width=64,
            height=64,
            frame_rate="25",
            time_base="1/25",
            frames=frames * 25 // RATE_HZ,
            pixel_format="yuv420p",
        ),
        audio=(
            AudioFacts(
                index=1,
                codec="aac",
                sample_rate_hz=RATE_HZ,
                channels=channels,
                layout=LAYOUTS[channels],
            ),
        ),
    )


@dataclass
class Title:
    """A title in the making.

    Attributes:
        background: (frames, channels).
        lines: (start, end, speaker, action, source speech or None, take or None), in samples.
    """

    background: Samples
    lines: Sequence[tuple[int, int, str, str, Signal | None, Signal | None]] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    faces: Faces | None = None

    @property
    def frames(self) -> int:
        return len(self.background)

    @property
    def channels(self) -> int:
        return self.background.shape[1]

    @property
    def dialogue(self) -> Samples:
        """The source's speech on the channels that carry it."""
        stem = np.zeros_like(self.background)
        voice = layout_of(LAYOUTS[self.channels], self.channels).voice
        for start, end, _, _, speech, _ in self.lines:
            if speech is not None:
                stem[start:end, voice] += speech[: end - start, None]
        return stem

    def transcript(self) -> Transcript:
        return Transcript(
            language="es",
            duration=self.frames,
            method="test",
            segments=tuple(
                Segment(
                    id=f"s{number:04d}",
                    start=start,
                    end=end,
                    speaker=speaker,
                    action=Action(action),
                    text=f"texto {number}",
                )
                for number, (start, end, speaker, action, _, _) in enumerate(self.lines, 1)
            ),
        )

    def takes(self, folder: Path) -> Takes:
        takes = []
        for number, (*_, signal) in enumerate(self.lines, 1):
            if signal is None:
                continue
            wav = folder / f"take-s{number:04d}.wav"
            write_wav(wav, signal, RATE_HZ, "PCM_16")
            takes.append(
                Take(
                    segment_id=f"s{number:04d}",
                    voice="test",
                    audio=stored(local_store(folder), wav.stem, wav),
                    length=len(signal),
                    natural_length=len(signal),
                )
            )
        return Takes(language="en", takes=tuple(takes))

    def mixed(self, folder: Path, stage: Callable[[StageContext], None] = run) -> Mixed:
        """Run the stage."""
        folder.mkdir(parents=True, exist_ok=True)
        inputs: dict[str, Path | pydantic.BaseModel] = {
            "facts": facts(self.frames, self.channels),
            "transcript": self.transcript(),
            "lines": Lines(
                source_language="es",
                target_language="en",
                lines=tuple(
                    Line(segment_id=f"s{number:04d}", text=f"text {number}")
                    for number in range(1, len(self.lines) + 1)
                ),
            ),
            "takes": self.takes(folder),
        }
        stems = {
            "background": self.background,
            "dialogue": self.dialogue,
            "original": self.background + self.dialogue,
        }
        for name, stem in stems.items():
            inputs[name] = folder / f"{name}.wav"
            write_wav(folder / f"{name}.wav", stem, RATE_HZ, "FLOAT")
        if self.faces:
            inputs["faces"] = self.faces
        context = stage_context(folder, "mix", "fit", self.parameters, inputs)
        stage(context)
        refs = context.store_outputs()
        return Mixed(folder, refs, context.measurements, context.warnings)


@dataclass
class Mixed:
    """What the stage made of a title."""

    folder: Path
    refs: dict[str, ArtifactRef]
    measurements: dict[str, Any]
    warnings: list[str]

    def path(self, name: str) -> Path:
        return local_store(self.folder).local_path(self.refs[name].key)

    def samples(self, name: str) -> Samples:
        return read_span(self.path(name), 0, read_info(self.path(name)).frames)

    def text(self, name: str) -> str:
        return self.path(name).read_text()

    @property
    def plan(self) -> FitPlan:
        return FitPlan.model_validate_json(self.path("placements").read_bytes())

    @property
    def gain(self) -> float:
        """The static gain as an amplitude."""
        return 10 ** (self.measurements["gain_db"] / 20)


def no_faces(frames: int) -> Faces:
    """One shot without a face."""
    pictures = frames * 25 // RATE_HZ
    return Faces(frames=pictures, shots=(Shot(first_frame=0, end_frame=pictures),))
