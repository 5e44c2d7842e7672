"""The library's titles and their source versions, and the files that a scan couldn't take."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from airdub.catalog.patterns import like_pattern
from airdub.catalog.session import Session, now
from airdub.errors import Conflict
from airdub.library.documents import BadFile, Registered, SourceVersion, Title
from airdub.queue.documents import Request

_PAGE = 1000


class Titles(Session):
    """What the library holds. Titles are ingested by the database's clock, whoever scans."""

    def register(self, title: Title, version: SourceVersion, series_name: str = "") -> Registered:
        """Record a title and the version that it has now; recording it again is fine.

        Args:
            series_name: what people call its series; only for one that is new.

        Raises:
            Conflict: the id is another file's that is still there, or the file is another title's.
        """
        fields = title.model_dump(exclude={"ingested_at", "missing_since"})
        with self.transaction():
            time = self._clock()
            if title.series_id:
                series = {"series_id": title.series_id, "name": series_name or title.series_id}
                self._run("insert_series", **series, now=time)
            changed = Registered.ADDED
            if not self._run("insert_title", **fields, now=time):
                changed = self._registered_anew(title)
                self._run("update_title", **fields, now=time)
            files = [file.model_dump() for file in version.files]
            known = version.model_dump(exclude={"files", "seen_at"})
            self._run("insert_source_version", **known, files=json.dumps(files), now=time)
        return changed

    def _registered_anew(self, title: Title) -> Registered:
        known, there = self.title(title.title_id), self.title_at(title.location)
        if there and there.title_id != title.title_id:
            raise Conflict(f"the file is the title {there.title_id} already", where=title.location)
        if known is None or (known.location != title.location and not known.missing_since):
            place = f": {known.location}" if known else ""
            raise Conflict(
                f"another file has the title id {title.title_id}{place}",
                where=title.location,
                remedy="rename one of the two, or remove it",
            )
        return Registered.SAME if known.version == title.version else Registered.CHANGED

    def title(self, title_id: str) -> Title | None:
        """A title by its id."""
        return _title(self._run("find_title", title_id=title_id))

    def title_at(self, location: str) -> Title | None:
        """The title whose file lies there."""
        return _title(self._run("find_title_at", location=location))

    def titles(
        self,
        pattern: str = "*",
        *,
        series: str = "",
        language: str = "",
        limit: int = _PAGE,
        after: str = "",
    ) -> list[Title]:
        """Titles by their ids, at most `limit`; missing ones too.

        Args:
            pattern: of their ids, such as `maria-*`.
            series: id of their series; "" any.
            language: their source language; "" any.
            after: the last id of the page before.
        """
        if not {"*", "?"} & set(pattern):
            return self._exactly(pattern.lower(), series, language, after)
        values: dict[str, Any] = {"after": after, "most": limit}
        values |= {"pattern": like_pattern(pattern), "language": language}
        if series:
            rows = self._run("find_titles_of_series", series_id=series, **values)
        else:
            rows = self._run("find_titles", **values)
        return [Title.model_validate(row) for row in rows]

    def _exactly(self, title_id: str, series: str, language: str, after: str) -> list[Title]:
        """The title of an id, found by its key: a pattern is compared with every id."""
        one = self.title(title_id)
        fits = one and series in ("", one.series_id) and language in ("", one.source_language)
        return [one] if one and fits and one.title_id > after else []

    def titles_ingested(self, start: str, end: str, *, unasked: bool = False) -> Iterator[Title]:
        """Titles whose version was seen first from `start` on and before `end`, in that order.

        Missing ones are left out. A scan that commits at this moment may have begun before `end`:
        who relies on having seen them all asks again a little later.

        Args:
            start, end: UTC, as `airdub.catalog.session.now` writes them.
            unasked: only those of whose version nothing was ever asked for.
        """
        query = "titles_unasked" if unasked else "titles_ingested"

        def page(last: Title | None) -> list[dict[str, Any]]:
            after = (last.ingested_at, last.title_id) if last else ("", "")
            values = {"start": start, "end": end, "after": after[0], "after_id": after[1]}
            return list(self._run(query, **values, most=_PAGE))

        return _pages(page)

    def titles_below(self, root: str) -> Iterator[tuple[str, str]]:
        """(title id, location) of the titles that lie below `root`, a prefix; not missing ones."""
        after = ""
        while True:
            rows = self._run("titles_below", root=root, length=len(root), after=after, most=_PAGE)
            for row in rows:
                yield row["title_id"], row["location"]
            if len(rows) < _PAGE:
                return
            after = rows[-1]["title_id"]

    def titles_of_version(self, version: SourceVersion) -> list[Title]:
        """Titles that have these bytes now, and the same beside them, wherever they lie."""
        values = {"source_sha256": version.source_sha256, "version": version.version}
        rows = self._run("titles_of_version", **values)
        return [Title.model_validate(row) for row in rows]

    def source_version(self, title_id: str, version: str) -> SourceVersion | None:
        """A version of a title."""
        row = self._run("find_source_version", title_id=title_id, version=version)
        return _version(row) if row else None

    def source_versions(self, title_id: str) -> list[SourceVersion]:
        """Every version that a title has had, the newest first."""
        return [_version(row) for row in self._run("find_source_versions", title_id=title_id)]

    def latest_requests(self, title_id: str) -> list[Request]:
        """What was asked for last of a title in each language.

        What was superseded only where nothing else was asked for.
        """
        rows = self._run("latest_requests", title_id=title_id)
        return [Request.model_validate(row) for row in rows]

    def mark_missing(self, title_id: str) -> None:
        """Record that a title's file is gone; registering the title again takes it back."""
        self._run("set_missing", title_id=title_id, now=now())

    def mark_found(self, title_id: str) -> None:
        """Record that a title's file is there, unchanged.

        Where no interval of `dub_catalog` has seen it, it is ingested now.
        """
        self._run("set_found", title_id=title_id, now=self._clock())

    def note_bad_file(self, bad: BadFile) -> None:
        """Record a file that can't be taken, in place of what was known of it."""
        self._run("note_bad_file", **bad.model_dump(exclude={"seen_at"}), now=now())

    def bad_file(self, location: str) -> BadFile | None:
        """What is wrong with a file."""
        row = self._run("find_bad_file", location=location)
        return BadFile.model_validate(row) if row else None

    def bad_files(self, *, limit: int = _PAGE, after: str = "") -> list[BadFile]:
        """Files that couldn't be taken, by location, at most `limit`.

        Args:
            after: the last location of the page before.
        """
        rows = self._run("find_bad_files", after=after, most=limit)
        return [BadFile.model_validate(row) for row in rows]

    def bad_files_below(self, root: str) -> Iterator[BadFile]:
        """Every bad file whose location begins with `root`."""
        after = ""
        while page := self.bad_files(after=after):
            yield from (bad for bad in page if bad.location.startswith(root))
            after = page[-1].location

    def forget_bad_file(self, location: str) -> None:
        """Forget a bad file: it was taken, or it is gone. No such row is fine."""
        self._run("forget_bad_file", location=location)


def _title(row: dict[str, Any] | None) -> Title | None:
    return Title.model_validate(row) if row else None


def _version(row: dict[str, Any]) -> SourceVersion:
    return SourceVersion.model_validate(row | {"files": json.loads(row["files"])})


def _pages(page: Callable[[Title | None], list[dict[str, Any]]]) -> Iterator[Title]:
    """Every title of the pages, each asked for after the last title of the one before."""
    last = None
    while rows := page(last):
        for row in rows:
            last = Title.model_validate(row)
            yield last
        if len(rows) < _PAGE:
            return
