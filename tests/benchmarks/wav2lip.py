"""Speed, loading and memory of Wav2Lip at full size with random weights, against its batch.

A face is 96 x 96 pixels and 0.2 s of sound; cutting faces out and laying them back is not in it.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from model_images.common.torch_runtime import device, precision
from model_images.lipsync.engines import wav2lip
from tests.neural.lipsync.wav2lip_made import tensor
from tests.neural.official import official_tensors

_DRAWN = 32


def write_checkpoint(path: Path) -> None:
    """A checkpoint of the public one's sizes."""
    named = {
        f"module.{name}": tensor(name, one) for name, one in official_tensors("wav2lip").items()
    }
    path.parent.mkdir(parents=True)
    torch.save({"state_dict": named, "optimizer": None, "global_step": 1}, path)


def faces(count: int) -> list[wav2lip.Face]:
    """What the network is given."""
    draw = np.random.default_rng(0)
    return [
        (
            draw.uniform(-4, 4, (80, 16)).astype(np.float32),
            draw.uniform(0, 1, (6, 96, 96)).astype(np.float32),
        )
        for _ in range(count)
    ]


def measure(batch: int) -> None:
    """Draw in batches of that size, after one that isn't counted; prints what a face takes."""
    given = faces(batch)
    wav2lip.draw(given)
    rounds = max(1, _DRAWN // batch)
    wall, processor = time.perf_counter(), time.process_time()
    for _ in range(rounds):
        wav2lip.draw(given)
    count = rounds * batch
    wall_s, processor_s = time.perf_counter() - wall, time.process_time() - processor
    print(
        f"  batch {batch:3}   {1000 * wall_s / count:7.1f} ms a face   "
        f"{count / wall_s:7.1f} faces/s   processor time {1000 * processor_s / count:.1f} ms",
        flush=True,
    )


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.wav2lip", description=__doc__)
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 2, 4, 16, 64])
    chosen = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"Wav2Lip, full size, {device().type}, {precision()}, load {load:.1f} before")
    with tempfile.TemporaryDirectory() as name:
        os.environ["AIRDUB_MODEL_CACHE"] = name
        write_checkpoint(Path(name) / "wav2lip" / "wav2lip_gan.pth")
        began = time.perf_counter()
        wav2lip.network()
        print(f"  loaded in {time.perf_counter() - began:.2f} s")
        for batch in chosen.batches:
            measure(batch)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {peak:.0f} MB at most, with the checkpoint's making")
    if device().type == "cuda":
        print(f"  {torch.cuda.max_memory_allocated() / 1e6:.0f} MB on the GPU")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
