"""Names for titles and files: safe everywhere, and still telling a person what is what."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

from airdub.errors import InvalidInput

_MAX_SLUG = 40
_TITLE_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


def slug(text: str, most: int = _MAX_SLUG) -> str:
    """Lower-case ASCII letters, digits and single hyphens: `Ma vidéo "1" 🎬` gives `ma-video-1`.

    Text without any such character gives `title`; longer text is cut.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:most].strip("-") or "title"


def file_slug(path: Path) -> str:
    """The file's name as a slug, its suffix kept when it is an ordinary one."""
    suffix = path.suffix.lower()
    return slug(path.stem) + (suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else "")


def title_id_of(source: str) -> str:
    """The id of a title that was given none: slug of the file's name and a hash of its path."""
    digest = hashlib.sha256(source.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{slug(Path(source).stem)}-{digest[:8]}"


def checked_title_id(title_id: str) -> str:
    """The id itself, if it is one.

    Raises:
        InvalidInput: it holds a path or other characters than ids have.
    """
    if _TITLE_ID.fullmatch(title_id) and ".." not in title_id:
        return title_id
    raise InvalidInput(
        f"{title_id!r} is not a title id",
        where="title_id",
        remedy="use up to 80 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit; "
        "or leave it out and it is made from the file's name",
    )
