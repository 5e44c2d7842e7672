"""Which work is still needed, as far as the catalogue knows."""

from __future__ import annotations

from airdub.catalog.session import Session, now


class Needs(Session):
    """What sweeping asks before it removes anything."""

    def note_start(self, run_id: str, title_id: str, source_sha256: str) -> None:
        """A run begins, or begins again: the work on its source is needed from now on."""
        of = {"run_id": run_id, "title_id": title_id, "source_sha256": source_sha256}
        self._run("note_start", **of, now=now())

    def forget_starts(self, before: str) -> None:
        """Forget runs that began before a time (UTC, as `now` writes it)."""
        self._run("forget_starts", since=before)

    def is_needed(self, fingerprint: str, since: str) -> bool:
        """Whether a judged run that needs its work is partly made of this piece.

        It does when it was judged since then; when its release is current, or was since then; while
        it waits for publication, repair or a person; and when its source is requested, by any title
        in any language, or a run on it began since then.

        Args:
            since: UTC, as `now` writes it.
        """
        return bool(self._run("runs_in_need", fingerprint=fingerprint, since=since))
