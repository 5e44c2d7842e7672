"""A database behind the catalogue. All speak the queries of `sql/queries`; subclasses say the rest:
how to connect, how a transaction begins, and which of the driver's errors means what.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from airdub.errors import AirdubError, DependencyUnavailable, EngineFailed
from airdub.settings import PROJECT

log = logging.getLogger(__name__)

QUERIES = PROJECT / "sql" / "queries"


class Database(ABC):
    """A database, for one thread.

    Attributes:
        name: what it is called in messages: never with a password.
    """

    driver: ClassVar[str]
    """aiosql's name for it."""

    begin: ClassVar[str]
    """The statement that begins a transaction."""

    name: str
    connection: Any = None

    @abstractmethod
    def connect(self) -> Any:
        """A new connection on which transactions are begun by hand; rows are tuples."""

    @abstractmethod
    def open(self) -> None:
        """Connect; rows are dictionaries by column."""

    @abstractmethod
    def has_table(self, name: str) -> bool:
        """Whether there is such a table."""

    @abstractmethod
    def alone(self) -> AbstractContextManager[None]:
        """Held by one process at a time; the system takes it from one that dies."""

    @abstractmethod
    def migrator(self) -> Any:
        """The class by which yoyo runs migrations on it."""

    @abstractmethod
    def error(self, error: BaseException) -> AirdubError | None:
        """What an error of the driver means; None when it isn't the driver's."""

    @abstractmethod
    def clock(self) -> datetime:
        """The time where the database is, with a zone."""

    @abstractmethod
    def hold_queue(self) -> None:
        """Within a transaction: nobody else puts anything into the queue until it ends."""

    def close(self) -> None:
        """Close the connection."""
        if self.connection is not None:
            self.connection.close()

    @classmethod
    def spelled(cls, text: str) -> str:
        """Queries as this database wants them."""
        return text

    def run(self, query: str, values: dict[str, Any]) -> Any:
        """Run a named query: rows, a row, a value, or a number of changed rows."""
        found = getattr(_queries(type(self)), query)(self.connection, **values)
        return list(found) if isinstance(found, Iterator) else found

    def run_many(self, query: str, rows: list[dict[str, Any]]) -> int:
        """Run a named statement for each row: the number of changed rows."""
        changed: int = getattr(_queries(type(self)), query)(self.connection, rows)
        return changed

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits at its end, rolls back on an exception."""
        self.connection.execute(self.begin)
        try:
            yield
        except BaseException:
            self._roll_back()
            raise
        self.connection.execute("COMMIT")

    def _roll_back(self) -> None:
        try:
            self.connection.execute("ROLLBACK")
        except Exception as error:
            known = self.error(error)
            if known is None:
                raise
            log.warning("rolled back by the database itself: %s", known)


@cache
def _queries(database: type[Database]) -> Any:
    import aiosql

    text = "\n".join(file.read_text("utf-8") for file in sorted(QUERIES.glob("*.sql")))
    return aiosql.from_str(database.spelled(text), database.driver)


def unreachable(name: str, error: object) -> AirdubError:
    """The catalogue doesn't answer, or may not be used."""
    return DependencyUnavailable(
        f"the catalogue can't be reached: {error}",
        where=name,
        remedy="start the database, or correct AIRDUB_CATALOG",
    )


def bug(name: str, error: BaseException, text: str = "") -> AirdubError:
    """What no database should say: a query of ours is wrong."""
    return EngineFailed(f"{type(error).__name__}: {text or error}", where=name)
