"""What people were told of, and when: so that the same isn't told over and over."""

from __future__ import annotations

from datetime import timedelta

from airdub.catalog.session import Session, now
from airdub.model import Document
from airdub.notices import Overdue


class Claim(Document):
    """The right to tell of something now.

    Attributes:
        told_at: the time under which it is told.
        was: when it was told before; "" never.
        held_back: how many about the same were not told since then.
    """

    about: str
    told_at: str
    was: str
    held_back: int


class Notices(Session):
    """Which notices are told, and which are counted only."""

    def claim_notice(self, about: str, every: timedelta, *, at: str = "") -> Claim | None:
        """The right to tell of it; None, and it is counted, when it was told less than `every` ago.

        Of two who ask at once, one gets it.

        Args:
            at: the time up to which it tells; "" now.
        """
        time, before = at or now(), now(every)
        with self.transaction():
            known = self._run("find_notice", about=about) or {"told_at": "", "held_back": 0}
            if self._run("tell_notice", about=about, now=time, before=before):
                return Claim(
                    about=about, told_at=time, was=known["told_at"], held_back=known["held_back"]
                )
            self._run("hold_notice", about=about)
        return None

    def return_claim(self, claim: Claim) -> None:
        """It couldn't be told: the next one about it may be, and counts this one."""
        self._run(
            "untell_notice",
            about=claim.about,
            told_at=claim.told_at,
            was=claim.was,
            held_back=claim.held_back + 1,
        )

    def overdue(self, since: str, until: str, *, most: int = 10) -> tuple[int, list[Overdue]]:
        """How many dubs were due after one time and up to another and aren't there; some of them.

        One that waits for a person isn't there; one that failed was told of by itself.
        """
        rows = self._run("overdue_requests", since=since, until=until, most=most)
        count = rows[0]["count"] if rows else 0
        fields = Overdue.model_fields
        return count, [Overdue.model_validate({name: row[name] for name in fields}) for row in rows]

    def oldest_waiting(self) -> str:
        """When the request that waits longest was made; "" when none waits."""
        return self._run("oldest_waiting") or ""

    def notice_told_at(self, about: str) -> str:
        """When it was told last; "" never."""
        row = self._run("find_notice", about=about)
        return str(row["told_at"]) if row else ""
