"""A run of an older version of its title isn't made current any more."""

from __future__ import annotations

import pytest

from airdub.catalog import Catalog, open_catalog
from airdub.errors import Conflict
from airdub.queue.documents import Request
from airdub.releases import current_release, open_objects, publish_run
from airdub.releases.outdated import Outdated
from airdub.repair import attempt_run_id
from tests.unit.airdub.catalog.queued import add_titles, wanted
from tests.unit.airdub.releases.dubs import LANGUAGE, PLACE, TITLE_ID, Library

OLD = wanted(TITLE_ID, LANGUAGE)
NEW = wanted(TITLE_ID, LANGUAGE, version="v2")


@pytest.fixture
def asked(local_library: Library) -> Library:
    """A library whose title is wanted by its first version; that runs."""
    with open_catalog(local_library.settings.catalog_url) as catalog:
        add_titles(catalog, [TITLE_ID])
        start(catalog, OLD)
    return local_library


def start(catalog: Catalog, request: Request) -> None:
    catalog.enqueue([request], "lane")
    catalog.settle(request.request_id, "running", was="waiting")


def change(library: Library) -> None:
    """A scan finds another version of the title; that runs too."""
    with open_catalog(library.settings.catalog_url) as catalog:
        title = catalog.title(TITLE_ID)
        assert title
        version = catalog.source_version(TITLE_ID, title.version)
        assert version
        changed = version.model_copy(update={"version": "v2"})
        catalog.register(title.model_copy(update={"version": "v2"}), changed)
        start(catalog, NEW)


def current_run(library: Library) -> str:
    current = current_release(open_objects(library.settings.releases_url), PLACE)
    return current.run_id if current else ""


def test_the_version_of_now_is_published(asked: Library) -> None:
    asked.judged(OLD.run_id)
    publish_run(asked.settings, OLD.run_id)
    change(asked)
    assert publish_run(asked.settings, OLD.run_id).state == "current"  # told twice
    asked.judged(NEW.run_id, source_sha256="b" * 64)
    publish_run(asked.settings, NEW.run_id)
    assert current_run(asked) == NEW.run_id


@pytest.mark.parametrize("attempt", [1, 2])
def test_an_older_version_never_takes_the_place_of_a_newer_one(
    asked: Library, attempt: int
) -> None:
    change(asked)
    asked.judged(NEW.run_id, source_sha256="b" * 64)
    publish_run(asked.settings, NEW.run_id)
    older = attempt_run_id(OLD.run_id, attempt)
    asked.judged(older, attempt=attempt)  # it is judged last
    with pytest.raises(Outdated, match="another version by now"):
        publish_run(asked.settings, older)
    assert current_run(asked) == NEW.run_id
    with open_catalog(asked.settings.catalog_url) as catalog:
        publication = catalog.publication(older)
    assert publication
    assert (publication.state, publication.note) == (
        "superseded", "the title has another version by now",
    )  # fmt: skip


def test_a_version_that_changes_while_files_are_written_stops_the_publication(
    asked: Library,
) -> None:
    asked.judged(OLD.run_id)
    told = []

    def change_once(done: int, of: int) -> None:
        if not told:
            change(asked)
        told.append((done, of))

    with pytest.raises(Conflict, match="another version by now"):
        publish_run(asked.settings, OLD.run_id, change_once)
    assert current_run(asked) == ""


def test_what_was_started_by_hand_is_published(asked: Library) -> None:
    change(asked)
    asked.judged("by-hand")
    assert publish_run(asked.settings, "by-hand").state == "current"
