"""Releases: what was published, immutable, with one pointer to what is current.

A release is a folder of files that never change, with `release.json` as the last one; beside the
folders lies `current.json`, which one conditional write makes to name another release.
"""

from __future__ import annotations

from airdub.releases.keys import Place
from airdub.releases.listing import Listed, current_release, list_releases
from airdub.releases.objects import ObjectStore, open_objects
from airdub.releases.publishing import publish_run, withdraw_release
from airdub.releases.verifying import Verification, verify_release
from airdub.releases.writing import publish

__all__ = [
    "Listed",
    "ObjectStore",
    "Place",
    "Verification",
    "current_release",
    "list_releases",
    "open_objects",
    "publish",
    "publish_run",
    "verify_release",
    "withdraw_release",
]
