"""Judged attempts from readable values: complete tables, the real judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airdub.gates import GateProfile, Threshold, judge
from airdub.metrics import TITLE, load_metrics
from airdub.repair import Attempt, Ladders, RepairPlan, plan_repair
from airdub.timing import FitPlan, Placement, Shorten
from airdub.units import CLOCK_HZ, ms_to_ticks

Values = Mapping[str, Mapping[str, float]]
"""By metric: the title's value and the lines'."""

LADDERS = Ladders(
    {
        "translate": ("script", "apertium"),
        "synthesize": ("flite", "espeak_ng"),
        "convert_voice": ("world", "none"),
        "separate": ("supplied", "repet"),
    },
    {"flite": 3, "espeak_ng": 1},
)

GATES = GateProfile(
    name="test",
    language="en",
    summary="for tests",
    attempts=4,
    thresholds=(
        Threshold(metric="word_error_rate", most=0.3, worst_most=0.5, on_fail="repair"),
        Threshold(metric="overflow", most=0.5, worst_most=0.5, on_fail="repair"),
        Threshold(metric="clipping", most=0.02, worst_most=0.2, on_fail="repair"),
        Threshold(metric="untranslated_text", most=0.2, worst_most=0.8, on_fail="repair"),
        Threshold(metric="source_leak", most=-10, on_fail="repair"),
        Threshold(metric="numbers_kept", least=1),
        Threshold(metric="psnr", least=35, on_fail="quarantine"),
    ),
)


def rows(values: Values, lines: Sequence[str], fingerprint: str) -> list[dict[str, Any]]:
    """A complete table; a metric that isn't given holds its bound on the title and all lines."""
    bounds = {one.metric: one for one in GATES.thresholds}
    table = []
    for name, spec in load_metrics().items():
        own = dict(values.get(name, {}))
        if name in bounds:
            edge = bounds[name].least if bounds[name].most is None else bounds[name].most
            own.setdefault(TITLE, float(edge or 0))
            for line in lines if spec.per_segment else ():
                own.setdefault(line, float(edge or 0))
        for scope in own or {TITLE: None}:
            value = own.get(scope)
            table.append(
                {
                    "metric": name,
                    "scope": scope,
                    "value": value,
                    "unit": spec.unit,
                    "direction": spec.direction.value,
                    "n_scored": 0 if value is None else len(lines) if scope == TITLE else 1,
                    "n_skipped": 0,
                    "coverage": 1.0,
                    "method": "test",
                    "version": "1",
                    "fingerprint": fingerprint,
                    "absent": "not measured here" if value is None else "",
                }
            )
    return table


def attempt(
    number: int,
    values: Values,
    plan: RepairPlan | None = None,
    *,
    lines: Sequence[str] = ("s0001", "s0002", "s0003"),
    timing: FitPlan | None = None,
    gates: GateProfile = GATES,
) -> Attempt:
    """An attempt as it was judged."""
    fingerprint = f"{number:064d}"
    table = rows(values, lines, fingerprint)
    return Attempt(
        run_id=f"run.a{number}" if number > 1 else "run",
        plan=plan,
        verdict=judge(gates, table, fingerprint, attempt=number),
        rows=table,
        timing=timing,
    )


def placed(times: Mapping[str, Mapping[str, float]]) -> FitPlan:
    """Lines at places of their own: natural, take and final length in ms, wanted share if too long.

    Args:
        times: by segment id `{"natural": 3000, "take": 2500, "final": 2400, "shorten": 0.8}`.
    """
    placements = [
        Placement(
            segment_id=name,
            speaker="speaker_1",
            start=10 * CLOCK_HZ * at,
            take_length=ms_to_ticks(time["take"]),
            natural_length=ms_to_ticks(time["natural"]),
            stretched_length=ms_to_ticks(time["final"]),
            source_start=10 * CLOCK_HZ * at,
            source_end=10 * CLOCK_HZ * at + ms_to_ticks(time["final"]),
        )
        for at, (name, time) in enumerate(times.items())
    ]
    shorten = [
        Shorten(segment_id=name, factor=time["shorten"], tolerance=0.1)
        for name, time in times.items()
        if "shorten" in time
    ]
    return FitPlan(
        duration=10 * CLOCK_HZ * len(times), placements=tuple(placements), shorten=tuple(shorten)
    )


def plan_case(case: Mapping[str, Any]) -> RepairPlan | None:
    """The plan of a golden case (see `golden/*.json`)."""
    attempts = [
        attempt(
            number,
            one["values"],
            RepairPlan.model_validate({"attempt": number, "based_on": "run", **one["plan"]})
            if "plan" in one
            else None,
            timing=placed(one["times"]) if "times" in one else None,
        )
        for number, one in enumerate(case["attempts"], 1)
    ]
    return plan_repair(attempts, GATES, LADDERS)
