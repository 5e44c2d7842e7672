"""What chunks and Spark cost and gain: frames per second of both chunked stages against cores.

Each way (see `making`) makes the same frames by a process of its own, in turns. By default videos
of 30 s and 10 minutes at 512x512 are made, in a quarter of an hour on two quiet cores; `--sizes`
gives larger ones. Processor time stands beside the clock's: a busy machine changes it less. Exits
with 1 when a requirement isn't kept.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from airdub.settings import load_settings
from tests.benchmarks.chunks.specs import Spec
from tests.benchmarks.chunks.titles import SIZES, Video, faces_spec, lips_spec, video
from tests.benchmarks.chunks.ways import Cost, measure, typical
from tests.media.make import make

SPECS = {"track_faces": faces_spec, "lipsync": lips_spec}
LIMITS = {"track_faces": "decode", "lipsync": "encode"}
REQUIRED_SPEED_UP = 1.6
REQUIRED_OVERHEAD = 0.10
REQUIRED_GROWTH = 1.25

Costs = Mapping[str, Cost]


def measured(spec: Spec, ways: Sequence[str], turns: int, folder: Path) -> Costs:
    """The median of each way over some turns, and its greatest memory."""
    found: dict[str, list[Cost]] = defaultdict(list)
    for turn in range(turns):
        for way in ways:
            kept = turn == 0 and way == ways[-1]  # for lips_spec, which wants the faces
            found[way].append(measure(spec if kept else spec.again(), way, folder))
            print(f"      {way}: {found[way][-1]}, load {os.getloadavg()[0]:.1f}", flush=True)
    return {way: typical(costs) for way, costs in found.items()}


def tell(frames: int, costs: Costs) -> None:
    """Print a table."""
    for way, cost in costs.items():
        line = f"    {way:9} {cost.wall_s:7.1f} s {cost.cpu_s:7.1f} s cpu {cost.worker_mb:5.0f} MB"
        if not way.startswith("idle"):
            line += f"   {frames / cost.wall_s:6.1f} frames/s"
        if way.startswith("local"):
            line += f", {frames / beyond(costs, way).wall_s:.1f} beyond start-up"
        print(line)


def beyond(costs: Costs, way: str) -> Cost:
    """What a way of Spark's costs beyond its start and end."""
    cost, idle = costs[way], costs[way.replace("local", "idle")]
    return replace(cost, wall_s=cost.wall_s - idle.wall_s, cpu_s=cost.cpu_s - idle.cpu_s)


def verdicts(short: Costs, long: Costs, cores: Sequence[int]) -> bool:
    """Print what is required of a stage; whether all of it is kept."""
    plain, kept = long["plain"], True
    if 1 in cores:
        alone = beyond(long, "local[1]")
        print(f"    overhead on one core by the clock {alone.wall_s / plain.wall_s - 1:.2f}")
        overhead = alone.cpu_s / plain.cpu_s - 1
        kept &= _verdict("overhead on one core", overhead, REQUIRED_OVERHEAD)
    if 2 in cores:
        gain = plain.wall_s / long["local[2]"].wall_s
        kept &= _verdict("speed-up on two cores", gain, REQUIRED_SPEED_UP, least=True)
    most = f"local[{max(cores)}]"
    growth = long[most].worker_mb / short[most].worker_mb
    return kept & _verdict("growth of a worker's memory", growth, REQUIRED_GROWTH)


def _verdict(what: str, value: float, bound: float, *, least: bool = False) -> bool:
    good = value >= bound if least else value <= bound
    sign = ">=" if least else "<="
    print(f"    {what} {value:.2f}   {'ok' if good else 'NOT REACHED'} ({sign} {bound:g})")
    return good


def main() -> int:
    """Measure the chosen stages, sizes and lengths."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.chunks", description=__doc__)
    parser.add_argument("--stages", nargs="+", choices=SPECS, default=list(SPECS))
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["512x512"])
    parser.add_argument("--minutes", nargs="+", type=float, default=[0.5, 10.0])
    parser.add_argument("--cores", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--turns", nargs="+", type=int, default=[2, 1], help="for each length")
    chosen = parser.parse_args()
    folder = load_settings().var / "bench"
    make(folder, lambda line: print(line, flush=True), ("maria",))
    work = folder / "chunks"
    good = True
    for size in chosen.sizes:
        costs: dict[str, list[Costs]] = defaultdict(list)
        for minutes, turns in zip(chosen.minutes, chosen.turns, strict=True):
            work.mkdir(exist_ok=True)
            one = video(folder / "maria.mp4", size, minutes, work)
            for stage in chosen.stages:
                costs[stage].append(
                    _measure(stage, one, chosen.cores, turns, short=not costs[stage])
                )
            shutil.rmtree(work)
        for stage, found in costs.items():
            print(f"\n{stage}, {size}, at {chosen.minutes[-1]:g} minutes")
            good &= verdicts(found[0], found[-1], chosen.cores)
    return 0 if good else 1


def _measure(stage: str, one: Video, cores: Sequence[int], turns: int, *, short: bool) -> Costs:
    spec = SPECS[stage](one)
    print(f"\n{stage}, {one.path.stem}: {spec.frames} frames, {len(spec.jobs)} chunks", flush=True)
    ways = ["plain", *((LIMITS[stage], "chunks") if short else ())]
    ways += [f"{kind}[{count}]" for count in cores for kind in ("idle", "local")]
    costs = measured(spec, ways, turns, one.folder)
    tell(spec.frames, costs)
    return costs


if __name__ == "__main__":
    raise SystemExit(main())
