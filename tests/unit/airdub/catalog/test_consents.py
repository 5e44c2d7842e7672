"""Consents, casts, and where what is made of people lies."""

from __future__ import annotations

import pytest

from airdub.catalog import Catalog
from airdub.clearance import check_consents
from airdub.consents import Consent, Use, new_consent
from airdub.errors import Conflict, InvalidInput, PolicyRefused
from tests.unit.airdub.catalog.judged import TITLE_ID, judgement

EVERYWHERE = {"language": "es-419", "territories": ("world",)}


def agreed(catalog: Catalog, person: str = "Ana", **words: object) -> Consent:
    fields = {"uses": ["voice", "likeness"], "evidence_sha256": "e" * 64} | words
    return catalog.grant(new_consent(person, **fields))  # type: ignore[arg-type]


def test_a_consent_comes_back_as_it_was_given(catalog: Catalog) -> None:
    given = agreed(catalog, languages=["es", "fr"], territories=["ES"], expires_at="2030-01-01")
    assert given.granted_at.endswith("Z")
    assert (
        agreed(catalog, languages=["es", "fr"], territories=["ES"], expires_at="2030-01-01")
        == given
    )
    assert catalog.consent(given.consent_id) == given
    assert catalog.consents() == [given]
    assert catalog.consents(person=" Ana ") == [given]
    assert catalog.consents(person="Ben") == []


def test_a_title_is_cast_speaker_by_speaker(catalog: Catalog) -> None:
    catalog.set_cast(TITLE_ID, {"ANNA": "Ana", "BEN": "Ben", "CLEO": "Cleo"})
    catalog.set_cast(TITLE_ID, {"BEN": "Benjamin", "CLEO": ""})
    assert catalog.cast(TITLE_ID) == {"ANNA": "Ana", "BEN": "Benjamin"}
    assert catalog.cast("another") == {}
    with pytest.raises(InvalidInput, match="is no name"):
        catalog.set_cast(TITLE_ID, {"ANNA": "x" * 200})
    ana, _ = agreed(catalog), agreed(catalog, "Dora")
    assert catalog.consents(title_id=TITLE_ID) == [ana]


def test_the_cast_and_its_consents_say_who_may_be_used(catalog: Catalog) -> None:
    catalog.set_cast(TITLE_ID, {"ANNA": "Ana", "BEN": "Ben"})
    ana = agreed(catalog, uses=["voice"])
    assert catalog.allowed(TITLE_ID, Use.VOICE, **EVERYWHERE) == {"ANNA": ana.consent_id}
    assert catalog.allowed(TITLE_ID, Use.LIKENESS, **EVERYWHERE) == {}
    catalog.revoke(ana.consent_id, "she asked for it")
    assert catalog.allowed(TITLE_ID, Use.VOICE, **EVERYWHERE) == {}


def test_revoking_keeps_the_first_reason_and_ends_the_consent_for_good(catalog: Catalog) -> None:
    ana = agreed(catalog)
    first = catalog.revoke(ana.consent_id, "she asked for it")
    assert catalog.revoke(ana.consent_id, "again") == first
    assert first.revoked_why == "she asked for it"
    with pytest.raises(Conflict, match="was revoked on"):
        agreed(catalog)
    assert agreed(catalog, evidence_sha256="f" * 64).consent_id != ana.consent_id
    with pytest.raises(InvalidInput, match="no such consent"):
        catalog.revoke("unknown", "why")


def test_what_a_stage_used_replaces_what_it_used_before(catalog: Catalog) -> None:
    ana, ben = agreed(catalog), agreed(catalog, "Ben")
    catalog.note_uses("run", "convert_voice", Use.VOICE, [ana.consent_id, ben.consent_id])
    catalog.note_uses("run", "lipsync", Use.LIKENESS, [ana.consent_id])
    catalog.note_uses("run", "convert_voice", Use.VOICE, [ben.consent_id])
    assert {(one.person, use.value) for one, use in catalog.consents_used("run")} == {
        ("Ana", "likeness"),
        ("Ben", "voice"),
    }
    assert catalog.runs_under(ana.consent_id) == ["run"]
    assert catalog.consents_used("another") == []


def test_traces_lead_from_consents_to_folders_and_back(catalog: Catalog) -> None:
    ana, ben = agreed(catalog).consent_id, agreed(catalog, "Ben").consent_id
    for _ in range(2):
        catalog.trace(["work/mix/ab/abc", "drafts/t/es/d"], [ana, ben])
        catalog.trace(["work/mix/cd/cde"], [ben])
    assert catalog.traces(ana) == ["drafts/t/es/d", "work/mix/ab/abc"]
    assert catalog.traced(["work/mix/ab/abc", "work/probe/x"]) == {ana, ben}
    assert catalog.traced(["work/mix/cd/cde"]) == {ben}
    assert catalog.traced([]) == set()


class TestPublication:
    """`check_consents`: what publication asks."""

    def run(self, catalog: Catalog, consent: Consent) -> None:
        catalog.note_uses("run", "convert_voice", Use.VOICE, [consent.consent_id])
        check_consents(catalog, judgement("run").run)

    def test_valid_consents_let_a_run_pass(self, catalog: Catalog) -> None:
        self.run(catalog, agreed(catalog, languages=["es"]))
        check_consents(catalog, judgement("a run without anybody's voice").run)

    def test_a_revoked_one_does_not(self, catalog: Catalog) -> None:
        ana = agreed(catalog)
        agreed(catalog, evidence_sha256="f" * 64)  # another one doesn't heal it
        catalog.revoke(ana.consent_id, "she asked for it")
        with pytest.raises(PolicyRefused, match="of Ana was revoked"):
            self.run(catalog, ana)

    def test_an_expired_one_does_not_unless_another_one_covers_it(self, catalog: Catalog) -> None:
        ana = agreed(catalog, expires_at="2020-01-01")
        with pytest.raises(PolicyRefused, match="expired on 2020-01-01"):
            self.run(catalog, ana)
        agreed(catalog, evidence_sha256="f" * 64)
        self.run(catalog, ana)

    @pytest.mark.parametrize(
        ("words", "why"),
        [({"languages": ["fr"]}, "not for es-419"), ({"territories": ["ES"]}, "not for world")],
    )
    def test_one_for_elsewhere_does_not(
        self, catalog: Catalog, words: dict[str, object], why: str
    ) -> None:
        with pytest.raises(PolicyRefused, match=why):
            self.run(catalog, agreed(catalog, **words))
