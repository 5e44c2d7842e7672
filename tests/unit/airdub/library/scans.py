"""Scans of a library, and what they found."""

from __future__ import annotations

from airdub.catalog import Catalog
from airdub.library.documents import Title
from airdub.library.files import open_files
from airdub.library.registering import ScanReport
from airdub.library.scanning import ScanOptions, scan
from tests.unit.airdub.library.shelves import Shelf


def scanned(catalog: Catalog, shelf: Shelf, **options: object) -> ScanReport:
    return scan(catalog, open_files(shelf.root), ScanOptions(readers=2, **options))


def counts(report: ScanReport) -> dict[str, int]:
    """What isn't zero, of titles and bad files."""
    names = ("added", "changed", "moved", "same", "missing", "bad", "requeued")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def known(catalog: Catalog, title_id: str) -> Title:
    found = catalog.title(title_id)
    assert found is not None
    return found


def bad(catalog: Catalog, shelf: Shelf) -> dict[str, str]:
    """What is wrong, by name."""
    return {one.location.removeprefix(shelf.root): one.what for one in catalog.bad_files()}
