"""A fault does what it says, where it says, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from airdub.timing import FitPlan
from airdub.timing.plan import Placement
from airdub.transcript import Segment, Transcript
from airdub.units import CLOCK_HZ
from tests.benchmarks.faults import pictures, sounds
from tests.benchmarks.faults.__main__ import table
from tests.benchmarks.faults.sounds import Dub

LINES = 6
LENGTH = 2 * CLOCK_HZ


def make_dub() -> Dub:
    """Six two-second tones of different pitch, one second apart, over a stereo bed."""
    rng = np.random.default_rng(0)
    duration = LINES * (LENGTH + CLOCK_HZ)
    stem = np.zeros(duration, np.float32)
    placements = []
    for number in range(LINES):
        start = number * (LENGTH + CLOCK_HZ)
        time = np.arange(LENGTH) / CLOCK_HZ
        stem[start : start + LENGTH] = 0.3 * np.sin(2 * np.pi * (200 + 50 * number) * time)
        placements.append(
            Placement(
                segment_id=f"s{number:04}",
                speaker="speaker_1",
                start=start,
                take_length=LENGTH,
                natural_length=LENGTH,
                stretched_length=LENGTH,
                source_start=start,
                source_end=start + LENGTH,
            )
        )
    plan = FitPlan(duration=duration, placements=tuple(placements))
    segments = tuple(
        Segment(id=line.segment_id, start=line.start, end=line.end, text="Hola.")
        for line in placements
    )
    transcript = Transcript(language="es", duration=duration, method="script", segments=segments)
    bed = rng.normal(0, 0.01, (duration, 2)).astype(np.float32)
    mix = bed + stem[:, None] * np.array([0.7, 0.7], np.float32)
    return Dub.of(mix, stem, stem.copy(), plan, transcript)


def changed(before: Dub, after: Dub) -> set[str]:
    """Lines whose part of the stem isn't what it was."""
    return {
        line.segment_id
        for line in before.plan.placements
        if not np.array_equal(before.said(line), after.said(line))
    }


def test_the_dialogue_is_taken_out_of_the_mix_again() -> None:
    dub = make_dub()
    assert dub.pan == pytest.approx([0.7, 0.7], abs=0.01)
    assert np.abs(dub.bed).max() < 0.08


@pytest.mark.parametrize(
    ("fault", "size"),
    [
        (sounds.swapped, 1),
        (sounds.missing, 2),
        (sounds.cut_end, 0.3),
        (sounds.clipping, 6),
        (sounds.garbled, 73),
        (sounds.wrong_language, 1),
    ],
)
def test_a_fault_of_the_voice_is_in_the_lines_that_it_names(
    fault: sounds.Fault, size: float
) -> None:
    before, after = make_dub(), make_dub()
    named = fault(after, np.random.default_rng(1), size)
    assert set(named) == changed(before, after) != set()
    assert not np.array_equal(before.mix(), after.mix())


def test_delivery_faults_leave_the_stem_alone() -> None:
    clean = make_dub()
    for fault, size in ((sounds.audio_shift, 40), (sounds.quiet, 12), (sounds.mono, 1)):
        dub = make_dub()
        fault(dub, np.random.default_rng(1), size)
        assert not changed(clean, dub)
    shifted = make_dub()
    sounds.audio_shift(shifted, np.random.default_rng(1), 40)
    late = 40 * CLOCK_HZ // 1000
    assert np.array_equal(shifted.mix()[late:], clean.mix()[:-late])
    single = make_dub()
    sounds.mono(single, np.random.default_rng(1), 1.0)
    assert np.allclose(single.mix()[:, 0], single.mix()[:, 1], atol=1e-6)


def test_clipping_flattens_the_peaks_and_keeps_the_level() -> None:
    dub = make_dub()
    before = make_dub()
    (line_id,) = sounds.clipping(dub, np.random.default_rng(1), 6)
    line = next(line for line in dub.plan.placements if line.segment_id == line_id)
    assert dub.level(line) == pytest.approx(before.level(line), rel=0.01)
    said = np.abs(dub.said(line))
    assert np.mean(said > 0.999 * said.max()) > 0.4


def test_a_leak_is_as_loud_as_it_says() -> None:
    before, dub = make_dub(), make_dub()
    (line_id,) = sounds.leak(dub, np.random.default_rng(1), 12)
    line = next(line for line in dub.plan.placements if line.segment_id == line_id)
    left = (dub.bed - before.bed)[line.source_start : line.source_end, 0]
    wanted = before.level(line) * 0.7 * 10 ** (-12 / 20)
    assert np.sqrt(np.mean(left**2)) == pytest.approx(wanted, rel=0.01)


def test_a_pasted_mouth_follows_the_nose_and_leaves_the_rest() -> None:
    rng = np.random.default_rng(2)
    donor = rng.integers(0, 255, (120, 120, 3)).astype(np.uint8)
    picture = np.full_like(donor, 90)
    there = np.zeros((200, 2), np.float32) + 60
    there[pictures._MOUTH[0]] = (40, 60)
    there[pictures._MOUTH[1]] = (80, 70)
    pasted = pictures.paste(picture, donor, there + 3, there)
    assert np.array_equal(pasted[:10], picture[:10])
    assert np.abs(pasted[66:70, 60:66].astype(int) - donor[63:67, 57:63]).mean() < 3


def test_the_table_tells_the_smallest_size_seen_and_who_was_blamed(tmp_path: Path) -> None:
    rows = [
        {"size": 1, "found": [], "wrong": ["s1"], "blamed": [], "remarked": []},
        {
            "size": 2,
            "found": ["line_energy"],
            "wrong": ["s1", "s2"],
            "blamed": ["s1", "s9"],
            "remarked": ["mix_word_error_rate"],
        },
    ]
    for row in rows:
        (tmp_path / f"missing-{row['size']:g}.json").write_text(json.dumps(row))
    assert len({row.count("|") for row in table(tmp_path).splitlines()}) == 1
    (line,) = [line for line in table(tmp_path).splitlines() if line.startswith("| missing")]
    assert line == "| missing | 2 lines | 1 | line_energy | 1 of 2 | 1 | mix_word_error_rate |"
