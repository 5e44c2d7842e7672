"""Leases: one asker computes a fingerprint, the others wait for its result.

A lease only saves work; it is never what keeps results right (`ArtifactStore.create` is). It is a
chain of records `lease/000001.json`, `lease/000002.json`, ...: the highest one counts, and taking
over a dead or released one means creating the next number, which exactly one taker can.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from pathlib import Path
from types import TracebackType

from airdub.artifacts import ArtifactStore
from airdub.model import Document

log = logging.getLogger(__name__)

TTL_S = 60.0
"""A lease that hasn't been renewed for so long is dead, wherever its holder ran."""

_RENEW_EVERY_S = TTL_S / 4


class LeaseRecord(Document):
    """Who holds a lease. `machine` and `started` tell a live process from a reused pid."""

    machine: str
    pid: int
    started: str
    expires_at: float
    released: bool = False

    @property
    def alive(self) -> bool:
        """Whether the holder may still be working.

        On its own machine its process tells, however long that machine slept; elsewhere the clock.
        """
        if self.released:
            return False
        if self.machine == _machine():
            return _process_start(self.pid) == self.started
        return self.expires_at >= time.time()


def _machine() -> str:
    """A name that two processes share only if they see each other's pids."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()}/{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return socket.gethostname()


def _process_start(pid: int) -> str:
    """The kernel's start time of a process, "" when there is none (or it is a zombie)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


class Lease:
    """A lease on one folder of the store, renewed by a thread while it is held.

    Args:
        store: where the folder lies.
        folder: key of the folder, usually a request's `output_key`.
    """

    def __init__(self, store: ArtifactStore, folder: str) -> None:
        self._store = store
        self._folder = f"{folder}/lease"
        self._key = ""
        self._stop = threading.Event()
        self._renewer: threading.Thread | None = None

    def holder(self) -> LeaseRecord | None:
        """The live holder, if any."""
        latest = self._latest()
        record = self._record(latest) if latest else None
        return record if record and record.alive else None

    def is_abandoned(self) -> bool:
        """Whether its last holder died with it."""
        latest = self._latest()
        record = self._record(latest) if latest else None
        return record is not None and not record.released and not record.alive

    def acquire(self) -> bool:
        """Take the lease if nobody alive holds it. Returns whether this call got it."""
        latest = self._latest()
        if latest:
            record = self._record(latest)
            if record and record.alive:
                return False
        number = int(Path(latest).stem) + 1 if latest else 1
        key = f"{self._folder}/{number:06d}.json"
        if not self._store.create(key, self._mine().to_json()) or self._latest() != key:
            return False
        self._key = key
        for old in self._keys():
            if old < key:
                self._store.delete(old)
        self._renewer = threading.Thread(target=self._renew, name="lease", daemon=True)
        self._renewer.start()
        return True

    def release(self) -> None:
        """Give the lease back; harmless when it isn't held."""
        if self._renewer is None:
            return
        self._stop.set()
        self._renewer.join()
        self._renewer = None
        self._store.write(self._key, self._mine(released=True).to_json())

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _latest(self) -> str | None:
        return max(self._keys(), default=None)

    def _keys(self) -> list[str]:
        """Of records; what others are just writing lies beside them, and is theirs."""
        return [key for key in self._store.list(self._folder) if Path(key).stem.isdigit()]

    def _record(self, key: str) -> LeaseRecord | None:
        try:
            return LeaseRecord.model_validate_json(self._store.read(key))
        except FileNotFoundError:  # a newer holder tidied it away; the caller's create will fail
            return None

    def _mine(self, *, released: bool = False) -> LeaseRecord:
        return LeaseRecord(
            machine=_machine(),
            pid=os.getpid(),
            started=_process_start(os.getpid()),
            expires_at=time.time() + TTL_S,
            released=released,
        )

    def _renew(self) -> None:
        while not self._stop.wait(_RENEW_EVERY_S):
            try:
                self._store.write(self._key, self._mine().to_json())
            except OSError as error:  # a full disk, a store that is away: the next turn may do
                log.warning("the lease %s could not be renewed: %s", self._key, error)
