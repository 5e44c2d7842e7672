"""One holder at a time; the dead lose theirs."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from airdub import leases
from airdub.artifacts import ArtifactStore
from airdub.leases import Lease, LeaseRecord
from tests.builders import local_store


def test_a_second_asker_waits_until_release(store: ArtifactStore) -> None:
    first, second = Lease(store, "work/x"), Lease(store, "work/x")
    assert first.acquire()
    assert not second.acquire()
    holder = second.holder()
    assert holder is not None
    assert holder.pid == os.getpid()
    first.release()
    assert second.holder() is None
    assert second.acquire()
    second.release()


def test_of_many_takers_exactly_one_gets_it(tmp_path: Path) -> None:
    store = local_store(tmp_path)
    start = threading.Barrier(6)
    got: list[Lease] = []

    def take() -> None:
        lease = Lease(store, "work/x")
        start.wait()
        if lease.acquire():
            got.append(lease)

    takers = [threading.Thread(target=take) for _ in range(6)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    assert len(got) == 1
    got[0].release()


def test_a_holder_lets_others_finish_what_they_are_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, link = local_store(tmp_path), os.link
    faster = Lease(store, "work/x")

    def overtaken(part: Path, target: str) -> None:
        monkeypatch.setattr(os, "link", link)
        assert faster.acquire()
        link(part, target)

    monkeypatch.setattr(os, "link", overtaken)
    assert not Lease(store, "work/x").acquire()
    faster.release()


def test_a_killed_holder_loses_its_lease_at_once(tmp_path: Path) -> None:
    program = (
        "import sys, time; from airdub.artifacts import ArtifactStore; "
        "from airdub.leases import Lease; "
        "assert Lease(ArtifactStore(sys.argv[1]), 'work/x').acquire(); print('held', flush=True); "
        "time.sleep(60)"
    )
    store = local_store(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-c", program, store.url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "held\n"
        assert not Lease(store, "work/x").acquire()
        assert not Lease(store, "work/x").is_abandoned()
        process.kill()
        process.wait()
    assert Lease(store, "work/x").is_abandoned()
    with Lease(store, "work/x") as lease:
        assert lease.acquire()
    assert not Lease(store, "work/x").is_abandoned()


def test_an_unrenewed_lease_of_another_machine_expires(store: ArtifactStore) -> None:
    elsewhere = LeaseRecord(machine="elsewhere", pid=1, started="1", expires_at=time.time() + 60)
    store.write("work/x/lease/000007.json", elsewhere.to_json())
    lease = Lease(store, "work/x")
    assert not lease.acquire()
    expired = elsewhere.model_copy(update={"expires_at": time.time() - 1})
    store.write("work/x/lease/000007.json", expired.to_json())
    assert lease.acquire()
    assert store.list("work/x/lease") == ["work/x/lease/000008.json"]
    lease.release()


def test_a_held_lease_is_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "_RENEW_EVERY_S", 0.02)
    store = local_store(tmp_path)
    with Lease(store, "work/x") as lease:
        assert lease.acquire()
        first = lease.holder()
        time.sleep(0.2)
        later = lease.holder()
    assert first is not None
    assert later is not None
    assert later.expires_at > first.expires_at


def test_a_store_that_is_full_for_a_moment_does_not_end_the_renewal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_RENEW_EVERY_S", 0.02)
    store = local_store(tmp_path)
    with Lease(store, "work/x") as lease:
        assert lease.acquire()
        first = lease.holder()
        with monkeypatch.context() as full:
            full.setattr(store, "write", raise_no_space)
            time.sleep(0.1)
        time.sleep(0.2)
        later = lease.holder()
    assert first is not None
    assert later is not None
    assert later.expires_at > first.expires_at


def raise_no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_machine_that_slept_keeps_its_leases(tmp_path: Path) -> None:
    store = local_store(tmp_path)
    with Lease(store, "work/x") as lease:
        assert lease.acquire()
        [key] = store.list("work/x/lease")
        record = LeaseRecord.model_validate_json(store.read(key))
        store.write(key, record.model_copy(update={"expires_at": time.time() - 99}).to_json())
        assert not Lease(store, "work/x").acquire()
