"""Scanning: the catalogue learns which titles there are, which changed, and which are gone.

Whatever is registered stays so when a scan is killed; the next one goes on from there.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from airdub.catalog import Catalog
from airdub.errors import AirdubError, DependencyUnavailable, InvalidInput
from airdub.library.documents import Title
from airdub.library.files import Files, Unlisted
from airdub.library.finding import Candidate, Found, find
from airdub.library.names import TitleName, name_title
from airdub.library.reading import Job, Reader, Reading, Report, is_unchanged
from airdub.library.registering import Registrar, ScanReport
from airdub.s3 import is_s3

_BUCKET_READERS = 8
_WAITING_PER_READER = 4
_LARGEST_BATCH = 100
_LONGEST_BATCH_S = 1.0
_TOLD_EVERY_S = 0.5
_OUTAGES = 10  # files in a row that the storage doesn't give: then it is the storage


@dataclass(frozen=True)
class ScanOptions:
    """What a person says about a scan.

    Attributes:
        language: spoken in every video, BCP-47; "" the file's own tag.
        series: to which every video belongs; "" their paths say.
        readers: files that are read at once; 0: as many as there are cores, more for a bucket.
        again: read bad files again, although they haven't changed.
    """

    language: str = ""
    series: str = ""
    readers: int = 0
    again: bool = False


def scan(
    catalog: Catalog,
    files: Files,
    options: ScanOptions | None = None,
    report: Report = lambda done, total: None,
) -> ScanReport:
    """Register every video below a root with what lies beside it; doing it again changes nothing.

    Only what was written since is read. A file that can't be taken is noted and passed over.
    Titles below the root whose files aren't listed are marked missing, once the listing is whole.

    Raises:
        InvalidInput: there is no such folder, or it is empty although titles of it are known.
        DependencyUnavailable: the storage doesn't answer, or its listing breaks off; what was
            found until then is registered, and nothing is marked missing.
    """
    return _Scan(catalog, files, options or ScanOptions(), report).run()


class _Scan:
    def __init__(
        self, catalog: Catalog, files: Files, options: ScanOptions, report: Report
    ) -> None:
        self._catalog = catalog
        self._files = files
        self._options = options
        self._readers = options.readers or _usual_readers(files.root)
        self._report = report
        self._told = ScanReport()
        self._reader = Reader(files)
        self._registrar = Registrar(catalog, files, self._told)
        self._pending: dict[Future[Reading], Job] = {}
        self._ready: list[Reading] = []
        self._flushed = time.monotonic()
        self._closed: list[str] = []
        self._outages = 0
        self._total = 0

    def run(self) -> ScanReport:
        """The whole scan."""
        began = time.monotonic()
        listed = find(self._files.listed())
        self._total = sum(one.bytes for one in listed if isinstance(one, Candidate))
        with ThreadPoolExecutor(self._readers, "scan") as self._pool:
            try:
                self._read_all()
            except BaseException:
                self._reader.stopped.set()
                self._pool.shutdown(wait=True, cancel_futures=True)
                raise
        self._registrar.settle_absent(tuple(self._closed))
        self._told.read_bytes = self._reader.read_bytes
        self._told.wall_s = time.monotonic() - began
        return self._told

    def _read_all(self) -> None:
        try:
            for found in find(self._files.listed()):
                self._take(found)
                while len(self._pending) >= self._readers * _WAITING_PER_READER:
                    self._collect()
        except AirdubError:
            self._drain()
            raise
        self._drain()

    def _take(self, found: Found) -> None:
        if isinstance(found, Unlisted):
            self._closed.append(found.location)
            self._registrar.refuse(found.location, found.what, found.remedy)
        elif isinstance(found, Candidate):
            self._choose(found)
        elif not self._registrar.is_bad(found.entry.location, found.entry.stamp):
            self._registrar.refuse(
                found.entry.location,
                "there is no video that it lies beside",
                "put the video there, correct the name, or remove it",
                found.entry.stamp,
            )

    def _choose(self, candidate: Candidate) -> None:
        """Read a candidate, unless it is known already, well or bad."""
        location, language = candidate.video.location, self._options.language
        known = self._catalog.title_at(location)
        named = self._named(location, known)
        title_id = known.title_id if known else named.title_id
        if holder := self._registrar.claim(title_id, location, known):
            what = f"two files claim the title id {title_id}: the other is {holder}"
            remedy = "rename one of the two, or remove it; mount the disk that the other lies on"
            self._registrar.refuse(location, what, remedy)
            self._reader.count(candidate.bytes)
            return
        version = self._catalog.source_version(title_id, known.version) if known else None
        filed = known and (known.series_id, known.source_language)
        as_filed = known and filed == (named.series_id, language or known.source_language)
        if known and as_filed and is_unchanged(candidate, version):
            self._registrar.keep(known)
            self._reader.count(candidate.bytes)
        elif not self._options.again and self._registrar.is_bad(
            location, _stamp(candidate, language)
        ):
            self._reader.count(candidate.bytes)
        else:
            job = Job(candidate, named, title_id, known, version, language)
            self._pending[self._pool.submit(self._reader.read, job)] = job
        if self._ready and time.monotonic() - self._flushed > _LONGEST_BATCH_S:
            self._flush()
        self._report(self._reader.done, self._total)

    def _named(self, location: str, known: Title | None) -> TitleName:
        """How a video is filed: as before, unless a person says its series now."""
        series = self._options.series
        if known and not series:
            return TitleName(
                known.title_id,
                known.name,
                series_id=known.series_id,
                season=known.season,
                episode=known.episode,
            )
        path = location.removeprefix(self._files.root).rpartition(".")[0]
        return name_title(path, series)

    def _drain(self) -> None:
        while self._pending:
            self._collect()
        self._flush()
        self._report(self._reader.done, self._total)

    def _collect(self) -> None:
        """Take what has been read; waits a moment for it."""
        done, _ = wait(self._pending, _TOLD_EVERY_S, FIRST_COMPLETED)
        for future in done:
            job = self._pending.pop(future)
            try:
                self._ready.append(future.result())
                self._outages = 0
            except AirdubError as error:
                self._refuse(job, error)
        due = time.monotonic() - self._flushed > _LONGEST_BATCH_S
        if due or len(self._ready) >= _LARGEST_BATCH:
            self._flush()
        self._report(self._reader.done, self._total)

    def _refuse(self, job: Job, error: AirdubError) -> None:
        """Note why a candidate can't be taken; what isn't its own fault is read again next time.

        Raises:
            DependencyUnavailable: the storage gives no file any more.
        """
        stamp = _stamp(job.candidate, job.language) if isinstance(error, InvalidInput) else ""
        what = error.what
        if error.where not in ("", job.candidate.video.location):
            what = f"{error.where}: {what}"
        self._registrar.refuse(job.candidate.video.location, what, error.remedy, stamp)
        self._outages = self._outages + 1 if isinstance(error, DependencyUnavailable) else 0
        if self._outages >= _OUTAGES:
            raise error

    def _flush(self) -> None:
        """Register what was read, in one transaction."""
        if self._ready:
            self._registrar.register(self._ready)
        self._ready, self._flushed = [], time.monotonic()


def _usual_readers(root: str) -> int:
    """Reading a folder keeps cores busy; reading a bucket is mostly waiting."""
    cores = os.cpu_count() or 1
    return max(cores, _BUCKET_READERS) if is_s3(root) else cores


def _stamp(candidate: Candidate, language: str) -> str:
    """Under which a bad candidate is noted: another language is another chance."""
    return f"{candidate.stamp}:{language}"
