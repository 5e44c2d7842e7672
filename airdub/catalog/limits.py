"""What holds the queue back: quotas, rights windows and pauses."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from airdub.catalog.session import Session, now
from airdub.errors import InvalidInput
from airdub.languages import base_language
from airdub.queue.documents import Pause, Quota, QuotaUse, RightsWindow
from airdub.queue.quotas import Budget, Group, used_of

CLOSED = "rights"
"""Reason of a request that no rights window allows."""

_MANY = 1000


class Limits(Session):
    """Quotas, rights windows and pauses."""

    def quotas(self) -> list[Quota]:
        """All quotas."""
        return [Quota.model_validate(row) for row in self._run("find_quotas")]

    def set_quota(self, quota: Quota) -> None:
        """Set how much may be started a day."""
        self._run("set_quota", **quota.model_dump())

    def remove_quota(self, scope: str, unit: str = "dubs") -> bool:
        """Take a quota away; whether there was one."""
        return bool(self._run("remove_quota", scope=scope, unit=unit))

    def quota_use(self, time: str | None = None) -> list[QuotaUse]:
        """Every quota with what is used of it on the day (UTC) of a time; None: today."""
        day = (time or now())[:10]
        used = self._used(day)
        return [
            QuotaUse(quota=quota, day=day, used=used_of(quota, used)) for quota in self.quotas()
        ]

    def budget(self, time: str) -> Budget:
        """What the quotas leave of the day of a time.

        Within a transaction nobody else counts against them until it ends.
        """
        quotas = [Quota.model_validate(row) for row in self._run("hold_quotas")]
        return Budget(quotas, self._used(time[:10]) if quotas else None)

    def _used(self, day: str) -> dict[str, dict[Group, float]]:
        """What was used on a day, by unit and by language and profile."""
        until = (datetime.fromisoformat(day) + timedelta(days=1)).date().isoformat()
        queries = {"dubs": "dubs_claimed", "gpu_s": "gpu_seconds_used"}
        return {
            unit: {
                (row["language"], row["profile"]): float(row["used"])
                for row in self._run(query, since=day, until=until)
            }
            for unit, query in queries.items()
        }

    def rights_opening(self, title_id: str, language: str, time: str | None = None) -> str:
        """When a title may be dubbed into a language, as its rights windows say.

        A window for a language without a region is one for all of its regions.

        Returns:
            "" now (always, without a window); the time when its next window opens; "9999" when
            none will open any more.
        """
        of = {"title_id": title_id, "language": language, "now": time or now()}
        of["base"] = base_language(language)
        found: str | None = self._run("rights_opening", **of)
        return found or ""

    def rights(self, *, after: str = "", most: int = _MANY) -> list[RightsWindow]:
        """Rights windows by id, those after one."""
        rows = self._run("all_rights", after=after, most=most)
        return [RightsWindow.model_validate(row) for row in rows]

    def set_rights(self, window: RightsWindow) -> None:
        """Set a window; what waits for another one of its title or series is looked at again.

        Raises:
            InvalidInput: it is about nothing, or closes before it opens.
        """
        if not (window.title_id or window.series_id) or window.opens_at >= window.closes_at:
            raise InvalidInput(
                "a rights window is about a title or a series, and opens before it closes",
                where=window.window_id,
                remedy="correct it",
            )
        with self.transaction():
            self._look_again(self._run("find_rights", window_id=window.window_id))
            self._run("set_rights", **window.model_dump())
            self._look_again(window.model_dump())

    def remove_rights(self, window_id: str) -> bool:
        """Take a window away; whether there was one."""
        with self.transaction():
            self._look_again(self._run("find_rights", window_id=window_id))
            return bool(self._run("remove_rights", window_id=window_id))

    def _look_again(self, window: dict[str, Any] | None) -> None:
        if window is None:
            return
        if window["title_id"]:
            self._run("look_again_at_title", title_id=window["title_id"], now=now())
        else:
            self._run("look_again_at_series", series_id=window["series_id"], now=now())

    def pause(self, reason: str = "asked", note: str = "") -> Pause:
        """Stop claiming until somebody resumes; the pause that is open, if there is one."""
        with self.transaction():
            pause_id = uuid.uuid4().hex[:12]
            self._run("pause_queue", pause_id=pause_id, reason=reason, note=note, now=now())
            return Pause.model_validate(self._run("open_pause"))

    def resume(self, who: str) -> bool:
        """Go on claiming; whether the queue was paused."""
        return bool(self._run("resume_queue", who=who, now=now()))

    def open_pause(self) -> Pause | None:
        """The pause that is open."""
        row = self._run("open_pause")
        return Pause.model_validate(row) if row else None

    def pauses(self, *, most: int = 20) -> list[Pause]:
        """Pauses, the latest first: the open one, if there is one."""
        return [Pause.model_validate(row) for row in self._run("all_pauses", most=most)]
