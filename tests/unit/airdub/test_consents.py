"""What a consent covers, and for whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.consents import Consent, Use, grants, new_consent
from airdub.errors import InvalidInput

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVIDENCE = "e" * 64


def consent(person: str = "Ana", **words: object) -> Consent:
    given_words = {"uses": ["voice"], "evidence_sha256": EVIDENCE} | words
    return new_consent(person, **given_words)  # type: ignore[arg-type]


def allows(one: Consent, *, use: Use = Use.VOICE, language: str = "es", at: datetime = NOW,
           territories: tuple[str, ...] = ("world",)) -> bool:  # fmt: skip
    return not one.lacks(use, language, territories, at)


def test_the_same_words_are_the_same_consent() -> None:
    assert consent().consent_id == consent().consent_id
    assert consent(uses=["likeness", "voice"]) == consent(uses=["voice", "likeness", "voice"])
    others = [
        consent("Ben"),
        consent(uses=["likeness"]),
        consent(languages=["es"]),
        consent(territories=["ES"]),
        consent(expires_at="2030-01-01"),
        consent(evidence_sha256="f" * 64),
    ]
    assert len({one.consent_id for one in [consent(), *others]}) == 7


def test_a_use_that_was_not_named_is_not_allowed() -> None:
    assert allows(consent(uses=["voice"]))
    assert not allows(consent(uses=["voice"]), use=Use.LIKENESS)
    assert allows(consent(uses=["voice", "likeness"]), use=Use.LIKENESS)


@pytest.mark.parametrize(
    ("granted", "language", "expected"),
    [
        (["*"], "ko", True),
        (["es"], "es", True),
        (["es"], "es-419", True),
        (["es-419"], "es", False),
        (["es-419"], "es-ES", False),
        (["en", "ES_419"], "es-419", True),
        (["en"], "es", False),
    ],
)
def test_languages(granted: list[str], language: str, expected: bool) -> None:
    assert allows(consent(languages=granted), language=language) is expected


@pytest.mark.parametrize(
    ("granted", "shown", "expected"),
    [
        (["world"], ("ES", "KR"), True),
        (["World"], ("world",), True),
        (["es", "PT"], ("ES",), True),
        (["ES"], ("ES", "PT"), False),
        (["ES"], ("world",), False),
    ],
)
def test_territories(granted: list[str], shown: tuple[str, ...], expected: bool) -> None:
    assert allows(consent(territories=granted), territories=shown) is expected


def test_a_day_that_is_named_counts_to_its_end() -> None:
    until = consent(expires_at="2026-11-21")
    assert until.expires_at == "2026-11-21T23:59:59Z"
    assert allows(until, at=datetime(2026, 11, 21, 23, 59, 58, tzinfo=UTC))
    assert not allows(until, at=datetime(2026, 11, 22, tzinfo=UTC))
    hour = consent(expires_at="2026-11-21T13:00:00+02:00")
    assert hour.expires_at == "2026-11-21T11:00:00Z"
    assert not allows(hour)


def test_a_revoked_consent_allows_nothing_and_says_so() -> None:
    revoked = consent().model_copy(update={"revoked_at": "2026-11-20T10:00:00.000000Z"})
    assert revoked.lacks(Use.VOICE, "es", ("world",), NOW) == "was revoked on 2026-11-20"


@pytest.mark.parametrize(
    "words",
    [
        {"person": " "},
        {"person": "x" * 121},
        {"person": "Ana\nBen"},
        {"uses": []},
        {"uses": ["singing"]},
        {"languages": ["klingonese"]},
        {"languages": []},
        {"territories": ["Spain"]},
        {"territories": []},
        {"expires_at": "soon"},
        {"evidence_sha256": "none"},
    ],
)
def test_what_is_no_consent_is_refused(words: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        consent(**words)  # type: ignore[arg-type]


def test_each_speaker_gets_his_persons_oldest_valid_consent() -> None:
    def at(number: int, one: Consent) -> Consent:
        return one.model_copy(update={"granted_at": f"2026-01-0{number}T00:00:00.000000Z"})

    expired = at(1, consent(expires_at="2026-02-01"))
    valid = at(2, consent(expires_at="2027-02-01"))
    renewed = at(3, consent())
    other = at(1, consent("Ben", uses=["likeness"]))
    found = grants(
        {"ANA": "Ana", "ANA (old)": "Ana", "BEN": "Ben", "NARRATOR": "nobody we know"},
        [renewed, other, valid, expired],
        Use.VOICE,
        language="es",
        territories=("world",),
        at=NOW,
    )
    assert found == {"ANA": valid.consent_id, "ANA (old)": valid.consent_id}


times = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
    lambda time: time.replace(tzinfo=UTC)
)
consents = st.builds(
    lambda person, uses, languages, ends, revoked: consent(
        person,
        uses=sorted(uses),
        languages=sorted(languages),
        expires_at=ends.isoformat() if ends else "",
    ).model_copy(update={"revoked_at": "2026-01-01" if revoked else ""}),
    st.sampled_from(["Ana", "Ben"]),
    st.sets(st.sampled_from([use.value for use in Use]), min_size=1),
    st.sets(st.sampled_from(["es", "es-419", "fr", "*"]), min_size=1),
    st.none() | times,
    st.booleans(),
)


@given(st.lists(consents, max_size=6), st.sampled_from(Use), times)
def test_nobody_is_used_without_a_consent_that_says_so(
    known: list[Consent], use: Use, at: datetime
) -> None:
    cast = {"A": "Ana", "B": "Ben", "C": "Cleo"}
    found = grants(cast, known, use, language="es-419", territories=("world",), at=at)
    for speaker, person in cast.items():
        valid = [
            one
            for one in known
            if one.person == person
            and not one.revoked_at
            and use in one.uses
            and {"*", "es", "es-419"} & set(one.languages)
            and (not one.expires_at or datetime.fromisoformat(one.expires_at) > at)
        ]
        assert (speaker in found) == bool(valid)
        assert not valid or found[speaker] in {one.consent_id for one in valid}
    later = grants(cast, known, use, language="es-419", territories=("world",),
                   at=at + timedelta(days=1000))  # fmt: skip
    assert set(later) <= set(found)
