"""The catalogue: what was dubbed, how it was judged, what follows, and who agreed to it.

The only lasting record: Airflow's database is cleaned, and the store's `work/` may go at any time.
One SQLite file, or PostgreSQL, with the same migrations and queries (`sql/`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from airdub.catalog import migrating
from airdub.catalog.addresses import safe_url
from airdub.catalog.consents import Consents
from airdub.catalog.continuity import Continuity
from airdub.catalog.costs import Costs
from airdub.catalog.database import Database
from airdub.catalog.dispatching import Dispatching
from airdub.catalog.feedback import Feedback
from airdub.catalog.judgements import Judgements
from airdub.catalog.needs import Needs
from airdub.catalog.notices import Notices
from airdub.catalog.postgresql import PostgresDatabase
from airdub.catalog.releases import Releases
from airdub.catalog.requests import Requests
from airdub.catalog.review_tasks import ReviewTasks
from airdub.catalog.reviews import Reviews
from airdub.catalog.rows import (
    Decision,
    Publication,
    Quarantine,
    Release,
    Repair,
    Review,
    ReviewTask,
    RunVerdict,
    WaitingReview,
    Waiver,
)
from airdub.catalog.sqlite import SqliteDatabase
from airdub.catalog.standing_orders import StandingOrders
from airdub.catalog.titles import Titles
from airdub.errors import InvalidInput

__all__ = [
    "Catalog",
    "Decision",
    "Publication",
    "Quarantine",
    "Release",
    "Repair",
    "Review",
    "ReviewTask",
    "RunVerdict",
    "WaitingReview",
    "Waiver",
    "open_catalog",
    "roll_back",
]


class Catalog(
    Judgements,
    Reviews,
    ReviewTasks,
    Releases,
    Consents,
    Notices,
    Costs,
    Titles,
    Needs,
    Requests,
    StandingOrders,
    Dispatching,
    Continuity,
    Feedback,
):
    """The whole API; made by `open_catalog`."""


def _find_database(url: str) -> Database:
    """The database of a URL, not yet connected.

    Raises:
        InvalidInput: it is neither `sqlite:///file` nor `postgresql://...`.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/"):
        return SqliteDatabase(Path(unquote(rest)))
    if scheme in ("postgresql", "postgres"):
        return PostgresDatabase(url)
    raise InvalidInput(
        f"{safe_url(url)!r} is no catalogue",
        where="AIRDUB_CATALOG",
        remedy="use sqlite:///ABSOLUTE/PATH or postgresql://USER@HOST:PORT/NAME",
    )


@contextmanager
def open_catalog(url: str) -> Iterator[Catalog]:
    """The catalogue of a URL (`Settings.catalog_url`), its schema brought up to date.

    For one thread. Errors of the database leave the block in our own words.

    Raises:
        DependencyUnavailable: it can't be reached.
        TemporaryFailure: somebody else holds it for too long, or the disk is full.
        InvalidInput: the URL is none, or the schema is newer than this version of airdub.
    """
    with _connected(url) as database:
        migrating.migrate(database)
        yield Catalog(database)


def roll_back(url: str, last: str) -> list[str]:
    """Take back every migration of the catalogue after one; see `migrating.roll_back`."""
    with _connected(url) as database:
        return migrating.roll_back(database, last)


@contextmanager
def _connected(url: str) -> Iterator[Database]:
    """The database of a URL; its errors leave the block in our own words."""
    database = _find_database(url)
    try:
        database.open()
        yield database
    except UnicodeEncodeError as error:
        raise InvalidInput(
            "it isn't UTF-8", where=ascii(error.object)[:200], remedy="write it in UTF-8"
        ) from None
    except Exception as error:
        known = database.error(error)
        if known is None:
            raise
        raise known from None  # the driver's own words may hold the password
    finally:
        database.close()
