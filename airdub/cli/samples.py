"""The demo's samples: films whose people are nobody, so that their makers can agree for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from airdub.artifacts import file_digest
from airdub.catalog import open_catalog
from airdub.consents import Use, new_consent
from airdub.settings import Settings


def agree_for_samples(
    settings: Settings, folder: Path, samples: Iterable[Mapping[str, Any]]
) -> None:
    """Cast the samples and record their consents; the evidence is the file that says who made them.

    A consent that somebody revoked stays revoked.

    Args:
        samples: rows of their index, `samples.json` in the folder.
    """
    with open_catalog(settings.catalog_url) as catalog, catalog.transaction():
        for sample in samples:
            file = folder / sample["people"]
            digest, _ = file_digest(file)
            for speaker in json.loads(file.read_text())["people"]:
                person = f"{speaker} of {sample['name']} (synthetic)"
                given = new_consent(person, list(Use), digest, evidence_name=file.name)
                if catalog.consent(given.consent_id) is None:
                    catalog.grant(given)
                catalog.set_cast(sample["name"], {speaker: person})
