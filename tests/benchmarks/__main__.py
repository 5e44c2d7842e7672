"""Speed and memory of every stage, and Airflow's overhead per task. `make bench` runs all of it.

Stages run one after the other by the real runner, without Airflow, in a fresh store. Airflow's
part is read from the runs that the local Airflow has made: run `make demo` before.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import mean, median

from airdub.artifacts import ArtifactStore
from airdub.settings import load_settings
from airdub.stages import STAGES
from tests.benchmarks.airflow_overhead import Overhead, read_overheads
from tests.benchmarks.loops import loop
from tests.benchmarks.memory import MemoryWatch, Peak
from tests.chain import Chain
from tests.media.catalog import SAMPLES
from tests.media.containers import describe
from tests.media.make import make

REQUIRED_RTF = 2.0
REQUIRED_GROWTH = 1.25
REQUIRED_OVERHEAD_S = 4.0


def run_stages(
    video: Path, languages: tuple[str, str], folder: Path
) -> dict[str, tuple[float, Peak]]:
    """Seconds (process start included) and peak memory of every stage, from nothing."""
    with tempfile.TemporaryDirectory(dir=folder) as store:
        chain = Chain.begin(video, languages, ArtifactStore(store))
        found = {}
        for stage in STAGES:
            memory = MemoryWatch()
            run = chain.run(stage, watch=memory.watch)
            found[stage] = (run.wall_s, memory.result())
            print(f"    {stage}: {run.wall_s:.1f} s", flush=True)
        return found


def speed(folder: Path, names: list[str]) -> bool:
    """Print real-time factors of samples; whether all keep the requirement."""
    kept = True
    for sample in SAMPLES:
        if sample.name not in names:
            continue
        video = folder / f"{sample.name}.mp4"
        length_s = describe(video)["duration_s"]
        size = "x".join(map(str, sample.size))
        print(f"\n{sample.name}: {length_s:.1f} s, {size}, {sample.source} -> {sample.target}")
        times = {stage: s for stage, (s, _) in _stages_of(sample.name, folder).items()}
        for stage, seconds in times.items():
            print(f"  {stage:14} {seconds:7.2f} s   RTF {seconds / length_s:5.3f}")
        rtf = sum(times.values()) / length_s
        kept &= rtf <= REQUIRED_RTF
        print(f"  {'in all':14} {sum(times.values()):7.2f} s   RTF {rtf:5.3f}   "
              f"{_verdict(rtf <= REQUIRED_RTF, f'<= {REQUIRED_RTF:g}')}")  # fmt: skip
    return kept


def _stages_of(name: str, folder: Path) -> dict[str, tuple[float, Peak]]:
    sample = next(sample for sample in SAMPLES if sample.name == name)
    return run_stages(folder / f"{name}.mp4", (sample.source, sample.target), folder)


def memory(folder: Path, name: str, minutes: tuple[float, float]) -> bool:
    """Print peak memory of a short and a long video; whether all stages keep the requirement."""
    sample = next(sample for sample in SAMPLES if sample.name == name)
    peaks = []
    for length in minutes:
        video, length_s = loop(folder / f"{name}.mp4", length, folder)
        print(f"\n{name} looped to {length_s:.0f} s")
        stages = run_stages(video, (sample.source, sample.target), folder)
        rtf = sum(seconds for seconds, _ in stages.values()) / length_s
        print(
            f"  RTF in all {rtf:.3f} (a line that comes again is spoken once: speed is told above)"
        )
        peaks.append({stage: peak for stage, (_, peak) in stages.items()})
    print(
        f"\npeak memory, MB: own at {minutes[0]:g} and {minutes[1]:g} minutes (with mapped files)"
    )
    kept = True
    for stage in STAGES:
        short, long = peaks[0][stage], peaks[1][stage]
        growth = long.own / max(short.own, 1.0)
        kept &= growth <= REQUIRED_GROWTH
        print(
            f"  {stage:14} {short.own:7.0f} -> {long.own:7.0f}   x {growth:4.2f}   "
            f"({short.resident:.0f} -> {long.resident:.0f})   "
            f"{_verdict(growth <= REQUIRED_GROWTH, f'<= {REQUIRED_GROWTH:g}')}"
        )
    return kept


def overhead() -> bool:
    """Print Airflow's overhead per task of the newest runs; whether its mean is as required."""
    settings = load_settings()
    store = ArtifactStore(settings.store_url)
    rows = read_overheads(settings.var / "airflow" / "airflow.db", store)
    if not rows:
        print("\nAirflow: NOT MEASURED, no finished runs found; `make demo` makes some")
        return False
    print(f"\nAirflow's overhead per task, seconds, over {len({r.run_id for r in rows})} runs")
    computed, cached = ([r for r in rows if r.cached == state] for state in (False, True))
    _print_overheads("computed", computed)
    _print_overheads("cached", cached)
    average_s = mean(row.overhead_s for row in computed or cached)
    good = average_s <= REQUIRED_OVERHEAD_S
    print(f"  mean {average_s:.2f} s   {_verdict(good, f'<= {REQUIRED_OVERHEAD_S:g}')}")
    return good


def _print_overheads(title: str, rows: list[Overhead]) -> None:
    if not rows:
        return
    for stage in STAGES:
        mine = [row for row in rows if row.task_id.rpartition(".")[2] == stage]
        if mine:
            seconds = [row.overhead_s for row in mine]
            print(
                f"  {title:9} {stage:14} median {median(seconds):5.2f}  max {max(seconds):5.2f}  "
                f"(stage {median(row.stage_s for row in mine):.2f}, "
                f"slot {median(row.waited_s for row in mine):.2f})"
            )


def _verdict(good: bool, wanted: str) -> str:
    return f"ok ({wanted})" if good else f"NOT REACHED ({wanted})"


def main() -> int:
    """Run the chosen parts; 1 when a requirement isn't kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", choices=["speed", "memory", "overhead"], nargs="+")
    parser.add_argument("--samples", nargs="+", default=["maria", "apollo"], help="for speed")
    parser.add_argument("--memory-sample", default="apollo")
    parser.add_argument("--minutes", nargs=2, type=float, default=(1.0, 10.0))
    chosen = parser.parse_args()
    parts = chosen.only or ["speed", "memory", "overhead"]
    folder = load_settings().var / "bench"
    good = True
    if {"speed", "memory"} & set(parts):
        make(folder, lambda line: print(line, flush=True))
    if "speed" in parts:
        good &= speed(folder, chosen.samples)
    if "memory" in parts:
        good &= memory(folder, chosen.memory_sample, tuple(chosen.minutes))
    if "overhead" in parts:
        good &= overhead()
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
