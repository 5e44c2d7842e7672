"""Every fault with its sizes, and how a damaged deliverable is made."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from airdub.faces import Faces
from airdub.media import MediaFacts
from airdub.timing import FitPlan
from airdub.transcript import Lines, Transcript
from airdub.units import CLOCK_HZ
from model_images.common.landmarks import Landmarks
from model_images.common.programs import run_program
from tests.benchmarks.faults import pictures, sounds
from tests.benchmarks.faults.pictures import Film
from tests.benchmarks.faults.sounds import Dub
from tests.chain import Chain


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    Attributes:
        sizes: from hardly there to gross.
        unit: of the sizes.
        sound, picture: what it does to the dub.
    """

    name: str
    sizes: tuple[float, ...]
    unit: str
    sound: sounds.Fault | None = None
    picture: Callable[..., Any] | None = None


FAULTS = (
    Fault("audio_shift", (10, 20, 40, 80, 160, 320), "ms", sounds.audio_shift),
    Fault("swapped", (1, 2, 4), "pairs", sounds.swapped),
    Fault("missing", (1, 2, 4), "lines", sounds.missing),
    Fault("cut_end", (0.1, 0.2, 0.35, 0.5), "of the line", sounds.cut_end),
    Fault("clipping", (3, 6, 12, 18), "dB", sounds.clipping),
    Fault("quiet", (0.4, 1, 3, 12), "LU (12: -35 LUFS)", sounds.quiet),
    Fault("mono", (0.25, 0.5, 1.0), "of the width lost", sounds.mono),
    Fault("leak", (24, 18, 12, 6, 0), "dB below the original", sounds.leak),
    Fault("wrong_language", (1, 2, 4), "lines", sounds.wrong_language),
    Fault("garbled", (400, 200, 100, 50), "ms pieces in disorder", sounds.garbled),
    Fault("frozen_mouth", (2, 4, 8, 16), "s", picture=pictures.frozen_mouth),
    Fault("blur", (0.7, 1.5, 3), "px, for 5 s", picture=pictures.blur),
    Fault("dropped_frames", (1, 5, 25), "frames", picture=pictures.dropped_frames),
    Fault("silent_face", (2, 6, 20, 60), "gaps between lines", picture=pictures.silent_face),
    Fault("lazy_dub", (0.25, 1.0), "of the lines by a robot"),
)
"""A lazy dub leaves the picture untouched and speaks with a robot's voice."""


@dataclass(frozen=True)
class Damaged:
    """A damaged dub's files, and which lines are wrong now (none: the whole title)."""

    deliverable: Path
    stem: Path | None
    segments: tuple[str, ...]


def damage(chain: Chain, fault: Fault, size: float, seed: int, folder: Path) -> Damaged:
    """A copy of the chain's deliverable with one fault."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, zlib.crc32(fault.name.encode())])
    if fault.picture:
        film = read_film(chain)
        edit, segments = fault.picture(film, rng, size)
        new = pictures.edited(film, edit, folder / "picture.mp4")
        return Damaged(with_picture(chain, new, folder), None, segments)
    dub = read_dub(chain)
    if fault.sound is None:
        texts = {line.segment_id: line.text for line in _document(chain, "lines", Lines).lines}
        sounds.robot(dub, texts, size)
        segments = tuple(line.segment_id for line in dub.plan.placements)  # no lip says the dub
        picture: Path | None = chain.path("source")
    else:
        segments, picture = fault.sound(dub, rng, size), None
    stem, mix = folder / "stem.wav", folder / "mix.wav"
    soundfile.write(stem, dub.stem, CLOCK_HZ, subtype="PCM_24")
    soundfile.write(mix, dub.mix(), CLOCK_HZ, subtype="FLOAT")
    return Damaged(with_sound(chain, mix, folder, picture), stem, segments)


def read_dub(chain: Chain) -> Dub:
    """The clean dub's sound."""
    mix, _ = soundfile.read(chain.path("mix"), dtype="float32", always_2d=True)
    stem, _ = soundfile.read(chain.path("dialogue_stem"), dtype="float32")
    source, _ = soundfile.read(chain.path("dialogue"), dtype="float32", always_2d=True)
    plan = _document(chain, "placements", FitPlan)
    transcript = _document(chain, "transcript", Transcript)
    return Dub.of(mix, stem, source.mean(axis=1), plan, transcript)


def read_film(chain: Chain) -> Film:
    """The clean dub's picture."""
    return Film(
        chain.path("deliverable"),
        _document(chain, "facts", MediaFacts),
        _document(chain, "faces", Faces),
        Landmarks(chain.path("landmarks")),
        _document(chain, "placements", FitPlan),
    )


def with_sound(chain: Chain, mix: Path, folder: Path, picture: Path | None) -> Path:
    """The deliverable with another dub, encoded as mux does; its picture's packets are copied."""
    output = folder / "deliverable.mp4"
    video = ["-i", str(picture)] if picture else ["-i", str(chain.path("deliverable"))]
    _ffmpeg(
        [*video, "-i", str(mix), "-i", str(chain.path("deliverable"))],
        ["-map", "0:v:0", "-map", "1:a", "-map", "2:a:1", "-c", "copy"],
        ["-c:a:0", "aac", "-b:a:0", "192k", "-movie_timescale", "48000"],
        output,
    )
    return output


def with_picture(chain: Chain, picture: Path, folder: Path) -> Path:
    """The deliverable with another picture; its sound's packets are copied."""
    output = folder / "deliverable.mp4"
    inputs = ["-i", str(picture), "-i", str(chain.path("deliverable"))]
    maps = ["-map", "0:v:0", "-map", "1:a:0", "-map", "1:a:1"]
    _ffmpeg(inputs, [*maps, "-c", "copy", "-movie_timescale", "48000"], [], output)
    return output


def _document(chain: Chain, name: str, model: Any) -> Any:
    return model.model_validate_json(chain.path(name).read_bytes())


def _ffmpeg(inputs: list[str], maps: list[str], codecs: list[str], output: Path) -> None:
    run_program(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", *inputs, *maps, *codecs, str(output)],
        what="making a damaged deliverable",
        where=output.name,
    )
