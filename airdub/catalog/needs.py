"""Which work is still needed, as far as the catalogue knows."""

from __future__ import annotations

from airdub.catalog.session import Session, now


class Needs(Session):
    """What sweeping asks before it removes anything."""

    def note_start(self, run_id: str, title_id: str) -> None:
        """A run begins, or begins again: the work on its title is needed from now on."""
        self._run("note_start", run_id=run_id, title_id=title_id, now=now())

    def forget_starts(self, before: str) -> None:
        """Forget runs that began before a time (UTC, as `now` writes it)."""
        self._run("forget_starts", since=before)

    def is_needed(self, fingerprint: str, since: str) -> bool:
        """Whether a judged run that needs its work is partly made of this piece.

        It does when it was judged since then; when its release is current, or was since then; while
        it waits for publication, repair or a person; and when its title is requested in any
        language, or a run of it began since then.

        Args:
            since: UTC, as `now` writes it.
        """
        return bool(self._run("runs_in_need", fingerprint=fingerprint, since=since))
