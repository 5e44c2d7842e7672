"""Several files at once, with one number that tells how far all of them are."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

from airdub.weights.cache import ModelCache, Report
from airdub.weights.wanting import Wanted

AT_ONCE = 4


class _Stopped(Exception):
    """Another file failed, or a person has had enough: what has arrived is kept."""


class _Total:
    """How many bytes of how many are there, of all files."""

    def __init__(self, files: Iterable[Wanted], report: Report) -> None:
        self._sizes = {one.weights.path: one.weights.bytes or 0 for one in files}
        self._here = dict.fromkeys(self._sizes, 0)
        self._report = report
        self._lock = threading.Lock()
        self.stopped = threading.Event()

    def tell(self, path: str, here: int, size: int) -> None:
        """Told by each file of itself; its size may not have been known before."""
        if self.stopped.is_set():
            raise _Stopped
        with self._lock:
            self._here[path], self._sizes[path] = here, size
            self._report(sum(self._here.values()), sum(self._sizes.values()))

    def done(self, path: str) -> None:
        """Told of each file that is there."""
        self.tell(path, self._sizes[path], self._sizes[path])


def fetch_all(cache: ModelCache, wanted: Iterable[Wanted], report: Report) -> list[Wanted]:
    """Get what isn't there yet, some files at once. Returns what had to be fetched.

    Raises:
        AirdubError: see `ModelCache.fetch`; the first one ends all, and what has arrived is kept.
    """
    files = list(wanted)
    total = _Total(files, report)

    def fetch(one: Wanted) -> bool:
        path = one.weights.path
        fetched = cache.fetch(one.weights, lambda here, size: total.tell(path, here, size))
        total.done(path)
        return fetched

    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = [pool.submit(fetch, one) for one in files]
        try:
            done, _ = wait(running, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
        finally:
            total.stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
    return [one for one, future in zip(files, running, strict=True) if future.result()]
