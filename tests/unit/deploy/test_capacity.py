"""The capacity that docs/operating.md plans with follows from what was measured."""

from __future__ import annotations

import re

from airdub.settings import PROJECT
from airdub.stages import STAGES

OPERATING = " ".join((PROJECT / "docs/operating.md").read_text().split())
ONCE = ("probe", "extract_audio", "track_faces", "separate", "transcribe")
"""Stages whose results all languages of a title share."""


def test_the_core_hours_are_those_of_the_benchmarks() -> None:
    measured = (PROJECT / "docs/benchmarks.md").read_text()
    lengths = [
        float(length) for length in re.findall(r"(?:maria|apollo), ([\d.]+) s", measured)[:2]
    ]
    rows = re.findall(r"^\| (\w+) \| ([\d.]+) s \| ([\d.]+) s \|$", measured, re.MULTILINE)
    seconds = {stage: [float(one) for one in both] for stage, *both in rows}
    assert set(seconds) == set(STAGES)

    def core_hours(stages: set[str]) -> list[str]:
        """For an hour of content, by sample."""
        sums = (
            sum(seconds[stage][sample] * STAGES[stage].resources.cpus for stage in stages) / length
            for sample, length in enumerate(lengths)
        )
        return [f"{one:.1f}" for one in sorted(sums)]

    once, each = core_hours(set(ONCE)), core_hours(set(STAGES) - set(ONCE))
    said = f"{once[0]} to {once[1]} core hours once, and {each[0]} to {each[1]} for each language"
    assert said in OPERATING
    nodes = 33 * (float(once[1]) + 3 * float(each[1])) / (24 * 0.7 * 8)
    assert f"33 × ({once[1]} + 3 × {each[1]}) ÷ (24 × 0.7 × 8) = {nodes:.1f}:" in OPERATING


def test_the_memory_of_a_triggerer_is_that_of_the_benchmarks() -> None:
    measured = re.search(
        r"without work, with 5 pods, with 500 \| \d+ MB, \d+ MB, (\d+) MB",
        (PROJECT / "docs/benchmarks.md").read_text(),
    )
    assert measured
    rounded = f"{round(int(measured[1]), -1)} MB"
    assert f"one triggerer watches 500 pods in {rounded}" in OPERATING
    assert (
        f"one triggerer holds 500 in {rounded}" in (PROJECT / "deploy/helm/values.yaml").read_text()
    )
