"""Titles and versions as a scan would make them."""

from __future__ import annotations

import hashlib
from typing import Any

from airdub.library.documents import FileBeside, SourceVersion, Title


def digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def version(title_id: str, contents: dict[str, str], duration_s: float = 4.0) -> SourceVersion:
    """The version of a title whose files have these contents by ending; "" is the source."""
    return SourceVersion.of(
        title_id,
        [
            FileBeside(
                ending=ending,
                location=f"/library/{title_id}{ending or '.mp4'}",
                sha256=digest(content),
                bytes=len(content),
                stamp=f"{len(content)}:1",
            )
            for ending, content in contents.items()
        ],
        duration_s,
    )


def title(of: SourceVersion, **changes: Any) -> Title:
    """The title that has a version."""
    fields = {
        "title_id": of.title_id,
        "name": of.title_id,
        "source_language": "en",
        "location": of.files[0].location,
        "version": of.version,
        "beside": of.beside,
        "duration_s": of.duration_s,
    }
    return Title.model_validate(fields | changes)
