"""The demo's people are nobody, and agree to everything until somebody revokes it."""

from __future__ import annotations

import json
from pathlib import Path

from airdub.catalog import open_catalog
from airdub.cli.samples import agree_for_samples
from airdub.consents import Use
from airdub.settings import load_settings

ROWS = [{"name": "duet", "people": "duet.people.json"}]


def test_samples_are_cast_and_stay_revoked(installation: Path) -> None:
    settings = load_settings()
    said = {"people": {"ANNA": {"voice": "synthetic"}, "BEN": {"voice": "synthetic"}}}
    (installation / "duet.people.json").write_text(json.dumps(said))
    everywhere = {"language": "ca", "territories": ("world",)}
    for _ in range(2):
        agree_for_samples(settings, installation, ROWS)
    with open_catalog(settings.catalog_url) as catalog:
        allowed = catalog.allowed("duet", Use.LIKENESS, **everywhere)
        assert set(allowed) == {"ANNA", "BEN"}
        catalog.revoke(allowed["ANNA"], "to see what happens")
    agree_for_samples(settings, installation, ROWS)
    with open_catalog(settings.catalog_url) as catalog:
        assert set(catalog.allowed("duet", Use.LIKENESS, **everywhere)) == {"BEN"}
