"""Taking comments in: out of files that people drop into a folder, one row at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from airdub.artifacts import ArtifactStore
from airdub.catalog import open_catalog
from airdub.catalog.session import now
from airdub.errors import InvalidInput
from airdub.feedback.documents import Comment, FeedbackFile
from airdub.feedback.lexicon import tag_comment
from airdub.feedback.reading import LARGEST_FILE, Refused, read_comments

if TYPE_CHECKING:
    from airdub.artifacts import StoredFacts
    from airdub.catalog import Catalog
    from airdub.settings import Settings

_SETTLED = timedelta(minutes=1)
"""A file that was written later may still be growing."""

_BATCH = 500
_NOTED = 5


@dataclass(frozen=True)
class Taken:
    """What came of some comments.

    Attributes:
        new: that weren't known.
        known: that were brought before.
        refused: that can't be taken, and why.
    """

    new: int = 0
    known: int = 0
    refused: tuple[Refused, ...] = ()


def take(catalog: Catalog, rows: Iterable[tuple[int, Comment | Refused]]) -> Taken:
    """Tag comments and keep them; what can't be taken is named by its row and left out."""
    new = known = 0
    refused = []
    for batch in _batches(rows):
        with catalog.transaction():
            for line, row in batch:
                if isinstance(row, Refused):
                    refused.append(row)
                    continue
                try:
                    is_new = catalog.take_comment(row, *tag_comment(row.text, row.said_in))
                except InvalidInput as error:
                    refused.append(Refused(line, str(error)))
                    continue
                new, known = new + is_new, known + (not is_new)
    return Taken(new, known, tuple(refused))


def import_file(settings: Settings, data: bytes, name: str) -> Taken:
    """Take the comments of a CSV file (see `read_comments`).

    Raises:
        InvalidInput: it is no such table.
    """
    with open_catalog(settings.catalog_url) as catalog:
        return take(catalog, read_comments(data, name, now()))


def collect(settings: Settings) -> Iterator[FeedbackFile]:
    """Read every CSV file of the folder that is new or has changed; one bad file stops no other.

    Yields:
        What came of each; rows that were taken before don't count as taken.

    Raises:
        InvalidInput: AIRDUB_FEEDBACK is no folder.
    """
    store, folder = _folder(settings.feedback_url)
    before = datetime.now(UTC) - _SETTLED
    for file in store.list_facts(folder):
        name = file.key.removeprefix(f"{folder}/")
        is_table = name.casefold().endswith(".csv") and not Path(name).name.startswith(".")
        if is_table and file.written < before and not _is_known(settings, name, file):
            yield _collected(settings, store, name, file)


def _folder(url: str) -> tuple[ArtifactStore, str]:
    """The store that the folder lies in, and its name there."""
    above, _, folder = url.rstrip("/").rpartition("/")
    if not folder or above.endswith(":/"):
        raise InvalidInput(
            "no folder", where="AIRDUB_FEEDBACK", remedy="use file:///path or s3://bucket/prefix"
        )
    return ArtifactStore(above), folder


def _stamp(file: StoredFacts) -> str:
    return f"{file.bytes} {file.written.isoformat()}"


def _is_known(settings: Settings, name: str, file: StoredFacts) -> bool:
    with open_catalog(settings.catalog_url) as catalog:
        known = catalog.feedback_file(name)
    return known is not None and known.stamp == _stamp(file)


def _collected(
    settings: Settings, store: ArtifactStore, name: str, file: StoredFacts
) -> FeedbackFile:
    try:
        if file.bytes > LARGEST_FILE:
            raise InvalidInput(
                "the file is too large", where=name, remedy=f"cut it to {LARGEST_FILE >> 20} MiB"
            )
        taken = import_file(settings, store.read(file.key), name)
        notes = [str(one) for one in taken.refused[:_NOTED]]
    except InvalidInput as error:
        taken, notes = Taken(refused=(Refused(0, error.what),)), [str(error)]
    done = FeedbackFile(
        location=name,
        stamp=_stamp(file),
        taken=taken.new,
        refused=len(taken.refused),
        note="; ".join(notes),
    )
    with open_catalog(settings.catalog_url) as catalog:
        catalog.note_feedback_file(done)
    return done


def _batches(
    rows: Iterable[tuple[int, Comment | Refused]],
) -> Iterator[list[tuple[int, Comment | Refused]]]:
    left = iter(rows)
    while batch := list(islice(left, _BATCH)):
        yield batch
