"""The title that faults are put into: at least 5 minutes and 80 lines, spoken by one person.

Both scripts lie beside it, so that what the dub says doesn't depend on a translator's version.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from tests.media.catalog import Line, Sample
from tests.media.make import make_sample, place_lines, sample_digest, script

LINES = Path(__file__).with_name("lines.csv")


@dataclass(frozen=True)
class Cue:
    """A line in both languages."""

    es: str
    en: str


def read_cues() -> list[Cue]:
    """The title's lines, in order."""
    with LINES.open(encoding="utf-8", newline="") as stream:
        return [Cue(**row) for row in csv.DictReader(stream)]


def spanish_title(name: str, voice: str, cues: list[Cue], pause_ms: int = 1600) -> Sample:
    """A Spanish sample that says these lines and is to be dubbed into English."""
    return Sample(
        name=name,
        title=f"{len(cues)} lines, Spanish with both scripts, to English",
        source="es",
        target="en",
        voices={"": voice},
        bed_below_db=9.0,
        lines=tuple(Line(cue.es, pause_ms) for cue in cues),
        demo=False,
    )


def make_title(folder: Path, sample: Sample, cues: list[Cue]) -> Path:
    """Write the video and its two scripts, unless they are there; returns the video."""
    folder.mkdir(parents=True, exist_ok=True)
    video, stamp = folder / f"{sample.name}.mp4", folder / f".{sample.name}.digest"
    digest = sample_digest(sample)
    if video.exists() and stamp.exists() and stamp.read_text() == digest:
        return video
    make_sample(folder, sample)
    said = script(sample, place_lines(sample))
    for cue in cues:
        said = said.replace(f"\n{cue.es}\n", f"\n{cue.en}\n")
    video.with_suffix(".en.srt").write_text(said, encoding="utf-8")
    stamp.write_text(digest)
    return video
