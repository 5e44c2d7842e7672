"""What warming saves: requests of a stage one process each, against all of them in one process.

Both make the same work, of a short sample: what differs is how often Python starts and the engine
is loaded. From both follow the seconds of a load and of a request, which tell the gain for titles
of any length. Processor time is told beside the clock's, because a busy machine changes it less.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from airdub.artifacts import ArtifactStore
from airdub.batches import build_batch
from airdub.requests import StageRequest, build_request
from airdub.results import read_result
from airdub.settings import load_settings
from airdub.stages import STAGES
from airdub.transcript import Lines
from tests.benchmarks.memory import MemoryWatch
from tests.chain import Chain, Watch, run_to_its_end
from tests.media.catalog import SAMPLES
from tests.media.make import make

WARMED = ("transcribe", "synthesize", "convert_voice")
REQUIRED_GAIN = 1.1
REQUIRED_GROWTH = 1.25


@dataclass(frozen=True)
class Cost:
    """Of some processes, one after the other.

    Attributes:
        wall_s, cpu_s: from the first one's start to the last one's end; of all processors.
        own_mb: the greatest memory of one.
    """

    wall_s: float
    cpu_s: float
    own_mb: float


def variants(chain: Chain, stage: str) -> Iterator[StageRequest]:
    """The stage's request again and again, each with the whole work of its own.

    Results and lines are cached by what may change them, so something does.
    """
    number = 0
    while True:
        request = chain.request(stage)
        changes: dict[str, Any] = {"seed": number}
        if stage == "synthesize":
            changes = {"inputs": request.inputs | {"lines": _other_lines(chain, number)}}
        if stage == "convert_voice":
            changes = {"parameters": request.parameters | {"lowest_ratio": 0.5 + number / 10_000}}
        same = {"inputs": request.inputs, "parameters": request.parameters}
        engine, attempt = request.engine, uuid.uuid4().hex
        yield build_request(stage, engine, attempt_id=attempt, **same | changes)
        number += 1


def _other_lines(chain: Chain, number: int) -> Any:
    lines = Lines.model_validate_json(chain.path("lines").read_bytes())
    changed = tuple(
        line.model_copy(update={"text": f"{line.text} {number}"} if line.text else {})
        for line in lines.lines
    )
    key = f"inputs/lines-{number}.json"
    chain.store.write(key, lines.model_copy(update={"lines": changed}).to_json())
    return chain.store.put(chain.store.local_path(key), key, "application/json")


def apart(store: ArtifactStore, requests: Sequence[StageRequest]) -> Cost:
    """One process for each."""

    def each(watch: Callable[[], Watch]) -> None:
        for request in requests:
            store.write(request.request_key, request.to_json())
            run(store, request, watch())

    return _cost(store, requests, each)


def together(store: ArtifactStore, requests: Sequence[StageRequest]) -> Cost:
    """One process for all."""
    run_id = uuid.uuid4().hex
    batch = build_batch(requests, STAGES[requests[0].stage].resources, run_id)
    store.write(batch.request_key, batch.to_json())
    return _cost(store, requests, lambda watch: run(store, batch, watch()))


def run(store: ArtifactStore, request: StageRequest, watch: Watch | None = None) -> None:
    """Run the runner's process for a request, or a batch, in the store to its end."""
    command = [sys.executable, "-m", "model_images.runner", *request.arguments]
    run_to_its_end(command, {"AIRDUB_STORE": store.url}, watch)


def _cost(
    store: ArtifactStore,
    requests: Sequence[StageRequest],
    work: Callable[[Callable[[], Watch]], None],
) -> Cost:
    memories: list[MemoryWatch] = []

    def watch() -> Watch:
        memories.append(MemoryWatch())
        return memories[-1].watch

    began, spent = time.monotonic(), os.times()
    work(watch)
    wall_s, after = time.monotonic() - began, os.times()
    cpu_s = sum(after[2:4]) - sum(spent[2:4])  # of children
    assert all(read_result(store, one) for one in requests), "not all was made"
    return Cost(wall_s, cpu_s, max(memory.result().own for memory in memories))


def compare(chain: Chain, stage: str, count: int) -> bool:
    """Print what a stage takes; whether it keeps the requirements."""
    made = variants(chain, stage)
    apart(chain.store, [next(made)])  # what is cached for all of them, and by the system
    alone = apart(chain.store, [next(made) for _ in range(count)])
    few = together(chain.store, [next(made) for _ in range(2)])
    every = together(chain.store, [next(made) for _ in range(count)])
    gain, processors = alone.wall_s / every.wall_s, alone.cpu_s / every.cpu_s
    request_s = max(0.0, (every.cpu_s - alone.cpu_s / count) / (count - 1))
    print(f"\n{stage}, {count} requests")
    print(
        f"  clock        {alone.wall_s:6.1f} s apart, {every.wall_s:6.1f} s together, x {gain:.2f}"
    )
    print(
        f"  processors   {alone.cpu_s:6.1f} s apart, {every.cpu_s:6.1f} s together, "
        f"x {processors:.2f}   {_verdict(processors >= REQUIRED_GAIN, f'>= {REQUIRED_GAIN:g}')}"
    )
    load_s = alone.cpu_s / count - request_s
    print(f"  of these     {load_s:6.2f} s a load, {request_s:.2f} s a request")
    growth = every.own_mb / few.own_mb
    print(
        f"  memory       {alone.own_mb:6.0f} MB apart, {few.own_mb:.0f} MB for 2 together, "
        f"{every.own_mb:.0f} MB for {count}, x {growth:.2f}   "
        f"{_verdict(growth <= REQUIRED_GROWTH, f'<= {REQUIRED_GROWTH:g}')}"
    )
    return processors >= REQUIRED_GAIN and growth <= REQUIRED_GROWTH


def _verdict(good: bool, wanted: str) -> str:
    return f"ok ({wanted})" if good else f"NOT REACHED ({wanted})"


def main() -> int:
    """Compare the chosen stages; 1 when a requirement isn't kept."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.warm_stage", description=__doc__
    )
    parser.add_argument("--stages", choices=WARMED, nargs="+", default=WARMED)
    parser.add_argument("--requests", type=int, default=8)
    parser.add_argument("--sample", default="apollo")
    chosen = parser.parse_args()
    folder = load_settings().var / "bench"
    make(folder, lambda line: print(line, flush=True))
    sample = next(one for one in SAMPLES if one.name == chosen.sample)
    with tempfile.TemporaryDirectory(dir=folder) as store:
        video = folder / f"{sample.name}.mp4"
        chain = Chain.begin(video, (sample.source, sample.target), ArtifactStore(store))
        chain.run_all(until="synthesize")
        kept = [compare(chain, stage, chosen.requests) for stage in chosen.stages]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    raise SystemExit(main())
