"""The benchmark of warming compares equal work."""

from __future__ import annotations

from pathlib import Path

from airdub.results import read_result
from tests.benchmarks.warm_stage import apart, together, variants
from tests.builders import local_store
from tests.chain import Chain
from tests.media import clips


def test_requests_apart_and_together_are_all_made_and_share_nothing(tmp_path: Path) -> None:
    store = local_store(tmp_path)
    chain = Chain.begin(clips.plain(tmp_path / "clip.mp4"), ("en", "es"), store)
    made = variants(chain, "probe")
    requests = [next(made) for _ in range(4)]
    assert len({one.fingerprint for one in requests}) == 4
    alone, batch = apart(store, requests[:2]), together(store, requests[2:])
    assert all(read_result(store, one) for one in requests)
    assert alone.wall_s >= alone.cpu_s / 8 > 0
    assert 0 < batch.cpu_s < alone.cpu_s
    assert batch.own_mb > 10
