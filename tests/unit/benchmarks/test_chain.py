"""The chain behaves as Airflow's tasks do: typed failures, cached results, real processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from airdub.artifacts import ArtifactStore
from airdub.errors import InvalidInput
from airdub.media import MediaFacts
from tests.chain import Chain
from tests.media import clips


def begin(video: Path, folder: Path) -> Chain:
    return Chain.begin(video, ("es", "en"), ArtifactStore(str(folder / "store")))


def test_a_stage_runs_once_and_is_cached_after(tmp_path: Path) -> None:
    video = clips.plain(tmp_path / "clip.mp4")
    first = begin(video, tmp_path).run("probe")
    again = begin(video, tmp_path)
    second = again.run("probe")
    assert (first.cached, second.cached) == (False, True)
    assert first.wall_s > 0 == second.wall_s
    assert first.result == second.result
    assert MediaFacts.model_validate_json(again.path("facts").read_bytes()).video.frames == 50


def test_the_watcher_is_told_the_process(tmp_path: Path) -> None:
    seen: list[int] = []
    begin(clips.plain(tmp_path / "clip.mp4"), tmp_path).run("probe", watch=seen.append)
    assert len(seen) == 1


def test_files_beside_the_video_are_its_inputs(tmp_path: Path) -> None:
    video = clips.plain(tmp_path / "clip.mp4")
    video.with_suffix(".srt").write_text("1\n00:00:00,500 --> 00:00:01,500\nHola.\n")
    (tmp_path / "clip.me.wav").write_bytes(b"RIFF")
    assert set(begin(video, tmp_path).artifacts) == {"source", "script", "background_stem"}


def test_a_failure_has_the_stages_class_and_words(tmp_path: Path) -> None:
    chain = begin(clips.text(tmp_path / "clip.mp4"), tmp_path)
    with pytest.raises(InvalidInput) as failure:
        chain.run("probe")
    assert failure.value.remedy
    assert not chain.runs
