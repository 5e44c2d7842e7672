"""A judged run becomes a release: what stands in it, who may, and what follows."""

from __future__ import annotations

import hashlib
import json

import pytest

from airdub.releases import (
    current_release,
    list_releases,
    open_objects,
    publish_run,
    verify_release,
)
from tests.unit.airdub.releases.dubs import PLACE, Library


def test_smoke(library: Library) -> None:
    library.judged()
    release = publish_run(library.settings, "run")
    objects = open_objects(library.settings.releases_url)
    print(objects.read(f"{release.folder}/release.json").data.decode())
    print(objects.read(f"{release.folder}/qc.csv").data.decode())
    found = verify_release(objects, PLACE, release.release_id, recorded=release.sha256)
    assert found.is_whole, found
    print([*list_releases(objects)])
    assert current_release(objects, PLACE).release_id == release.release_id
