"""Memory and speed of RVC on sounds of 15 s, 1 minute and 1 hour: memory mustn't grow.

Weights are random: tiny ones, or with `--full-size` of the sizes of a public voice at 40 kHz. Each
sound is converted by a process of its own, from a file to a file.
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

from model_images.common.pcm import WavWriter, read_info, read_span
from model_images.convert_voice.protocol import TrainedVoice
from tests.benchmarks.memory import MemoryWatch
from tests.neural.convert_voice.rvc_made import fill_cache, fill_full_size

REQUIRED_GROWTH = 1.25
REQUIRED_MB = 6144
_RATE_HZ = 16_000


def make_sound(path: Path, seconds: int) -> Path:
    """A voice-like sound: pulses that rise and fall, with pauses."""
    with WavWriter(
        path, sample_rate_hz=_RATE_HZ, channels=1, frames=seconds * _RATE_HZ, subtype="PCM_16"
    ) as wav:
        for second in range(seconds):
            at = second + np.arange(_RATE_HZ) / _RATE_HZ
            cycles = 120 * at - 20 / np.pi * np.cos(2 * np.pi * at)
            wav.write((0.3 * (cycles % 1 - 0.5) * (at % 4 < 3)).astype(np.float32))
    return path


def convert(source: Path, target: Path, cache: Path, trained: TrainedVoice, threads: int) -> None:
    """Convert a 16 kHz file, as the engine does a take."""
    os.environ["AIRDUB_MODEL_CACHE"] = str(cache)
    import torch

    from model_images.convert_voice.engines import rvc
    from model_images.convert_voice.rvc import voices
    from model_images.convert_voice.rvc.conversion import Conversion, Manner
    from model_images.convert_voice.rvc.pitch import contour
    from model_images.convert_voice.rvc.sound import HOP

    torch.set_num_threads(threads)
    samples = read_info(source).frames

    def read(first: int, end: int) -> np.ndarray:
        return read_span(source, first, end)[:, 0]

    f0 = contour(read, samples, -(-samples // HOP), rvc.tracker(trained))
    voice = voices.load(trained, rvc.content())
    manner = Manner(index_rate=trained.index_rate, protect=trained.protect)
    config = voice.config
    with WavWriter(
        target,
        sample_rate_hz=config.sample_rate_hz,
        channels=1,
        frames=len(f0) * config.frame_samples,
        subtype="PCM_16",
    ) as wav:
        for block in Conversion(voice, manner, read, samples, f0).blocks():
            wav.write(block)


def measure(seconds: int, folder: Path, trained: TrainedVoice, threads: int) -> float:
    """Convert so many seconds; prints and returns the peak of the process's own memory in MB."""
    source = make_sound(folder / f"{seconds}.wav", seconds)
    memory, began, spent_s = MemoryWatch(), time.monotonic(), _processor_s()
    arguments = (source, folder / f"{seconds}-out.wav", folder / "cache", trained, threads)
    process = multiprocessing.get_context("spawn").Process(target=convert, args=arguments)
    process.start()
    memory.watch(process.pid or 0)
    process.join()
    wall_s, spent_s = time.monotonic() - began, _processor_s() - spent_s
    if process.exitcode:
        raise SystemExit(f"converting {seconds} s ended with {process.exitcode}")
    peak = memory.result()
    print(
        f"  {seconds:5} s   {peak.own:6.0f} MB ({peak.resident:.0f} with mapped files)   "
        f"{wall_s:7.1f} s   RTF {wall_s / seconds:.3f}, of processors {spent_s / seconds:.3f}",
        flush=True,
    )
    return peak.own


def _processor_s() -> float:
    """Processor time of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Measure; 1 when memory grows."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.rvc", description=__doc__)
    parser.add_argument("--seconds", nargs="+", type=int, default=[15, 60, 3600])
    parser.add_argument("--full-size", action="store_true", help="sizes of a public voice")
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trained = (fill_full_size if chosen.full_size else fill_cache)(folder / "cache")
        trained = trained.model_copy(update={"pitch": "rmvpe"})
        print(f"RVC, {'full size' if chosen.full_size else 'tiny'}, {chosen.threads} threads")
        peaks = [measure(one, folder, trained, chosen.threads) for one in chosen.seconds]
    growth = peaks[-1] / max(peaks[:-1] or peaks)
    good = growth <= REQUIRED_GROWTH and max(peaks) <= REQUIRED_MB
    print(
        f"  the last beside all others x {growth:.2f} (<= {REQUIRED_GROWTH}), at most "
        f"{REQUIRED_MB} MB: {'ok' if good else 'NOT REACHED'}"
    )
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
