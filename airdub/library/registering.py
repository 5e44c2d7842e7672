"""What a scan writes into the catalogue: titles, moves, bad files, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass

from airdub.catalog import Catalog
from airdub.errors import AirdubError, Conflict, InvalidInput
from airdub.library.documents import BadFile, Registered, SourceVersion, Title
from airdub.library.files import Files, files_around
from airdub.library.local_files import may_be_unmounted
from airdub.library.reading import Job, Reading
from airdub.library.requeueing import Requeuer
from airdub.s3 import is_s3


@dataclass
class ScanReport:
    """What a scan found.

    Attributes:
        added, changed, moved, same, missing: titles.
        bad: files and folders.
        requeued: dubs that changes made necessary.
        read_bytes: what was read; the rest hadn't changed.
    """

    added: int = 0
    changed: int = 0
    moved: int = 0
    same: int = 0
    missing: int = 0
    bad: int = 0
    requeued: int = 0
    read_bytes: int = 0
    wall_s: float = 0.0


class Registrar:
    """Registers what one scan finds.

    Args:
        told: counts what is done.
    """

    def __init__(self, catalog: Catalog, files: Files, told: ScanReport) -> None:
        self._catalog = catalog
        self._files = files
        self._told = told
        self._requeuer = Requeuer(catalog)
        self._seen: dict[str, str] = {}
        self._bad = {one.location: one.stamp for one in catalog.bad_files_below(files.root)}
        self._still_bad: set[str] = set()

    def claim(self, title_id: str, location: str, known: Title | None) -> str:
        """Take an id for a file.

        Args:
            known: the title that lies there, if there is one.

        Returns:
            "", or the file that has the id and is still there.
        """
        holder = self._seen.get(title_id, "")
        if not holder and known is None:
            other = self._catalog.title(title_id)
            if other and not other.missing_since and not self._is_gone(other.location):
                holder = other.location
        if not holder:
            self._seen[title_id] = location
        return holder

    def keep(self, title: Title) -> None:
        """A title that hasn't changed."""
        self._told.same += 1
        if title.missing_since:
            self._catalog.mark_found(title.title_id)

    def is_bad(self, location: str, stamp: str) -> bool:
        """Whether a file is known to be bad, and hasn't changed since; it is counted then."""
        if self._bad.get(location) != stamp:
            return False
        self._still_bad.add(location)
        self._told.bad += 1
        return True

    def refuse(self, location: str, what: str, remedy: str, stamp: str = "") -> None:
        """Note a bad file."""
        self._still_bad.add(location)
        self._told.bad += 1
        bad = BadFile(location=location, what=what, remedy=remedy, stamp=stamp)
        self._catalog.note_bad_file(bad)

    def register(self, readings: list[Reading]) -> None:
        """Register what was read, all in one transaction; scans do it one after the other."""
        with self._catalog.transaction():
            self._catalog.hold_queue()
            for reading in readings:
                try:
                    self._register(reading)
                except Conflict as error:  # another scan was faster
                    self.refuse(error.where, error.what, error.remedy)

    def _register(self, reading: Reading) -> None:
        job, version = reading.job, reading.version
        moved = None if job.known else self._moved(version)
        if moved:
            version = version.model_copy(update={"title_id": moved.title_id})
            self._seen[moved.title_id] = job.candidate.video.location
        came = moved is not None
        if not job.known:
            came |= self._make_room(version.title_id, job.candidate.video.location)
        title = _title(job, version, reading.language)
        change = self._catalog.register(title, version, job.named.series)
        if change is Registered.ADDED:
            self._told.added += 1
        elif change is Registered.CHANGED:
            self._told.changed += 1
        elif came:
            self._told.moved += 1
        else:
            self._told.same += 1
        respoken = job.known is not None and job.known.source_language != title.source_language
        if change is Registered.CHANGED or respoken:
            self._told.requeued += self._requeuer.requeue(title.title_id)

    def _make_room(self, title_id: str, location: str) -> bool:
        """Whether somebody had an id and is gone; it is free for a file then."""
        holder = self._catalog.title(title_id)
        if holder is None or holder.location == location or not self._is_gone(holder.location):
            return False
        self._catalog.mark_missing(title_id)
        return True

    def _moved(self, version: SourceVersion) -> Title | None:
        """The title that lies elsewhere now: the same bytes, and no file where it was."""
        for title in self._catalog.titles_of_version(version):
            if title.title_id not in self._seen and self._is_gone(title.location):
                return title
        return None

    def _is_gone(self, location: str) -> bool:
        """Whether a file isn't there; one of which nobody knows is taken for there."""
        same_kind = is_s3(location) == is_s3(self._files.root)
        files = self._files if same_kind else files_around(location)
        try:
            if files.entry(location) is not None:
                return False
        except AirdubError:
            return False
        known = is_s3(location) or location.startswith(self._files.root)
        return known or not may_be_unmounted(location)

    def settle_absent(self, closed: tuple[str, ...]) -> None:
        """After a whole listing: what wasn't in it is missing, or isn't bad any more.

        Args:
            closed: places of which nothing is known.

        Raises:
            InvalidInput: nothing was listed at all, although titles are known there.
        """
        absent = [
            (title_id, location)
            for title_id, location in self._catalog.titles_below(self._files.root)
            if title_id not in self._seen and not location.startswith(closed)
        ]
        if absent and not self._seen:
            raise InvalidInput(
                f"there is no video, although {len(absent)} titles lie there",
                where=self._files.root,
                remedy="mount what lies there; nothing was marked missing",
            )
        with self._catalog.transaction():
            self._catalog.hold_queue()
            for title_id, _ in absent:
                self._catalog.mark_missing(title_id)
            for location in self._bad.keys() - self._still_bad:
                if not location.startswith(closed):
                    self._catalog.forget_bad_file(location)
        self._told.missing += len(absent)


def _title(job: Job, version: SourceVersion, language: str) -> Title:
    named = job.named
    return Title(
        title_id=version.title_id,
        name=named.name,
        series_id=named.series_id,
        season=named.season,
        episode=named.episode,
        source_language=language,
        location=job.candidate.video.location,
        version=version.version,
        beside=version.beside,
        duration_s=version.duration_s,
    )
