"""Comments out of a CSV file: good rows are taken, bad ones are named with their line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from airdub.errors import InvalidInput
from airdub.feedback.documents import Comment, new_comment
from airdub.subtitles.encodings import decode

LARGEST_FILE = 64 << 20
"""Bytes of a file that is read."""

_REQUIRED = ("title", "language", "text")
_OPTIONAL = ("id", "said_by", "said_in", "said_at")
_SEPARATORS = ",;\t"


@dataclass(frozen=True)
class Refused:
    """A row that can't be taken: where it ends in the file, and why."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}"


def read_comments(data: bytes, name: str, now: str) -> Iterator[tuple[int, Comment | Refused]]:
    """What each row of a file says, with the line on which it ends.

    The first row names the columns: `title`, `language` and `text`; `id`, `said_by` (viewer,
    reviewer), `said_in` (language of the text) and `said_at` may be there. Others are passed over.

    Args:
        name: of the file; the comments' origin.
        now: the time.

    Raises:
        InvalidInput: it is no such table.
    """
    text = _text(data, name)
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    columns = _columns(next(rows, []), name)
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                yield rows.line_num, _comment(row, columns, name, now, rows.line_num)
    except csv.Error as error:
        yield rows.line_num, Refused(rows.line_num, f"{error}; the rest isn't read")


def _text(data: bytes, name: str) -> str:
    try:
        return decode(data, name=name, language="en")[0]
    except InvalidInput as error:
        remedy = "give a CSV file in UTF-8"
        raise InvalidInput(error.what, where=error.where, remedy=remedy) from error


def _columns(head: list[str], name: str) -> dict[str, int]:
    """Place of each known column."""
    places = {cell.strip().casefold(): at for at, cell in enumerate(head)}
    if missing := [column for column in _REQUIRED if column not in places]:
        raise InvalidInput(
            f"it has no column {', '.join(missing)}",
            where=name,
            remedy=f"name the columns in the first line: {', '.join(_REQUIRED)}, and if you have "
            f"them {', '.join(_OPTIONAL)}",
        )
    return {column: places[column] for column in (*_REQUIRED, *_OPTIONAL) if column in places}


def _comment(
    row: list[str], columns: dict[str, int], name: str, now: str, line: int
) -> Comment | Refused:
    cells = {column: row[at] if at < len(row) else "" for column, at in columns.items()}
    title, language, text = (cells.pop(column) for column in _REQUIRED)
    id_ = cells.pop("id", "")
    try:
        return new_comment(title, language, text, origin=name, now=now, id_=id_, **cells)
    except InvalidInput as error:
        return Refused(line, str(error))
