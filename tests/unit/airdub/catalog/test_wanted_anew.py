"""A source or an engine that is taken back: its dub is wanted anew if viewers don't see it."""

from __future__ import annotations

import pytest

from airdub.catalog import Catalog, Release
from airdub.errors import Conflict
from airdub.queue.documents import Request
from tests.unit.airdub.catalog.judged import judgement
from tests.unit.airdub.catalog.queued import add_titles, wanted

LANGUAGE = "es-419"
OLD = wanted("film", LANGUAGE)
NEW = wanted("film", LANGUAGE, plan_digest="upgraded")


@pytest.fixture
def library(catalog: Catalog) -> Catalog:
    add_titles(catalog, ["film"])
    return catalog


def run(catalog: Catalog, request: Request, state: str) -> None:
    """Enqueue a request, start it, and end it."""
    assert catalog.enqueue([request], "lane") == 1
    (claimed,) = catalog.claim(9)
    assert claimed.request_id == request.request_id
    catalog.settle(request.request_id, state, was="claimed")


def publish(catalog: Catalog, request: Request, replaces: str = "") -> str:
    """Run a request to its release; that one's id."""
    run(catalog, request, "published")
    catalog.record_judgement(judgement(request.run_id, "publish", run={"title_id": "film"}))
    release_id = f"release of {request.run_id}"
    release = Release(
        release_id=release_id,
        title_id="film",
        language=LANGUAGE,
        run_id=request.run_id,
        folder=f"releases/film/{LANGUAGE}/{release_id}",
        sha256="a" * 64,
        replaces=replaces,
    )
    catalog.record_release(release)
    return release_id


def attempt_of(catalog: Catalog, asked: Request) -> int:
    """The attempt that waits after asking (twice) for something; 0: nothing does."""
    catalog.enqueue([asked], "again")
    assert catalog.enqueue([asked], "and again") == 0
    waiting = catalog.requests(state="waiting")
    assert all(one.plan_digest == asked.plan_digest for one in waiting)
    return waiting[0].attempt if waiting else 0


def test_what_was_replaced_by_an_upgrade_that_is_taken_back(library: Catalog) -> None:
    publish(library, NEW, replaces=publish(library, OLD))
    assert attempt_of(library, NEW) == 0
    assert attempt_of(library, OLD) == 2
    (claimed,) = library.claim(9)
    assert claimed.run_id != OLD.run_id  # that one is over: it would not be started again


def test_not_where_viewers_see_it_still(library: Catalog) -> None:
    publish(library, OLD)
    run(library, NEW, "failed")
    assert attempt_of(library, OLD) == 0


def test_not_where_somebody_has_withdrawn_it(library: Catalog) -> None:
    first = publish(library, OLD)
    second = publish(library, NEW, replaces=first)
    library.release_state(second, "withdrawn", was="current")
    library.release_state(first, "current", was="replaced")
    assert attempt_of(library, NEW) == 0
    assert attempt_of(library, OLD) == 0


def test_what_was_withdrawn_may_be_asked_for_again(library: Catalog) -> None:
    first = publish(library, OLD)
    with pytest.raises(Conflict, match="is published"):
        library.retry(OLD.request_id, "lane")
    library.release_state(first, "withdrawn", was="current")
    assert library.retry(OLD.request_id, "lane").attempt == 2
    assert library.retry(OLD.request_id, "lane").attempt == 2


def test_not_in_place_of_another_profile(library: Catalog) -> None:
    other = wanted("film", LANGUAGE, plan_digest="other", profile="release")
    publish(library, other, replaces=publish(library, OLD))
    assert attempt_of(library, OLD) == 0


@pytest.mark.parametrize("state", ["failed", "refused", "quarantined"])
def test_what_failed_before_an_upgrade_that_is_taken_back(library: Catalog, state: str) -> None:
    run(library, OLD, state)
    assert attempt_of(library, OLD) == 0
    publish(library, NEW)
    assert attempt_of(library, OLD) == 2


def test_what_failed_before_something_else_that_is_not_wanted_any_more(library: Catalog) -> None:
    run(library, OLD, "failed")
    library.enqueue([NEW], "lane")
    assert attempt_of(library, OLD) == 2


def test_what_was_superseded_when_it_had_run(library: Catalog) -> None:
    run(library, OLD, "running")
    library.settle(OLD.request_id, "superseded", was="running")
    assert attempt_of(library, OLD) == 2
