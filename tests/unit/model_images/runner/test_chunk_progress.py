"""How far the making of chunks is."""

from __future__ import annotations

import logging

import pytest

from model_images.runner import chunk_progress
from model_images.runner.chunk_progress import ChunkProgress
from model_images.runner.chunks import ChunkJob


def test_speed_counts_neither_what_was_there_nor_the_wait_before(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = iter([0.0, 60.0, 70.0])
    monkeypatch.setattr(chunk_progress.time, "monotonic", lambda: next(clock))
    reported: list[tuple[int, int, str]] = []
    jobs = [ChunkJob(n, (n * 100, n * 100 + 100), {}) for n in range(2)]
    caplog.set_level(logging.INFO)
    told = ChunkProgress(jobs, lambda *line: reported.append(line), logging.getLogger(), "frames")
    told.begin([0])
    told.start()
    told.done(1)
    told.done(1)
    assert reported == [(0, 100, "frames"), (100, 100, "frames")]
    assert caplog.messages[-1] == "2 of 2 chunks are there, 10.0 frames/s"


def test_nothing_is_told_of_where_nothing_is_left_to_make(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reported: list[tuple[int, int, str]] = []
    caplog.set_level(logging.INFO)
    told = ChunkProgress(
        [ChunkJob(0, (0, 100), {})],
        lambda *line: reported.append(line),
        logging.getLogger(),
        "frames",
    )
    told.begin([0])
    assert (reported, caplog.messages) == ([], [])
