"""A comment, and what it may be about."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import Field

from airdub.errors import InvalidInput
from airdub.languages import parse_language
from airdub.model import Document, canonical_json
from airdub.titles import checked_title_id

LONGEST_TEXT = 4000
"""Characters of a comment."""

_LONGEST_ID = 200


class Tag(StrEnum):
    """What somebody complains of."""

    VOICE = "voice"
    SYNC = "sync"
    NOISE = "noise"
    TRANSLATION = "translation"
    PROSODY = "prosody"


STAGES_OF: dict[Tag, tuple[str, ...]] = {
    Tag.VOICE: ("synthesize", "convert_voice"),
    Tag.SYNC: ("mix", "lipsync"),
    Tag.NOISE: ("separate", "mix"),
    Tag.TRANSLATION: ("transcribe", "translate"),
    Tag.PROSODY: ("synthesize",),
}
"""The stages whose engines a complaint is counted for."""


class SaidBy(StrEnum):
    """Who says something."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"


class Comment(Document):
    """What somebody says about a dub.

    Attributes:
        comment_id: made of all else but the origin (`new_comment`).
        language: of the dub.
        said_in: language of the text.
        said_at: UTC, as `catalog.session.now()` writes it.
        origin: the file or the user that brought it.
    """

    comment_id: str
    title_id: str
    language: str
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    said_by: SaidBy = SaidBy.VIEWER
    said_in: str
    said_at: str
    origin: str


class Complaints(Document):
    """How many comments on a title's dub complain of something."""

    title_id: str
    language: str
    tag: Tag
    comments: int


class EngineComplaints(Document):
    """How many comments complain of what an engine answers for.

    Attributes:
        heard: comments on releases that it had a part in, complaints or not.
    """

    stage: str
    engine: str
    tag: Tag
    comments: int
    heard: int


class FeedbackFile(Document):
    """What came of a file of comments.

    Attributes:
        stamp: its size and time of change.
        note: its first refusals; "" none.
    """

    location: str
    stamp: str
    taken: int
    refused: int
    note: str
    read_at: str = ""


def new_comment(
    title_id: str,
    language: str,
    text: str,
    *,
    origin: str,
    now: str,
    id_: str = "",
    said_by: str = "",
    said_in: str = "",
    said_at: str = "",
) -> Comment:
    """A comment with its id: brought again, it is the same one.

    Args:
        now: for one that doesn't say when it was said, or says a time to come.
        id_: by which whoever brings it knows it; tells apart comments that read alike.
        said_by: a `SaidBy`; "" a viewer.
        said_in: "" the dub's language.
        said_at: ISO 8601, UTC without a zone; "" not known.

    Raises:
        InvalidInput: a value can't be used; `where` names it.
    """
    tag = parse_language(language.strip(), where="language")
    fields = {
        "title_id": checked_title_id(title_id.strip()),
        "language": tag,
        "text": _text(text),
        "said_by": _said_by(said_by),
        "said_in": parse_language(said_in.strip(), where="said_in") if said_in.strip() else tag,
    }
    said = {"id": id_.strip()[:_LONGEST_ID], "said_at": _utc(said_at.strip())}
    digest = hashlib.sha256(canonical_json({**fields, **said})).hexdigest()
    time = min(said["said_at"] or now, now)
    return Comment.model_validate(
        {**fields, "comment_id": digest[:32], "said_at": time, "origin": origin}
    )


def _text(text: str) -> str:
    """One line without control characters, cut where it gets too long."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not plain:
        raise InvalidInput("it says nothing", where="text", remedy="write what was said")
    return plain[:LONGEST_TEXT]


def _said_by(text: str) -> SaidBy:
    try:
        return SaidBy(text.strip().lower() or SaidBy.VIEWER)
    except ValueError:
        raise InvalidInput(
            f"{text[:40]!r} is nobody",
            where="said_by",
            remedy=f"write one of: {', '.join(SaidBy)}",
        ) from None


def _utc(text: str) -> str:
    if not text:
        return ""
    try:
        time = datetime.fromisoformat(text)
        time = time if time.tzinfo else time.replace(tzinfo=UTC)
        return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"{text[:40]!r} is no time", where="said_at", remedy="write it as 2026-11-21T18:00:00Z"
        ) from None
