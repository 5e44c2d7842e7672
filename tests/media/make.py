"""Making the samples: speech, mouths, background, pictures, script and index."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import soundfile
from numpy.typing import NDArray

from airdub.languages import iso639_2t
from airdub.transcript import Phoneme
from airdub.units import CLOCK_HZ, TICKS_PER_MS
from model_images.common.programs import run_program
from tests.media import film, portrait, visemes
from tests.media.bed import background, rms_db
from tests.media.catalog import SAMPLES, Sample
from tests.media.speech import Spoken, speak

_TAIL_MS = 900
_CUE_LEAD_MS, _CUE_TAIL_MS = 120, 180
_SOURCES = ("still.py", "portrait.py", "visemes.py", "speech.py", "bed.py", "film.py", "make.py")


@dataclass(frozen=True)
class Placed:
    """A line at its place: `start` in ticks of the film."""

    speaker: str
    text: str
    start: int
    spoken: Spoken

    @property
    def end(self) -> int:
        """Tick after the last sample."""
        return self.start + len(self.spoken.samples)


def make(folder: Path, say: Callable[[str], None], names: tuple[str, ...] = ()) -> Path:
    """Write the samples that are missing or outdated, and the index. Returns the index.

    Args:
        say: called with one line of progress per sample.
        names: only these; all when empty.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [sample for sample in SAMPLES if not names or sample.name in names]
    missing = [sample for sample in chosen if not _is_made(folder, sample)]
    for sample in chosen:
        if sample not in missing:
            say(f"{sample.name}: already there")
    if missing:
        with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as workers:
            for line in workers.map(_make_and_stamp, [folder] * len(missing), missing):
                say(line)
    index = folder / "samples.json"
    rows = {"samples": [index_row(sample) for sample in chosen]}
    index.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    return index


def _make_and_stamp(folder: Path, sample: Sample) -> str:
    """Make one sample, in a process of its own; returns a line of progress."""
    stamp = _stamp_file(folder, sample)
    stamp.unlink(missing_ok=True)
    seconds = make_sample(folder, sample)
    stamp.write_text(sample_digest(sample))
    return f"{sample.name}: {sample.title}, {seconds:.1f} s"


def index_row(sample: Sample) -> dict[str, Any]:
    """What the demo and the tests need to know of a sample; paths are relative to the index."""
    stem = "me" if sample.stem_supplied else "bed"
    return {
        "name": sample.name,
        "title": sample.title,
        "source": f"{sample.name}.mp4",
        "script": f"{sample.name}.srt" if sample.scripted else None,
        "target_script": f"{sample.name}.{sample.target}.srt" if sample.dub_scripted else None,
        "from": sample.source,
        "to": sample.target,
        "speakers": len(sample.cast),
        "people": f"{sample.name}.people.json",
        "expected": "success",
        "stems": {stem: f"{sample.name}.{stem}.wav"},
        "supplied": ["background_stem"] if sample.stem_supplied else [],
    }


def sample_digest(sample: Sample) -> str:
    """sha256 of all that makes a sample: our sources, the programs' versions, the sample itself."""
    here = Path(__file__).parent
    digest = hashlib.sha256(repr(sample).encode())
    for name in (*_SOURCES, "portrait_points.csv"):
        digest.update((here / name).read_bytes())
    speakers = {voice.partition(":")[0] for voice in sample.voices.values()}
    for package in ("ffmpeg", *sorted({"espeak": "libespeak-ng1"}.get(s, s) for s in speakers)):
        command = ["dpkg-query", "-W", package]
        digest.update(run_program(command, what="asking for a version").stdout)
    for package in ("numpy", "scipy", "opencv-python-headless", "scikit-image"):
        digest.update(f"{package} {version(package)}".encode())
    return digest.hexdigest()


def _stamp_file(folder: Path, sample: Sample) -> Path:
    return folder / f".{sample.name}.digest"


def _is_made(folder: Path, sample: Sample) -> bool:
    row, stamp = index_row(sample), _stamp_file(folder, sample)
    named = ("source", "people", "script", "target_script")
    files = [*(row[name] for name in named), *row["stems"].values()]
    return (
        stamp.is_file()
        and stamp.read_text() == sample_digest(sample)
        and all((folder / name).is_file() for name in files if name)
    )


