"""Memory and speed of HTDemucs on sounds of 1 and 10 minutes: memory mustn't grow.

Weights are random: tiny ones, or with `--full-size` of the public model's sizes. All of a sound
is taken for speech, so that all of it is computed; each is separated by a process of its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from airdub.units import CLOCK_HZ
from model_images.common.pcm import WavWriter, read_info
from tests.benchmarks.memory import MemoryWatch

REQUIRED_GROWTH = 1.25


def fill_cache(cache: Path, *, full_size: bool) -> None:
    """A model cache with a checkpoint."""
    from model_images.separate.engines.demucs import WEIGHTS
    from tests.neural.separate.tiny_demucs import (
        official_arguments,
        package_of,
        tiny_arguments,
        write_repository,
    )

    package = package_of(official_arguments() if full_size else tiny_arguments())
    write_repository(cache / "demucs", package).rename(cache / "demucs" / WEIGHTS)


def make_sound(path: Path, seconds: int) -> Path:
    """Noise in stereo whose level rises and falls."""
    draw = np.random.default_rng(0)
    with WavWriter(
        path, sample_rate_hz=CLOCK_HZ, channels=2, frames=seconds * CLOCK_HZ, subtype="PCM_24"
    ) as wav:
        for second in range(seconds):
            level = np.float32(0.1 + 0.05 * (second % 3))
            wav.write(level * draw.standard_normal((CLOCK_HZ, 2), np.float32))
    return path


def separate(source: Path, cache: Path, threads: int) -> None:
    """Separate a file, as the stage has it done."""
    os.environ["AIRDUB_MODEL_CACHE"] = str(cache)
    import torch

    from model_images.separate.engines.demucs import background_blocks
    from model_images.separate.protocol import Scene
    from model_images.separate.stage import Parameters

    torch.set_num_threads(threads)
    info = read_info(source)
    whole = ((0, info.frames),)
    scene = Scene(source, info, whole, {}, warn=print, measure=lambda name, value: None)
    done = sum(len(block) for block in background_blocks(scene, Parameters()))
    if done != info.frames:
        raise SystemExit(f"{done} of {info.frames} samples came back")


def processor_time() -> float:
    """Seconds that the processes took that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(seconds: int, folder: Path, threads: int) -> float:
    """Separate so many seconds; prints and returns the peak of the process's own memory in MB."""
    source = make_sound(folder / f"{seconds}.wav", seconds)
    memory, began, before = MemoryWatch(), time.monotonic(), processor_time()
    process = multiprocessing.get_context("spawn").Process(
        target=separate, args=(source, folder / "cache", threads)
    )
    process.start()
    memory.watch(process.pid or 0)
    process.join()
    wall_s = time.monotonic() - began
    if process.exitcode:
        raise SystemExit(f"separating {seconds} s ended with {process.exitcode}")
    peak = memory.result()
    print(
        f"  {seconds:5} s   {peak.own:6.0f} MB ({peak.resident:.0f} with mapped files)   "
        f"{wall_s:7.1f} s   RTF {wall_s / seconds:.3f}   "
        f"processor time for a second {(processor_time() - before) / seconds:.2f} s",
        flush=True,
    )
    return peak.own


def main() -> int:
    """Measure; 1 when memory grows."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.demucs", description=__doc__)
    parser.add_argument("--seconds", nargs="+", type=int, default=[60, 600])
    parser.add_argument("--full-size", action="store_true", help="sizes of the public model")
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill_cache(folder / "cache", full_size=chosen.full_size)
        load = os.getloadavg()[0]
        size = "full size" if chosen.full_size else "tiny"
        print(f"HTDemucs, {size}, {chosen.threads} threads, load {load:.1f} before")
        peaks = [measure(one, folder, chosen.threads) for one in chosen.seconds]
    growth = max(peaks) / peaks[0]
    good = growth <= REQUIRED_GROWTH
    print(f"  growth x {growth:.2f} (<= {REQUIRED_GROWTH}): {'ok' if good else 'NOT REACHED'}")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
