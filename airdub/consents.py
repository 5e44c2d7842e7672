"""Who agreed to what: whose voice may be cloned, whose face altered, where, until when. Pure.

A consent is one person's word about some uses, languages and territories, with an evidence file
that is known by its hash alone. Whatever isn't allowed by a valid consent isn't allowed.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from airdub.errors import InvalidInput
from airdub.languages import base_language, parse_language
from airdub.model import Document, canonical_json
from airdub.profiles import WORLD

ANY_LANGUAGE = "*"

USED_SPEAKERS = "used_speakers"
"""The measurement by which a stage says whose voices or faces its outputs hold."""

_LONGEST_NAME = 120
_TERRITORY = re.compile(r"[A-Z]{2}")


class Use(StrEnum):
    """What may be made of a person."""

    VOICE = "voice"
    LIKENESS = "likeness"


def checked_name(name: str) -> str:
    """The name of a person or a speaker: one line of text, without blanks around it.

    Raises:
        ValueError: it is empty, too long, or holds control characters.
    """
    plain = unicodedata.normalize("NFC", name).strip()
    if not plain or len(plain) > _LONGEST_NAME or not plain.isprintable():
        raise ValueError(f"{name!r} is no name: use 1 to {_LONGEST_NAME} printable characters")
    return plain


Name = Annotated[str, AfterValidator(checked_name)]


class Consent(Document):
    """One person's word.

    Attributes:
        consent_id: made from all that it says (`new_consent`).
        person: as the installation names him, the same in every title.
        languages: BCP-47 tags of dubs; `es` covers `es-419`; `*` covers all.
        territories: ISO 3166-1 codes; `world` covers all.
        expires_at: UTC, ISO 8601; from then on it covers nothing; "" never.
        evidence_sha256, evidence_name: of the file that proves it; its content isn't kept.
        revoked_at: when it was taken back; "" it wasn't.
        erased_at: when everything made under it was gone; "" not yet, or never revoked.
    """

    consent_id: str
    person: Name
    uses: tuple[Use, ...] = Field(min_length=1)
    languages: tuple[str, ...] = Field(default=(ANY_LANGUAGE,), min_length=1)
    territories: tuple[str, ...] = Field(default=(WORLD,), min_length=1)
    expires_at: str = ""
    evidence_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    evidence_name: str = ""
    granted_at: str = ""
    revoked_at: str = ""
    revoked_why: str = ""
    erased_at: str = ""

    def lacks(self, use: Use, language: str, territories: Iterable[str], at: datetime) -> str:
        """Why the consent doesn't allow a use; "" when it does.

        Args:
            language: of the dub.
            territories: where it is shown.
            at: the time of asking, with its zone.
        """
        missing = sorted(set(territories) - set(self.territories))
        if self.revoked_at:
            return f"was revoked on {self.revoked_at[:10]}"
        if self.expires_at and moment(self.expires_at) <= at:
            return f"expired on {self.expires_at[:10]}"
        if use not in self.uses:
            return f"is not for {use}"
        if not _speaks(self.languages, language):
            return f"is not for {language}"
        if WORLD not in self.territories and missing:
            return f"is not for {', '.join(missing)}"
        return ""


def new_consent(
    person: str,
    uses: Iterable[str],
    evidence_sha256: str,
    *,
    evidence_name: str = "",
    languages: Iterable[str] = (ANY_LANGUAGE,),
    territories: Iterable[str] = (WORLD,),
    expires_at: str = "",
) -> Consent:
    """A consent with its id; the same words give the same id.

    Raises:
        InvalidInput: a use, language, territory or time is none.
    """
    try:
        fields = {
            "person": checked_name(person),
            "uses": sorted({Use(use) for use in uses}),
            "languages": sorted({_language(tag) for tag in languages}),
            "territories": sorted({_territory(code) for code in territories}),
            "expires_at": _utc(expires_at),
            "evidence_sha256": evidence_sha256,
        }
        digest = hashlib.sha256(canonical_json(fields)).hexdigest()
        named = {"consent_id": digest[:16], "evidence_name": evidence_name}
        return Consent.model_validate(fields | named)
    except ValueError as error:
        raise InvalidInput(
            f"no consent: {error}",
            where=person,
            remedy="see `airdub consent grant --help`",
        ) from error


def grants(
    cast: Mapping[str, str],
    consents: Iterable[Consent],
    use: Use,
    *,
    language: str,
    territories: Iterable[str],
    at: datetime,
) -> dict[str, str]:
    """For each speaker whose person allows a use, the id of the consent that does.

    Of several the oldest: a renewed consent changes nothing that was made before the old one ends.

    Args:
        cast: person by speaker.
        consents: of anybody.
    """
    wanted = tuple(territories)
    valid: dict[str, str] = {}
    for consent in sorted(consents, key=lambda one: (one.granted_at, one.consent_id)):
        if not consent.lacks(use, language, wanted, at):
            valid.setdefault(consent.person, consent.consent_id)
    return {speaker: valid[person] for speaker, person in sorted(cast.items()) if person in valid}


def consent_folder(stage: str, consent: str) -> str:
    """Where a stage caches what holds the voice or face that a consent is about, and nothing else.

    It goes when the consent is revoked.

    Args:
        consent: its id, or the name of several (`joint_consent`).
    """
    return f"work/{stage}/consents/{consent}"


def stated_consents(parameters: Mapping[str, Any]) -> frozenset[str]:
    """Ids of the consents that a stage's parameters state."""
    stated = parameters.get("consented")
    return frozenset(map(str, stated.values())) if isinstance(stated, dict) else frozenset()


def joint_consent(ids: Iterable[str]) -> str:
    """A name for consents together: what is cached under it goes with the first that is revoked."""
    names = sorted(set(ids))
    if len(names) == 1:
        return names[0]
    return "all-" + hashlib.sha256("+".join(names).encode()).hexdigest()[:16]


def moment(text: str) -> datetime:
    """A time that was written in ISO 8601; without a zone it is UTC."""
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _utc(text: str) -> str:
    """A time in UTC; a date alone is its last instant, as people mean `until`."""
    if not text:
        return ""
    last = timedelta(days=1, seconds=-1) if len(text) == len("2030-12-31") else timedelta(0)
    return (moment(text) + last).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _language(tag: str) -> str:
    return tag if tag == ANY_LANGUAGE else parse_language(tag, where="language")


def _territory(code: str) -> str:
    if code.lower() == WORLD:
        return WORLD
    if not _TERRITORY.fullmatch(code.upper()):
        raise ValueError(f"{code!r} is no territory: use ISO 3166-1 codes such as ES, or {WORLD}")
    return code.upper()


def _speaks(languages: Iterable[str], language: str) -> bool:
    return not {ANY_LANGUAGE, language, base_language(language)}.isdisjoint(languages)
