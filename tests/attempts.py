"""A title through all of its attempts without Airflow: stages, evaluate, the gate, repairs.

`python -m tests.attempts VIDEO --from es --to en --store DIR` prints what each attempt was judged.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from airdub.artifacts import ArtifactStore
from airdub.gates import GateProfile, judge, load_gates
from airdub.judging import Settlement, settle
from airdub.metrics import MetricTable
from airdub.profiles import load_profile
from airdub.repair import Attempt, attempt_run_id, ladders_of
from airdub.timing import FitPlan
from tests.chain import Chain


@dataclass(frozen=True)
class Judged:
    """An attempt: its stages, what it was judged, and what follows."""

    chain: Chain
    attempt: Attempt
    settlement: Settlement


def attempts(chain: Chain, until: str = "evaluate") -> Iterator[Judged]:
    """Attempt after attempt, until one is published or people must decide."""
    gates = load_gates(load_profile(chain.order.profile).gates, chain.order.target_language)
    ladders = ladders_of(chain.order, chain.present, chain.environment)
    earlier: list[Attempt] = []
    while True:
        chain.run_all(until)
        latest = judged(chain, gates)
        settlement = settle(latest, earlier, gates, ladders)
        yield Judged(chain, latest, settlement)
        if settlement.plan is None:
            return
        earlier.append(latest)
        chain = chain.repaired(settlement.plan)


def judged(chain: Chain, gates: GateProfile) -> Attempt:
    """The finished chain's attempt."""
    table = MetricTable.model_validate_json(chain.path("metrics").read_bytes())
    number = chain.order.attempt
    return Attempt(
        run_id=attempt_run_id("run", number),
        plan=chain.order.repair,
        verdict=judge(gates, table.plain(), table.fingerprint, attempt=number),
        rows=table.plain(),
        timing=FitPlan.model_validate_json(chain.path("placements").read_bytes()),
    )


def main() -> None:
    """Dub one video and print every verdict."""
    parser = argparse.ArgumentParser(prog="python -m tests.attempts", description=__doc__)
    parser.add_argument("video", type=Path)
    parser.add_argument("--from", dest="source", required=True)
    parser.add_argument("--to", dest="target", required=True)
    parser.add_argument("--store", type=Path, required=True)
    chosen = parser.parse_args()
    store = ArtifactStore(str(chosen.store.absolute()))
    for one in attempts(Chain.begin(chosen.video, (chosen.source, chosen.target), store)):
        print(f"attempt {one.attempt.number}: {one.settlement.verdict.decision}")
        for name, run in one.chain.runs.items():
            print(f"  {name:14} {'cached' if run.cached else f'{run.wall_s:6.2f} s'}")
        for reason in one.settlement.verdict.reasons:
            print(f"  {'reason' if reason.blocking else 'note'}: {reason.text}")
        for line in one.settlement.plan.lines if one.settlement.plan else ():
            print(f"  next: {line.model_dump_json(exclude_defaults=True)}")


if __name__ == "__main__":
    main()
