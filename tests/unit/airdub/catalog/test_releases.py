"""Releases as the catalogue knows them."""

from __future__ import annotations

import pytest

from airdub.catalog import Catalog, Release
from airdub.errors import Conflict, InvalidInput
from tests.unit.airdub.catalog.judged import TITLE_ID, judgement


def release(number: int, replaces: str = "") -> Release:
    return Release(
        release_id=f"release-{number}",
        title_id=TITLE_ID,
        language="es-419",
        run_id="run",
        folder=f"releases/{TITLE_ID}/es-419/release-{number}",
        sha256=f"{number}" * 64,
        replaces=replaces,
    )


@pytest.fixture
def judged(catalog: Catalog) -> Catalog:
    catalog.record_judgement(judgement("run", "publish"))
    return catalog


def states(catalog: Catalog) -> dict[str, str]:
    return {one.release_id: one.state for one in catalog.releases(TITLE_ID, "es-419")}


def test_a_release_replaces_the_one_before(judged: Catalog) -> None:
    judged.record_release(release(1))
    judged.record_release(release(2, "release-1"))
    judged.record_release(release(2, "release-1"))
    assert states(judged) == {"release-1": "replaced", "release-2": "current"}
    publication = judged.publication("run")
    assert publication is not None
    assert (publication.state, publication.note) == ("published", "release-1")
    found = judged.release("release-2")
    assert found is not None
    assert (found.run_id, found.sha256) == ("run", "2" * 64)


def test_the_order_of_two_publishers_does_not_matter(judged: Catalog) -> None:
    judged.record_release(release(2, "release-1"))
    judged.record_release(release(1))
    assert states(judged) == {"release-1": "replaced", "release-2": "current"}


def test_a_release_of_a_run_that_was_not_judged_is_refused(url: str) -> None:
    from airdub.catalog import open_catalog
    from airdub.errors import EngineFailed

    with pytest.raises(EngineFailed), open_catalog(url) as catalog:
        catalog.record_release(release(1))


def test_an_id_names_one_release(judged: Catalog) -> None:
    judged.record_release(release(1))
    with pytest.raises(Conflict, match="another release"):
        judged.record_release(release(1).model_copy(update={"sha256": "0" * 64}))


def test_withdrawing_is_conditional_and_may_be_repeated(judged: Catalog) -> None:
    judged.record_release(release(1))
    for _ in range(2):
        judged.release_state("release-1", "withdrawn", was="current", note="consent revoked")
    assert states(judged) == {"release-1": "withdrawn"}
    with pytest.raises(Conflict, match="is withdrawn, not replaced"):
        judged.release_state("release-1", "current", was="replaced")
    with pytest.raises(InvalidInput, match="no release"):
        judged.release_state("release-9", "withdrawn", was="current")


def test_releases_are_listed_newest_first(judged: Catalog) -> None:
    for number in (1, 2, 3):
        judged.record_release(release(number))
    assert [one.release_id for one in judged.releases(most=2)] == ["release-3", "release-2"]
    assert len(judged.releases(TITLE_ID)) == 3
    assert judged.releases("another") == []
    assert judged.releases(TITLE_ID, "fr") == []
