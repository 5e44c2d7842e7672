"""Records of failed tries: one each, in order, on any store."""

from __future__ import annotations

from airdub.artifacts import ArtifactStore
from airdub.errors import EngineFailed, InvalidInput
from airdub.failures import FailureRecord, failures, record_failure


def test_failures_are_kept_in_order_and_by_task(store: ArtifactStore) -> None:
    first = FailureRecord.of(EngineFailed("bug"), try_number=2, max_tries=15)
    tenth = FailureRecord.of(EngineFailed("again"), try_number=10, max_tries=15)
    for record in (tenth, first):
        record_failure(store, "run:1+00", "voice.mix", record)
    record_failure(store, "run:1+00", "voice.mix2", first)
    assert failures(store, "run:1+00", "voice.mix") == [first, tenth]
    assert failures(store, "run:2", "voice.mix") == []


def test_the_same_try_is_recorded_once(store: ArtifactStore) -> None:
    for _ in range(2):
        record = FailureRecord.of(InvalidInput("bad", where="f"), try_number=1, max_tries=15)
        record_failure(store, "run", "probe", record)
    assert failures(store, "run", "probe") == [record]
    assert record.text == "f: bad"
