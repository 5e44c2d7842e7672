"""Who agreed to what, who is heard in which title, and what was made of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from airdub.catalog.session import Session, now
from airdub.consents import Consent, Use, checked_name, grants
from airdub.errors import Conflict, InvalidInput

_LISTS = ("uses", "languages", "territories")
_MANY = 1000


class Consents(Session):
    """Consents, casts, and the folders that hold somebody's voice or face."""

    def grant(self, consent: Consent) -> Consent:
        """Record a consent; granting the same again is fine. Times are the catalogue's.

        Raises:
            Conflict: the same consent was revoked.
        """
        fields = consent.model_dump(
            mode="json", exclude={"granted_at", "revoked_at", "revoked_why", "erased_at"}
        )
        lists = {name: json.dumps(fields.pop(name)) for name in _LISTS}
        with self.transaction():
            self._run("insert_consent", **fields, **lists, now=now())
            known = self._consent(consent.consent_id)
        if known.revoked_at:
            raise Conflict(
                f"this consent was revoked on {known.revoked_at[:10]}: {known.revoked_why}",
                where=known.consent_id,
                remedy="ask the person for a new one, and give its own evidence",
            )
        return known

    def consent(self, consent_id: str) -> Consent | None:
        """A consent by its id."""
        row = self._run("find_consent", consent_id=consent_id)
        return _consent(row) if row else None

    def _consent(self, consent_id: str) -> Consent:
        found = self.consent(consent_id)
        if found is None:
            raise InvalidInput(
                "there is no such consent",
                where=consent_id,
                remedy="`airdub consent list` shows all",
            )
        return found

    def consents(
        self, *, title_id: str | None = None, person: str | None = None, most: int = _MANY
    ) -> list[Consent]:
        """Consents of a title's cast, of a person, or all (at most `most`); revoked ones too."""
        if title_id is not None:
            rows = self._run("consents_of_title", title_id=title_id)
        elif person is not None:
            rows = self._run("consents_of_person", person=_named(person))
        else:
            rows = self._run("all_consents", most=most)
        return [_consent(row) for row in rows]

    def revoke(self, consent_id: str, why: str) -> Consent:
        """Take a consent back: from now on it allows nothing. What was made under it stays until
        `airdub.erasure` has erased it. Revoking again keeps the first time and reason.

        Raises:
            InvalidInput: there is no such consent.
        """
        with self.transaction():
            self._run("revoke_consent", consent_id=consent_id, why=why, now=now())
            return self._consent(consent_id)

    def mark_erased(self, consent_id: str) -> None:
        """Note that nothing made under a consent is left."""
        self._run("mark_erased", consent_id=consent_id, now=now())

    def cast(self, title_id: str) -> dict[str, str]:
        """Person by speaker of a title."""
        rows = self._run("find_cast", title_id=title_id)
        return {row["speaker"]: row["person"] for row in rows}

    def set_cast(self, title_id: str, members: Mapping[str, str]) -> None:
        """Say who is heard as which speaker; an empty name removes a speaker.

        Raises:
            InvalidInput: a name is none.
        """
        with self.transaction():
            for speaker, person in members.items():
                if not person:
                    self._run("remove_cast_member", title_id=title_id, speaker=speaker)
                    continue
                names = {"speaker": _named(speaker), "person": _named(person)}
                self._run("set_cast_member", title_id=title_id, **names, now=now())

    def allowed(
        self,
        title_id: str,
        use: Use,
        *,
        language: str,
        territories: Iterable[str],
        at: datetime | None = None,
    ) -> dict[str, str]:
        """By speaker of a title, the consent that allows a use now, or at another time."""
        return grants(
            self.cast(title_id),
            self.consents(title_id=title_id),
            use,
            language=language,
            territories=territories,
            at=at or datetime.now(UTC),
        )

    def note_uses(self, run_id: str, stage: str, use: Use, consent_ids: Iterable[str]) -> None:
        """Record under which consents a stage of a run worked, instead of what was noted before."""
        with self.transaction():
            self._run("forget_consent_uses", run_id=run_id, stage=stage)
            for consent_id in sorted(set(consent_ids)):
                values = {"run_id": run_id, "stage": stage, "use": use}
                self._run("note_consent_use", **values, consent_id=consent_id)

    def consents_used(self, run_id: str) -> list[tuple[Consent, Use]]:
        """The consents that a run's voices and faces were made under, and what was made of each."""
        rows = self._run("consents_used", run_id=run_id)
        return [(self._consent(row["consent_id"]), Use(row["use"])) for row in rows]

    def runs_under(self, consent_id: str) -> list[str]:
        """Runs that used a consent."""
        return [row["run_id"] for row in self._run("runs_under_consent", consent_id=consent_id)]

    def trace(self, folders: Iterable[str], consent_ids: Iterable[str]) -> None:
        """Record that folders of the store will hold what is made under consents.

        To be called before anything is written there, so that nothing can be left behind.
        """
        ids = sorted(set(consent_ids))
        with self.transaction():
            for folder in sorted(set(folders)):
                for consent_id in ids:
                    self._run("note_trace", consent_id=consent_id, folder=folder)

    def forget_trace(self, folder: str, consent_ids: Iterable[str]) -> None:
        """Record that a folder holds nothing any more that was made under consents."""
        with self.transaction():
            for consent_id in sorted(set(consent_ids)):
                self._run("forget_trace", consent_id=consent_id, folder=folder)

    def traced(self, folders: Iterable[str]) -> set[str]:
        """Ids of the consents under which the folders' content was made."""
        return {
            row["consent_id"]
            for folder in sorted(set(folders))
            for row in self._run("traced_consents", folder=folder)
        }

    def traces(self, consent_id: str) -> list[str]:
        """Folders of the store that hold what was made under a consent."""
        return [row["folder"] for row in self._run("find_traces", consent_id=consent_id)]


def _named(name: str) -> str:
    try:
        return checked_name(name)
    except ValueError as error:
        raise InvalidInput(str(error), where="name", remedy="correct it") from error


def _consent(row: Mapping[str, Any]) -> Consent:
    return Consent.model_validate({**row, **{name: json.loads(row[name]) for name in _LISTS}})
