"""Batches shrink where memory runs out; seeds hold."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from airdub.errors import ResourceExhausted
from model_images.common.torch_runtime import device, in_batches, precision, seeded


def short_of_memory(most: int, seen: list[int], error: BaseException):  # type: ignore[no-untyped-def]
    """Work that doubles its items, where at most `most` of them fit."""

    def work(batch: Sequence[int]) -> list[int]:
        seen.append(len(batch))
        if len(batch) > most:
            raise error
        return [2 * item for item in batch]

    return work


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("CUDA failed with error out of memory"),  # CTranslate2
        MemoryError("host"),
    ],
)
def test_a_batch_is_halved_until_it_fits_and_stays_so(error: BaseException) -> None:
    seen: list[int] = []
    made = list(in_batches(range(11), 8, short_of_memory(2, seen, error)))
    assert made == [2 * item for item in range(11)]
    assert seen == [8, 4, 2, 2, 2, 2, 2, 1]


def test_what_really_does_not_fit_is_told_with_what_to_do() -> None:
    def work(batch: Sequence[int]) -> list[int]:
        torch.empty(len(batch) << 50)  # a petabyte each
        return list(batch)

    with pytest.raises(ResourceExhausted, match=r"batch of one.*larger resource class"):
        list(in_batches([1, 2], 2, work))


def test_another_failure_is_not_taken_for_it() -> None:
    with pytest.raises(RuntimeError, match="shape"):
        list(in_batches([1, 2], 2, short_of_memory(1, [], RuntimeError("bad shape"))))


def test_a_seed_holds_inside_alone() -> None:
    torch.manual_seed(1)
    expected = [torch.rand(1).item() for _ in range(2)]
    torch.manual_seed(1)
    outside = [torch.rand(1).item()]
    with seeded(7):
        one = torch.rand(3)
    with seeded(7):
        other = torch.rand(3)
    outside.append(torch.rand(1).item())
    assert torch.equal(one, other)
    assert outside == expected


def test_half_precision_is_for_gpus() -> None:
    assert precision() == (torch.float16 if device().type == "cuda" else torch.float32)
