"""What users of the console say about dubs: the one thing that they may bring here."""

from __future__ import annotations

from typing import Annotated, Any

from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import Field

from airdub.catalog import open_catalog
from airdub.catalog.session import now
from airdub.errors import InvalidInput
from airdub.feedback import Comment, new_comment
from airdub.feedback.collecting import take
from airdub.feedback.reading import Refused
from airdub.model import Document
from airdub.settings import load_settings

router = APIRouter()

_LARGEST_BODY = 1 << 20

Short = Annotated[str, Field(max_length=200)]


class Said(Document):
    """A comment as it is brought; see `airdub.feedback.new_comment`."""

    title_id: Short
    language: Short
    text: Annotated[str, Field(max_length=10_000)]
    id: Short = ""
    said_by: Short = ""
    said_in: Short = ""
    said_at: Short = ""


class AllSaid(Document):
    """The body of a request."""

    comments: Annotated[tuple[Said, ...], Field(min_length=1, max_length=500)]


def only_small_json(request: Request) -> None:
    """Refuse other bodies before they are read. No other site's page can send JSON in our name."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "send JSON")
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(411, "say how long it is")
    if int(length) > _LARGEST_BODY:
        raise HTTPException(413, f"send at most {_LARGEST_BODY} bytes at once")


@router.post("/api/feedback", dependencies=[Depends(only_small_json)])
def give_feedback(said: AllSaid, user: GetUserDep) -> dict[str, Any]:
    """Keep what was said: how many comments are new or known, and which can't be taken."""
    origin, time = f"user {user.get_name()}", now()
    rows = [(at, _comment(one, at, origin, time)) for at, one in enumerate(said.comments)]
    with open_catalog(load_settings().catalog_url) as catalog:
        taken = take(catalog, rows)
    return {
        "new": taken.new,
        "known": taken.known,
        "refused": [{"at": one.line, "what": one.what} for one in taken.refused],
    }


def _comment(said: Said, at: int, origin: str, time: str) -> Comment | Refused:
    words = said.model_dump(exclude={"title_id", "language", "text", "id"})
    of = (said.title_id, said.language, said.text)
    try:
        return new_comment(*of, origin=origin, now=time, id_=said.id, **words)
    except InvalidInput as error:
        return Refused(at, str(error))
