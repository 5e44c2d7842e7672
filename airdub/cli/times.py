"""Times as people type them."""

from __future__ import annotations

from datetime import UTC, datetime

from airdub.errors import InvalidInput


def utc_time(text: str, where: str) -> str:
    """A time as the catalogue writes it: UTC, ISO 8601 with microseconds and Z.

    Args:
        text: ISO 8601: a day, or a time; in UTC unless it says otherwise.
        where: the field that it comes from, for the message.

    Raises:
        InvalidInput: it is no time.
    """
    try:
        time = datetime.fromisoformat(text)
        moment = (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            f"{text!r} is no time", where=where, remedy="such as 2026-12-24 or 2026-12-24T18:00Z"
        ) from error
    return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
