"""A dub under a consent, the consent revoked, and the dub without it."""

from __future__ import annotations

from pathlib import Path

from airdub.catalog import open_catalog
from airdub.consents import Use, new_consent
from airdub.erasure import revoke_consent
from airdub.lips import Lips
from airdub.settings import load_settings
from airdub.transcript import Takes
from tests.integration.conftest import Dub, Studio

SPOKEN = ("es", "en")
TITLE = "maria-agrees"


def takes(dub: Dub) -> Takes:
    return Takes.model_validate_json(dub.output("convert_voice", "takes").read_bytes())


def lips(dub: Dub) -> Lips:
    return Lips.model_validate_json(dub.output("lipsync", "lips").read_bytes())


def test_a_revoked_consent_takes_voice_and_face_with_it(studio: Studio, short: Path) -> None:
    with open_catalog(load_settings().catalog_url) as catalog:
        given = catalog.grant(new_consent("María", list(Use), "a" * 64)).consent_id
        catalog.set_cast(TITLE, {"speaker_1": "María"})
    dub = studio.dub(short, SPOKEN, title_id=TITLE)
    cloned, altered = takes(dub), lips(dub)
    assert cloned.without_consent == ()
    assert altered.changed
    sounds = [studio.store.local_path(take.audio.key) for take in cloned.takes]
    files = [dub.file("deliverable"), dub.output("mix", "mix"), dub.output("lipsync", "video")]
    assert all(f"/consents/{given}/" in str(sound) for sound in sounds)

    done = revoke_consent(load_settings(), given, "she asked for it")
    assert done.runs == (dub.run_id,)
    assert not [file for file in (*sounds, *files) if file.exists()]
    assert dub.output("separate", "dialogue").exists()

    again = studio.dub(short, SPOKEN, title_id=TITLE)
    assert takes(again).without_consent == ("speaker_1",)
    assert (lips(again).changed, lips(again).faces) == ((), ())
    assert "separate" not in again.computed
    with open_catalog(load_settings().catalog_url) as catalog:
        assert catalog.consents_used(again.run_id) == []
