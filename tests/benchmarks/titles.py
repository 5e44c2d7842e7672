"""Titles of many lines with both scripts beside them: what the dub says doesn't depend on a
translator's version.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from tests.media.catalog import Line, Sample
from tests.media.make import make_sample, place_lines, sample_digest, script


@dataclass(frozen=True)
class Cue:
    """A line in both languages."""

    es: str
    en: str


def read_cues(file: Path) -> list[Cue]:
    """A title's lines, in order."""
    with file.open(encoding="utf-8", newline="") as stream:
        return [Cue(**row) for row in csv.DictReader(stream)]


def scripted(
    name: str, voice: str, cues: list[Cue], source: str = "es", pause_ms: int = 1600
) -> Sample:
    """A sample that says these lines and is to be dubbed into the other language."""
    return Sample(
        name=name,
        title=f"{len(cues)} lines with both scripts",
        source=source,
        target="en" if source == "es" else "es",
        voices={"": voice},
        bed_below_db=9.0,
        lines=tuple(Line(getattr(cue, source), pause_ms) for cue in cues),
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
        said = said.replace(
            f"\n{getattr(cue, sample.source)}\n", f"\n{getattr(cue, sample.target)}\n"
        )
    video.with_suffix(f".{sample.target}.srt").write_text(said, encoding="utf-8")
    stamp.write_text(digest)
    return video
