"""Which work is needed, on both databases; why is told apart in tests of sweeping."""

from __future__ import annotations

from airdub.catalog import Catalog
from airdub.judgements import StageUse
from tests.unit.airdub.catalog.judged import TITLE_ID, judgement

LONG_AGO, FAR_AHEAD = "2020-01-01T00:00:00.000000Z", "9999-01-01T00:00:00.000000Z"
USE = StageUse(
    stage="mix", engine="fit", fingerprint="ab12", result_key="r", cached=False, wall_s=1.0
)


def test_a_run_needs_its_work_while_it_is_young_or_waits(catalog: Catalog) -> None:
    assert not catalog.is_needed("ab12", LONG_AGO)
    catalog.record_judgement(judgement("run", "review", stages=(USE,)))
    assert catalog.is_needed("ab12", LONG_AGO)
    assert catalog.is_needed("ab12", FAR_AHEAD)  # its review is open
    assert not catalog.is_needed("cd34", LONG_AGO)
    catalog.decide_review("run", "reject", "ana", "no")
    assert not catalog.is_needed("ab12", FAR_AHEAD)


def test_a_run_that_begins_needs_what_there_is_of_its_source(catalog: Catalog) -> None:
    catalog.record_judgement(judgement("run", "quarantine", stages=(USE,)))
    for sha256 in ("b" * 64, "a" * 64):
        catalog.note_start("again", TITLE_ID, sha256)
    assert not catalog.is_needed("ab12", FAR_AHEAD)
    catalog.forget_starts(LONG_AGO)
    rows = catalog._database.connection.execute("SELECT run_id, source_sha256 FROM started_run")
    assert rows.fetchall() == [{"run_id": "again", "source_sha256": "a" * 64}]
    catalog.forget_starts(FAR_AHEAD)
    assert not catalog._database.connection.execute("SELECT * FROM started_run").fetchall()
