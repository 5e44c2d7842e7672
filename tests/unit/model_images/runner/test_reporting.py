"""Progress lines and their estimates."""

from __future__ import annotations

import json

import pytest

from model_images.runner import reporting
from model_images.runner.reporting import Progress


def told(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *counts: tuple[float, int, int],
) -> list[float | None]:
    """Seconds left at each (time, done, total), of a progress that was made at time 0."""
    clock = iter([0.0, *(at for at, _, _ in counts)])
    monkeypatch.setattr(reporting.time, "monotonic", lambda: next(clock))
    progress = Progress()
    for _, done, total in counts:
        progress(done, total, "frames")
    lines = capsys.readouterr().out.splitlines()
    return [json.loads(line)["eta_s"] for line in lines]


def test_what_is_told_late_was_done_since_the_beginning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(monkeypatch, capsys, (30.0, 75, 100), (40.0, 100, 100)) == [10.0, 0.0]


def test_what_is_told_at_0_begins_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = (60.0, 0, 100), (70.0, 50, 100)
    assert told(monkeypatch, capsys, *counts) == [None, 10.0]


def test_another_count_begins_anew(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = (60.0, 10, 10), (61.0, 20, 100), (71.0, 60, 100)
    assert told(monkeypatch, capsys, *counts) == [0.0, None, 10.0]
