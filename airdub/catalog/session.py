"""One connection to the catalogue: transactions, named queries, and errors in our own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from airdub.catalog.database import Database
from airdub.errors import Conflict, InvalidInput


class Session:
    """What every part of the catalogue's API stands on.

    Args:
        database: an open one, with the schema of this version.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._depth = 0

    _moves: ClassVar[dict[str, tuple[str, str]]] = {
        "publication": ("find_publication", "move_publication"),
        "repair": ("find_repair", "move_repair"),
        "quarantine": ("find_quarantine", "move_quarantine"),
        "release": ("find_release", "move_release"),
    }

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; within another one it is a part of that.

        On SQLite it holds the one right to write from its beginning.
        """
        self._depth += 1
        try:
            if self._depth > 1:
                yield
                return
            with self._database.transaction():
                yield
        finally:
            self._depth -= 1

    def hold_queue(self) -> None:
        """Within a transaction: nobody else puts anything into the queue until it ends.

        Who enqueues among other things takes it before all of them: who enqueues at the same time
        waits for the same titles, and in another order each would wait for the other.
        """
        self._database.hold_queue()

    def _clock(self) -> str:
        """The time by the database's clock, which is one for all machines."""
        return stamp(self._database.clock())

    def _run(self, query: str, **values: Any) -> Any:
        """A query of `sql/queries` by its name: rows, a row, a value, or a number of rows."""
        return self._database.run(query, values)

    def _run_many(self, query: str, rows: list[dict[str, Any]]) -> int:
        """A statement for each of the rows: the number of rows that it changed."""
        return self._database.run_many(query, rows) if rows else 0

    def _move(self, kind: str, key: dict[str, str], state: str, was: str, note: str) -> None:
        """Change a row's state if it has the one that it is thought to have.

        Moving it again is fine.

        Raises:
            InvalidInput: there is no such row.
            Conflict: it is in another state.
        """
        find, move = self._moves[kind]
        name = next(iter(key.values()))
        with self.transaction():
            if self._run(move, **key, state=state, was=was, note=note, now=now()):
                return
            row = self._run(find, **key)
        if row is None:
            raise InvalidInput(
                f"there is no {kind} of that id", where=name, remedy="correct the id"
            )
        if row["state"] != state:
            raise Conflict(
                f"the {kind} is {row['state']}, not {was}",
                where=name,
                remedy="look at what is there now: somebody else was first",
            )


def now(ago: timedelta = timedelta()) -> str:
    """The time in UTC, ISO 8601 with microseconds and Z, so that times sort as text.

    Args:
        ago: how long before now.
    """
    return stamp(datetime.now(UTC) - ago)


def stamp(time: datetime) -> str:
    """A time with a zone as the catalogue writes times."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
