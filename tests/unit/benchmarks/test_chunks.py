"""The benchmark of chunks makes the same work in each way, and tells when too little is reached."""

from dataclasses import replace
from pathlib import Path

import pytest

from airdub.requests import EngineRef
from model_images.common.frames import frame_table
from model_images.runner.chunks import ChunkJob, Site
from model_images.track_faces.chunks import FaceChunks
from tests.benchmarks.chunks.__main__ import verdicts
from tests.benchmarks.chunks.specs import Spec
from tests.benchmarks.chunks.ways import Cost, measure, typical
from tests.builders import local_store, stored
from tests.media.clips import CLIPS
from tests.talking_clips import probed

FRAMES = 50


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    clip = CLIPS["plain"](tmp_path / "plain.mp4")
    facts = probed(clip, tmp_path / "probe").video
    store = local_store(tmp_path)
    maker = FaceChunks(stored(store, "source", clip), facts, frame_table(clip, facts), 20, 12)
    spans = [(0, 20), (20, 40), (40, FRAMES)]
    jobs = [ChunkJob(number, span, {}, (number,)) for number, span in enumerate(spans)]
    engine = EngineRef(name="tflite", version="1")
    return Spec(maker, jobs, Site(store.url, "track_faces", engine, 1, tmp_path))


def kept(folder: Path) -> int:
    return len(list((folder / "store/work/track_faces/chunks").rglob("item.json")))


def test_ways_make_all_chunks_and_nothing_is_found_again(spec: Spec, tmp_path: Path) -> None:
    assert measure(spec, "chunks", tmp_path).worker_mb > 10
    assert kept(tmp_path) == 3
    cost = measure(spec.again(), "plain", tmp_path)
    assert kept(tmp_path) == 4
    assert 0.1 < cost.cpu_s < 20 * cost.wall_s
    measure(spec, "decode", tmp_path)
    with pytest.raises(SystemExit, match="chunks ended with 1"):  # nothing was made: all is found
        measure(spec, "chunks", tmp_path)


def test_the_plain_loop_has_the_work_of_all_chunks(spec: Spec) -> None:
    (whole,) = spec.as_one().jobs
    assert (whole.span, whole.payload) == ((0, FRAMES), (0, 1, 2))
    assert spec.as_one().maker == replace(spec.maker, chunk_frames=FRAMES)
    assert {job.payload for job in spec.unedited().jobs} == {()}


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({}, True),
        ({"local[2]": Cost(70, 130, 100)}, False),
        ({"local[1]": Cost(130, 140, 100)}, False),
        ({"local[2]": Cost(50, 130, 130)}, False),
    ],
)
def test_what_is_required(changes: dict[str, Cost], good: bool, capsys) -> None:  # type: ignore[no-untyped-def]
    short = {"local[2]": Cost(10, 12, 100)}
    long = {
        "plain": Cost(100, 100, 90),
        "idle[1]": Cost(8, 12, 60), "local[1]": Cost(112, 115, 100),
        "idle[2]": Cost(8, 12, 60), "local[2]": Cost(60, 120, 105),
    }  # fmt: skip
    assert verdicts(short, long | changes, [1, 2]) is good
    assert ("NOT REACHED" in capsys.readouterr().out) is not good


def test_the_median_of_turns_is_told_and_the_greatest_memory() -> None:
    assert typical([Cost(3, 5, 10), Cost(1, 9, 30), Cost(2, 7, 20)]) == Cost(2, 7, 30)
