"""What engines on PyTorch share: the device, seeds, and batches that get smaller.

Imports torch: only engines of the environment `neural` import it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch

from airdub.errors import ResourceExhausted

Item = TypeVar("Item")
Result = TypeVar("Result")

_SAY_SO = ("out of memory", "DefaultCPUAllocator")  # CTranslate2, and torch on CPUs


def device() -> torch.device:
    """The first GPU that this process sees, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def precision() -> torch.dtype:
    """What models compute in on that device: half on a GPU, single on a CPU."""
    return torch.float16 if device().type == "cuda" else torch.float32


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Inside, torch draws the same numbers each time; outside, it goes on as if nothing was drawn.

    Numbers of a CPU and of a GPU differ under one seed.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


@contextmanager
def one_thread() -> Iterator[None]:
    """Inside, torch uses one thread of a CPU: with another number the last digits are others."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def in_batches(
    items: Sequence[Item], most: int, work: Callable[[Sequence[Item]], Sequence[Result]]
) -> Iterator[Result]:
    """Work on items in batches. Where memory runs out, the batch is halved and stays so.

    Args:
        most: items of a batch.
        work: gives one result for each item of a batch, in order.

    Raises:
        ResourceExhausted: memory doesn't suffice for a single item.
    """
    at, size = 0, most
    while at < len(items):
        batch = items[at : at + size]
        done = _done_or_too_large(batch, work)
        if done is not None:
            yield from done
            at += len(batch)
        elif len(batch) > 1:
            size = len(batch) // 2
            if torch.cuda.is_available():
                torch.cuda.empty_cache()  # here, where no traceback holds tensors any more
        else:
            raise ResourceExhausted(
                f"out of memory on the {device().type} with a batch of one",
                remedy="use a larger resource class",
            )


def _done_or_too_large(
    batch: Sequence[Item], work: Callable[[Sequence[Item]], Sequence[Result]]
) -> Sequence[Result] | None:
    try:
        return work(batch)
    except (RuntimeError, MemoryError) as error:
        if not ran_out_of_memory(error):
            raise
        return None


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether memory of the GPU, or of the machine, ran out."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _SAY_SO)
