"""Reading candidates: what ffprobe says, and the sha256 of every file that was written since."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from airdub.errors import InvalidInput, TemporaryFailure
from airdub.library.documents import FileBeside, SourceVersion, Title
from airdub.library.files import Entry, Files
from airdub.library.finding import Candidate
from airdub.library.names import TitleName
from airdub.library.probing import probe


@dataclass(frozen=True)
class Job:
    """A candidate that is to be read.

    Attributes:
        title_id: the id that it claims.
        known, known_version: the title that lies there, and its version; None for a new one.
        language: that a person said; "" the one that is known, or the file's own.
    """

    candidate: Candidate
    named: TitleName
    title_id: str
    known: Title | None = None
    known_version: SourceVersion | None = None
    language: str = ""


@dataclass(frozen=True)
class Reading:
    """What was read of a candidate; its `version` is that of the job's `title_id`."""

    job: Job
    version: SourceVersion
    language: str


class Reader:
    """Reads candidates, in any number of threads.

    Attributes:
        done: bytes that were read or needn't be; `count` adds to it.
        read_bytes: those that were read.
        stopped: set it, and whatever is read ends with TemporaryFailure.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._lock = threading.Lock()
        self.done = 0
        self.read_bytes = 0
        self.stopped = threading.Event()

    def count(self, size: int) -> None:
        """Bytes that are done."""
        with self._lock:
            self.done += size

    def read(self, job: Job) -> Reading:
        """The version that a candidate is, and its language.

        Raises:
            InvalidInput: it is no video that can be dubbed, it changes meanwhile, or nobody knows
                its language.
            DependencyUnavailable: the storage doesn't answer.
        """
        with self._counted(job.candidate.bytes) as report:
            for entry in job.candidate.files.values():
                if entry.bytes == 0:
                    raise InvalidInput(
                        "the file is empty",
                        where=entry.location,
                        remedy="copy it again from where it came",
                    )
            duration_s, language = self._facts(job)
            read_before = _digests(job.known_version)
            files = []
            for ending, entry in job.candidate.files.items():
                known = read_before.get((entry.location, entry.stamp))
                digest = known or self._digest(entry, report)
                files.append(FileBeside(ending=ending, sha256=digest, **vars(entry)))
        return Reading(job, SourceVersion.of(job.title_id, files, duration_s), language)

    @contextmanager
    def _counted(self, size: int) -> Iterator[Callable[[int], None]]:
        """Something to tell how many bytes were read; those that weren't are counted at the end."""
        left = size

        def report(read: int) -> None:
            nonlocal left
            left -= read
            self.count(read)

        try:
            yield report
        finally:
            self.count(left)

    def _facts(self, job: Job) -> tuple[float, str]:
        """Duration in seconds and language."""
        video, version = job.candidate.video, job.known_version
        said = job.language or (job.known.source_language if job.known else "")
        if version and said and (video.location, video.stamp) in _digests(version):
            return version.duration_s, said
        with self._files.probed(video) as address:
            probed = probe(address, video.location)
        language = said or probed.language
        if not language:
            raise InvalidInput(
                "the file doesn't say which language is spoken",
                where=video.location,
                remedy="scan again with --from LANGUAGE",
            )
        return probed.duration_s, language

    def _digest(self, entry: Entry, report: Callable[[int], None]) -> str:
        digest = hashlib.sha256()
        for block in self._files.blocks(entry):
            if self.stopped.is_set():
                raise TemporaryFailure("the scan was stopped", where=entry.location)
            digest.update(block)
            report(len(block))
            with self._lock:
                self.read_bytes += len(block)
        return digest.hexdigest()


def _digests(version: SourceVersion | None) -> dict[tuple[str, str], str]:
    """sha256 by location and stamp."""
    files = version.files if version else ()
    return {(file.location, file.stamp): file.sha256 for file in files}


def is_unchanged(candidate: Candidate, version: SourceVersion | None) -> bool:
    """Whether nothing of it was written, came or went since that version was read."""
    now = {(entry.location, entry.stamp) for entry in candidate.files.values()}
    return now == _digests(version).keys()


Report = Callable[[int, int], None]
"""Called with bytes that are done, and bytes in all."""
