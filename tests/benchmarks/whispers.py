"""Speed and memory of both Whispers: time to load, real-time factor against the batch, memory.

Weights are random but for what they say: a sentence of 22 words for each phrase of 12 s, so that
about as much is decoded as of speech. Each measurement is a process of its own. Sizes are OpenAI's,
`large` is large-v2.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.memory import MemoryWatch

SIZES = {"tiny": (384, 6, 4), "base": (512, 8, 6), "small": (768, 12, 12), "large": (1280, 20, 32)}
"""Width, heads and layers of each half."""

PHRASE_S = 12
_SENTENCE = (
    " It was a great day for the country and for all the people who had come"
    " from far away to see it."
)


def write_checkpoints(size: str, folder: Path) -> dict[str, Path]:
    """A checkpoint of each engine's format, with the same weights."""
    from whisper.model import ModelDimensions

    from tests.neural.whisper_checkpoints import model_that_says, said, save
    from tests.neural.whisper_conversion import convert

    width, heads, layers = SIZES[size]
    dims = ModelDimensions(80, 1500, width, heads, layers, 51_865, 448, width, heads, layers)
    model = model_that_says(said(_SENTENCE, PHRASE_S - 1), dims=dims)
    found = {"whisper": folder / f"{size}.pt", "faster_whisper": folder / f"{size}-ct2"}
    save(model, found["whisper"])
    convert(model, found["faster_whisper"])
    return found


def listen(engine: str, path: Path, phrases: int, batch: int, told: Connection) -> None:
    """Load a model and hear phrases; tells seconds to load and seconds to hear."""
    began = time.monotonic()
    listener = _load(engine, path)
    loaded_s = time.monotonic() - began
    noise = np.random.default_rng(0).normal(0, 0.1, PHRASE_S * 16_000).astype(np.float32)
    listener.hear([noise] * batch, "en")  # what is compiled once is no part of the speed
    began = time.monotonic()
    for _ in range(phrases // batch):
        heard = listener.hear([noise] * batch, "en")
        assert all("".join(word.text for word in one[0].words) == _SENTENCE for one in heard)
    told.send((loaded_s, time.monotonic() - began))


def _load(engine: str, path: Path) -> Any:
    if engine == "whisper":
        from model_images.transcribe.engines import whisper

        return whisper.OpenaiListener(whisper.load(path))
    from model_images.transcribe.engines import faster_whisper

    return faster_whisper.CtranslateListener(faster_whisper.load(path))


def measure(engine: str, path: Path, phrases: int, batch: int) -> None:
    """Print one row."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe(duplex=False)
    memory = MemoryWatch()
    target: Callable[..., None] = listen
    process = spawn.Process(target=target, args=(engine, path, phrases, batch, theirs))
    process.start()
    memory.watch(process.pid or 0)
    process.join()
    if process.exitcode:
        raise SystemExit(f"{engine} ended with {process.exitcode}")
    loaded_s, heard_s = ours.recv()
    peak = memory.result()
    print(
        f"  {engine:15} batch {batch}   load {loaded_s:5.1f} s   "
        f"RTF {heard_s / (phrases * PHRASE_S):.3f}   {peak.own:6.0f} MB",
        flush=True,
    )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.whispers", description=__doc__
    )
    parser.add_argument("--size", choices=SIZES, default="base")
    parser.add_argument("--phrases", type=int, default=8)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        paths = write_checkpoints(chosen.size, Path(name))
        what = f"{chosen.phrases} phrases of {PHRASE_S} s, load {os.getloadavg()[0]:.1f}"
        print(f"Whisper, size {chosen.size}, {what}")
        for engine, batch in (("whisper", 1), *(("faster_whisper", size) for size in (1, 4, 8))):
            measure(engine, paths[engine], chosen.phrases, batch)


if __name__ == "__main__":
    main()
