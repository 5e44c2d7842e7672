"""What was published, as the catalogue knows it."""

from __future__ import annotations

from airdub.catalog.rows import Release
from airdub.catalog.session import Session, now
from airdub.errors import Conflict

_MANY = 1000


class Releases(Session):
    """Releases: recorded once the store's pointer names them."""

    def record_release(self, release: Release) -> None:
        """Record a release as current, the one that it replaces as replaced, its run as published.

        Recording it again is fine, and so is any order of two publishers: a release that another
        one is known to replace is recorded as replaced. Times and state are the catalogue's.

        Raises:
            Conflict: another release is recorded under that id.
        """
        with self.transaction():
            of = {"title_id": release.title_id, "language": release.language}
            self._run("lock_dub", **of, run_id=release.run_id, now=now())
            time = now()
            replaced = bool(self._run("is_replaced", release_id=release.release_id))
            fields = release.model_dump(exclude={"state", "note", "published_at", "changed_at"})
            state = "replaced" if replaced else "current"
            if not self._run("insert_release", **fields, state=state, now=time):
                self._refuse_other(release)
                return
            if release.replaces:
                self._run("replace_release", release_id=release.replaces, now=time)
            values = {"run_id": release.run_id, "note": release.release_id, "now": time}
            self._run("move_publication", **values, was="pending", state="published")

    def _refuse_other(self, release: Release) -> None:
        known = self.release(release.release_id)
        same = ("title_id", "language", "run_id", "folder", "sha256")
        if known is None or any(getattr(known, name) != getattr(release, name) for name in same):
            raise Conflict(
                "another release is recorded under that id",
                where=release.release_id,
                remedy="`airdub release verify` says whether its files are whole",
            )

    def release(self, release_id: str) -> Release | None:
        """A release by its id."""
        row = self._run("find_release", release_id=release_id)
        return Release.model_validate(row) if row else None

    def releases(
        self, title_id: str | None = None, language: str | None = None, *, most: int = _MANY
    ) -> list[Release]:
        """Releases, the newest first: all (at most `most`), a title's, or a dub's."""
        if title_id is None:
            rows = self._run("find_releases", most=most)
        elif language is None:
            rows = self._run("releases_of_title", title_id=title_id)
        else:
            rows = self._run("releases_of_dub", title_id=title_id, language=language)
        return [Release.model_validate(row) for row in rows]

    def releases_under(self, consent_id: str) -> list[Release]:
        """Releases whose voices or faces were made under a consent, the newest first."""
        rows = self._run("releases_under_consent", consent_id=consent_id)
        return [Release.model_validate(row) for row in rows]

    def release_state(self, release_id: str, state: str, *, was: str, note: str = "") -> None:
        """Change a release's state if it is `was`; changing it again is fine.

        Raises:
            InvalidInput: there is no such release.
            Conflict: it is in another state.
        """
        self._move("release", {"release_id": release_id}, state, was, note)