def make_sample(folder: Path, sample: Sample) -> float:
    """Write one sample's video, script and stem. Returns its length in seconds."""
    cv2.setNumThreads(1)  # one process per sample is parallel enough
    rng = np.random.default_rng(zlib.crc32(sample.name.encode()))
    lines = place_lines(sample)
    frames = -(-(max(line.end for line in lines) + _TAIL_MS * TICKS_PER_MS) // film.TICKS_PER_FRAME)
    length = frames * film.TICKS_PER_FRAME
    dialogue = mix_dialogue(sample, lines, length)
    voiced = np.concatenate([line.spoken.samples for line in lines])
    bed = background(length, rms_db(voiced) - sample.bed_below_db, rng, _chimes(sample, lines))
    stem = "me" if sample.stem_supplied else "bed"
    soundfile.write(folder / f"{sample.name}.{stem}.wav", bed, CLOCK_HZ, subtype="PCM_24")
    (folder / index_row(sample)["people"]).write_text(people(sample), encoding="utf-8")
    mix = folder / f".{sample.name}.mix.wav"
    soundfile.write(mix, dialogue + bed, CLOCK_HZ, subtype="PCM_24")
    if sample.scripted:
        (folder / f"{sample.name}.srt").write_text(script(sample, lines), encoding="utf-8")
    if sample.dub_scripted:
        dubbed = [
            replace(line, text=own.dub) for line, own in zip(lines, sample.lines, strict=True)
        ]
        path = folder / f"{sample.name}.{sample.target}.srt"
        path.write_text(script(sample, dubbed, sample.target), encoding="utf-8")
    tags = ["-metadata:s:a:0", f"language={iso639_2t(sample.source)}"]
    part = folder / f".{sample.name}.part.mp4"
    film.encode(shoot(sample, lines, frames, rng), sample.size, mix, tags, part)
    part.replace(folder / f"{sample.name}.mp4")
    mix.unlink()
    return length / CLOCK_HZ


def place_lines(sample: Sample) -> list[Placed]:
    """Say every line and put it after the one before."""
    placed: list[Placed] = []
    end = 0
    for line in sample.lines:
        spoken = speak(sample.voices[line.speaker], line.text)
        start = end + line.pause_ms * TICKS_PER_MS
        placed.append(Placed(line.speaker, line.text, start, spoken))
        end = max(end, placed[-1].end)
    return placed


def mix_dialogue(sample: Sample, lines: list[Placed], length: int) -> NDArray[np.float64]:
    """All lines in stereo; speakers of a cast of two sit a little left and right."""
    sides = dict.fromkeys(sample.cast, (1.0, 1.0))
    if len(sample.cast) == 2:
        sides = dict(zip(sample.cast, ((1.0, 0.8), (0.8, 1.0)), strict=True))
    sound = np.zeros((length, 2))
    for line in lines:
        sound[line.start : line.end] += line.spoken.samples[:, None] * sides[line.speaker]
    return sound


def script(sample: Sample, lines: list[Placed], language: str = "") -> str:
    """The SRT: cues a little longer than the speech, labels for a cast, one sound description."""
    spanish = (language or sample.source) == "es"
    cues = [(100, 500, "[música]" if spanish else "[music]")]
    for line in lines:
        start, end = line.start // TICKS_PER_MS, line.end // TICKS_PER_MS
        label = f"{line.speaker}: " if line.speaker else ""
        cues.append((max(start - _CUE_LEAD_MS, 0), end + _CUE_TAIL_MS, label + line.text))
    return "\n".join(
        f"{number}\n{_time_code(start)} --> {_time_code(end)}\n{text}\n"
        for number, (start, end, text) in enumerate(cues, 1)
    )


def people(sample: Sample) -> str:
    """Who made the sample's voices and faces: evidence that a dub of it uses nobody's."""
    made = {
        speaker or "speaker_1": {
            "voice": f"synthetic, by {voice}",
            "face": "drawn, by tests/media/portrait.py",
        }
        for speaker, voice in sample.voices.items()
    }
    statement = "Nobody is heard or seen in this film. Its makers agree that its voices are cloned "
    statement += "and its faces altered, in every language and everywhere."
    text = {"title": sample.name, "statement": statement, "people": made}
    return json.dumps(text, indent=1, ensure_ascii=False) + "\n"


def _time_code(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d},{ms:03d}"


def shoot(
    sample: Sample, lines: list[Placed], frames: int, rng: np.random.Generator
) -> Iterator[film.Image]:
    """The film's frames in order."""
    actors = [
        film.Actor(
            portrait=portrait.Portrait(disguised=number == 1),
            mouth=_mouth(lines, speaker, frames, rng),
            lids=film.blinks(frames, rng),
            sway=film.sway(frames, rng),
            mirrored=number == 1,
        )
        for number, speaker in enumerate(sample.cast)
    ]
    camera = film.Camera(*sample.size, rng)
    if len(actors) == 1:
        for number in range(frames):
            yield camera.shoot(actors[0].frame(number))
        return
    stage = film.Stage(*actors)
    cuts = _cuts(sample, lines)
    for number in range(frames):
        shot = next(shot for first, shot in reversed(cuts) if number >= first)
        yield camera.shoot(stage.frame(number, shot))


def _mouth(
    lines: list[Placed], speaker: str, frames: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Opening and width of one speaker's mouth per frame."""
    phonemes = [
        Phoneme(symbol=p.symbol, start=line.start + p.start, end=line.start + p.end)
        for line in lines
        if line.speaker == speaker
        for p in line.spoken.phonemes
    ]
    path = visemes.mouth_path(phonemes, frames * film.TICKS_PER_FRAME, rng)
    return visemes.at_frames(path, frames, film.TICKS_PER_FRAME)


def _cuts(sample: Sample, lines: list[Placed]) -> list[tuple[int, str]]:
    """(first frame, shot): a cut lies 200 ms before its first line."""
    lead = 200 * TICKS_PER_MS
    return [
        (0 if line == 0 else (lines[line].start - lead) // film.TICKS_PER_FRAME, shot)
        for line, shot in sample.shots
    ]


def _chimes(sample: Sample, lines: list[Placed]) -> tuple[int, ...]:
    """Bells of a music-and-effects stem: half a second before every cut but the first."""
    if not sample.stem_supplied:
        return ()
    return tuple(max(0, lines[line].start - CLOCK_HZ // 2) for line, _ in sample.shots[1:])
