"""What people say about dubs, counted, and what followed from it."""

from __future__ import annotations

from collections.abc import Iterable

from airdub.catalog.session import Session, now
from airdub.errors import InvalidInput
from airdub.feedback.documents import (
    STAGES_OF,
    Comment,
    Complaints,
    EngineComplaints,
    FeedbackFile,
    Tag,
)

_MANY = 1000
_UNDER_WAY = ("queued", "started")


class Feedback(Session):
    """Comments and their tags."""

    def take_comment(self, comment: Comment, tags: Iterable[Tag], tagger: str) -> bool:
        """Keep a comment with the release that was current when it was said.

        Args:
            tagger: what found the tags; "" nothing can in that language.

        Returns:
            Whether it is new.

        Raises:
            InvalidInput: there is no dub of that title in that language.
        """
        of = {"title_id": comment.title_id, "language": comment.language}
        with self.transaction():
            if not self._run("has_dub", **of):
                raise InvalidInput(
                    "there is no such dub",
                    where=f"{comment.title_id} {comment.language}",
                    remedy="write title and language as `airdub release list` does",
                )
            release_id = self._run("release_then", **of, said_at=comment.said_at)
            fields = comment.model_dump()
            if not self._run(
                "insert_comment", **fields, release_id=release_id, tagger=tagger, now=now()
            ):
                return False
            rows = [{"comment_id": comment.comment_id, "tag": tag} for tag in sorted(set(tags))]
            self._run_many("insert_tags", rows)
            return True

    def comments(self, title_id: str, *, most: int = _MANY) -> list[tuple[Comment, list[Tag]]]:
        """What was said about a title's dubs, with its tags, the newest first."""
        rows = self._run("comments_of_title", title_id=title_id, most=most)
        return [(Comment.model_validate(row), self._tags(row["comment_id"])) for row in rows]

    def _tags(self, comment_id: str) -> list[Tag]:
        return [Tag(row["tag"]) for row in self._run("tags_of_comment", comment_id=comment_id)]

    def complaints(self, since: str, *, most: int = _MANY) -> list[Complaints]:
        """How many complain of what, by title and language, the most first.

        Args:
            since: of comments that were said from then on.
        """
        rows = self._run("complaints_by_title", since=since, most=most)
        return [Complaints.model_validate(row) for row in rows]

    def engine_complaints(self, since: str) -> list[EngineComplaints]:
        """How many complain of what an engine answers for, the most first.

        Args:
            since: see `complaints`.
        """
        rows = self._run("comments_by_engine", since=since)
        heard = {(row["stage"], row["engine"]): row["comments"] for row in rows}
        return [
            EngineComplaints.model_validate({**row, "heard": heard[row["stage"], row["engine"]]})
            for row in self._run("complaints_by_engine", since=since)
            if row["stage"] in STAGES_OF[Tag(row["tag"])]
        ]

    def feedback_file(self, location: str) -> FeedbackFile | None:
        """What came of a file of comments; None when it wasn't read."""
        row = self._run("find_feedback_file", location=location)
        return FeedbackFile.model_validate(row) if row else None

    def note_feedback_file(self, file: FeedbackFile) -> None:
        """Note that a file was read; again when it has changed."""
        self._run("note_feedback_file", **file.model_dump(exclude={"read_at"}), now=now())

    def unweighed_releases(self, *, most: int = _MANY) -> list[str]:
        """Ids of releases about which something was said that nobody has weighed."""
        return [row["release_id"] for row in self._run("unweighed_releases", most=most)]

    def complaints_of_release(self, release_id: str) -> dict[Tag, int]:
        """How many complain of what about a release."""
        rows = self._run("complaints_of_release", release_id=release_id)
        return {Tag(row["tag"]): row["comments"] for row in rows}

    def followed_tags(self, release_id: str) -> frozenset[Tag]:
        """Complaints about a release that something followed from."""
        rows = self._run("followed_tags", release_id=release_id)
        return frozenset(Tag(row["tag"]) for row in rows)

    def note_weighed(
        self, release_id: str, followed: str = "", complaints: dict[Tag, int] | None = None
    ) -> None:
        """All that was said about a release up to now is weighed.

        Args:
            followed: `review` or `request`; "" nothing.
            complaints: from which it followed.
        """
        with self.transaction():
            for tag, count in sorted((complaints or {}).items()):
                of = {"release_id": release_id, "tag": tag, "complaints": count}
                self._run("insert_followed", **of, followed=followed, now=now())
            self._run("mark_weighed", release_id=release_id, now=now())

    def review_again(
        self, release_id: str, priority: float, notes: str, *, repairs_since: str = ""
    ) -> str:
        """Put a published release up for review, unless its dub is looked at or made again.

        The review is that of the dub's last run, as a redo goes on from there; people look at the
        released one.

        Args:
            notes: why.
            repairs_since: a repair that was asked for earlier comes no more.

        Returns:
            The review's run id; "" when a repair is under way.

        Raises:
            InvalidInput: there is no such release.
        """
        with self.transaction():
            release = self._run("find_release", release_id=release_id)
            if release is None:
                raise InvalidInput("there is no such release", where=release_id)
            of = {"title_id": release["title_id"], "language": release["language"]}
            run_id: str = self._run("last_run", **of)
            repair = self._run("find_repair", run_id=run_id)
            if repair and repair["state"] in _UNDER_WAY and repair["changed_at"] >= repairs_since:
                return ""
            asked = {**of, "best_run_id": release["run_id"], "priority": priority, "notes": notes}
            if self._run("reopen_review", run_id=run_id, **asked, now=now()):
                self._run("forget_shown", run_id=run_id)
            return run_id
