"""Measuring a finished dub against its source: one report of numbers, nothing judged."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from airdub.lips import Lips
from airdub.timing.plan import FitPlan
from airdub.units import ticks_to_seconds
from tests.media import containers, pictures, signals
from tests.media.pictures import Comparison

_MAX_LAG = 4800  # samples: 100 ms
_DRIFT_S = 1.5  # of light on a face; among 1 .. 2 s this told right from wrong shifts best


def report(
    source: Path,
    deliverable: Path,
    *,
    dialogue_stem: Path | None = None,
    mix: Path | None = None,
    bed: Path | None = None,
    lips: Path | None = None,
    placements: Path | None = None,
    picture: bool = True,
) -> dict[str, Any]:
    """Measure what the given files allow.

    Args:
        dialogue_stem: the placed dialogue alone, 48 kHz.
        mix: the mix before it was encoded.
        bed: the true background.
        lips, placements: documents of the lipsync and mix stages.
        picture: compare the frames too.
    """
    found: dict[str, Any] = {"container": container(source, deliverable)}
    found["loudness"] = containers.loudness(deliverable)
    if dialogue_stem and bed:
        found["background"] = background(deliverable, mix, dialogue_stem, bed)
    if placements:
        found["placements"] = placement_facts(FitPlan.model_validate_json(placements.read_bytes()))
    if picture:
        changed = Lips.model_validate_json(lips.read_bytes()) if lips else None
        voice = dialogue_stem or deliverable
        found |= picture_report(source, deliverable, voice, changed)
    return found


def container(source: Path, deliverable: Path) -> dict[str, Any]:
    """Frames, durations, streams, chapters, faststart, and whether the original track was copied.

    `original_track` is the deliverable's audio stream whose packets are those of the source's
    first audio stream; None when there is none.
    """
    before, after = containers.describe(source), containers.describe(deliverable)
    original = containers.packet_hashes(source, 0)
    tracks = sum(stream["type"] == "audio" for stream in after["streams"])
    copies = (i for i in range(tracks) if containers.packet_hashes(deliverable, i) == original)
    return {
        "source": before,
        "deliverable": after,
        "frames_equal": before["frames"] == after["frames"],
        "duration_difference_s": after["duration_s"] - before["duration_s"],
        "chapters_equal": before["chapters"] == after["chapters"],
        "original_track": next(copies, None),
        "faststart": containers.is_faststart(deliverable),
    }


def background(
    deliverable: Path, mix: Path | None, dialogue_stem: Path, bed: Path
) -> dict[str, float]:
    """SI-SDR of the sound minus the placed dialogue against the true background, dB.

    Of the deliverable's first track as it decodes (the encoder's noise is in it), and of the mix
    before encoding. Both are aligned within 100 ms; the lags are told in samples.
    """
    sounds = {"deliverable": containers.decode_audio(deliverable)}
    if mix:
        sounds["mix"] = _read(mix)
    voice, truth = _read(dialogue_stem), _read(bed)
    found: dict[str, float] = {}
    for name, sound in sounds.items():
        lag = signals.best_lag(sound.mean(axis=1), voice.mean(axis=1), _MAX_LAG)
        length = min(len(sound), len(truth))
        aligned = signals.shifted(sound, -lag, length)
        placed = signals.shifted(voice, 0, length)
        found[f"{name}_si_sdr_db"] = signals.background_si_sdr_db(
            aligned, placed, truth[:length, : sound.shape[1]]
        )
        found[f"{name}_lag"] = lag
    return found


def _read(wav: Path) -> NDArray[np.float64]:
    samples, rate_hz = soundfile.read(wav, always_2d=True)
    if rate_hz != containers.RATE_HZ:
        raise ValueError(f"{wav} has {rate_hz} Hz, not {containers.RATE_HZ}")
    return np.asarray(samples)


def placement_facts(plan: FitPlan) -> dict[str, Any]:
    """Lines, greatest rate, overflow, overlap of a speaker with himself, what lies past the end."""
    placed = sorted(plan.placements, key=lambda line: line.start)
    ends: dict[str, int] = {}
    overlap = 0
    for line in placed:
        overlap += max(0, ends.get(line.speaker, 0) - line.start)
        ends[line.speaker] = max(ends.get(line.speaker, 0), line.end)
    return {
        "lines": len(placed),
        "greatest_rate": max((float(line.rate) for line in placed), default=None),
        "overflow_s": ticks_to_seconds(sum(line.overflow for line in placed)),
        "self_overlap_s": ticks_to_seconds(overlap),
        "past_end_s": ticks_to_seconds(max(0, max(ends.values(), default=0) - plan.duration)),
        "unspoken": list(plan.unspoken),
    }


def picture_report(
    source: Path, deliverable: Path, voice: Path, lips: Lips | None
) -> dict[str, Any]:
    """What changed outside the mouths, what in untouched frames, and how the mouths follow."""
    compared = pictures.compare(source, deliverable)
    sound = containers.decode_audio(voice).mean(axis=1)
    envelope = signals.speech_envelope(sound, containers.RATE_HZ)
    found = {
        "outside_mouth": spread(compared.outside_db) | {"masked_share": compared.masked_share},
        "frames_with_faces": sum(count > 0 for count in compared.faces),
        "sync": {
            "landmarks": sync(compared, compared.lips, envelope),
            "mouth_inside": sync(compared, compared.inside, envelope, drift_s=_DRIFT_S),
        },
    }
    if lips:
        changed = np.zeros(lips.frames, bool)
        for first, end in lips.changed:
            changed[first:end] = True
        untouched = [db for db, hit in zip(compared.whole_db, changed, strict=True) if not hit]
        found["untouched_frames"] = {"frames": len(untouched), **spread(untouched)}
    return found


def sync(
    compared: Comparison,
    measure: dict[int, dict[int, float]],
    envelope: NDArray[np.float64],
    drift_s: float | None = None,
) -> dict[str, float] | None:
    """Lagged correlation of the mouths with the speech; None when no mouth was seen."""
    if not measure:
        return None
    result = signals.lagged_correlation(
        compared.mouth(measure), np.array(compared.times_s), envelope, drift_s=drift_s
    )
    return {**asdict(result), "margin": result.margin}


def spread(values: list[float]) -> dict[str, Any]:
    """Least, first percentile and mean PSNR of the frames that differ, and how many don't."""
    differing = np.array([value for value in values if np.isfinite(value)])
    found: dict[str, Any] = {"identical_frames": len(values) - len(differing)}
    if len(differing):
        found |= {
            "min_db": float(differing.min()),
            "p1_db": float(np.percentile(differing, 1)),
            "mean_db": float(differing.mean()),
        }
    return found
