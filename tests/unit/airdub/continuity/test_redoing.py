"""Which published episodes are dubbed again."""

from __future__ import annotations

from itertools import pairwise

from airdub.catalog import Catalog
from airdub.continuity.redoing import redone
from airdub.library.documents import FileBeside, SourceVersion, Title
from airdub.queue.documents import Request, RequestState
from airdub.queue.selecting import Planner

from .conftest import Library

OPEN = (RequestState.WAITING, RequestState.CLAIMED, RequestState.RUNNING, RequestState.PUBLISHED)


def episode(catalog: Catalog, number: int, *, source: str = "a") -> Title:
    """Register an episode; another source is another version."""
    title_id = f"tower-e{number}"
    file = FileBeside(
        ending="", location=f"/films/{title_id}.mp4", sha256=source * 64, bytes=1, stamp="1"
    )
    version = SourceVersion.of(title_id, [file], 60.0)
    title = Title(
        title_id=title_id, name=title_id, series_id="tower", source_language="en",
        location=file.location, version=version.version, duration_s=60.0,
    )  # fmt: skip
    catalog.register(title, version)
    return title


def published(catalog: Catalog, number: int, voice: str = "roa/es") -> Request:
    """Dub an episode through the queue, with this voice of ANNA."""
    title = episode(catalog, number)
    request = Planner().request(title, "es", "embedded", priority=70)
    catalog.enqueue([request], "test")
    for was, state in pairwise(OPEN):
        catalog.settle(request.request_id, state, was=was)
    of = {"language": "es", "engine": "espeak_ng", "run_id": request.run_id}
    catalog.keep_voices("tower", title.title_id, {"ANNA": voice}, **of)
    return request


def test_those_that_speak_otherwise_are_asked_for_once_more(library: Library) -> None:
    catalog = library.catalog
    published(catalog, 1)
    stray = published(catalog, 2, "roa/es+f2")
    (again,) = redone(catalog, "tower")
    assert (again.title_id, again.language, again.attempt) == ("tower-e2", "es", 2)
    assert (again.plan_digest, again.priority) == (stray.plan_digest, 70)
    assert catalog.enqueue([again], "series") == 1
    assert list(redone(catalog, "tower")) == [], "it is on its way"
    assert list(redone(catalog, "another")) == []


def test_all_are_asked_for_where_that_is_wanted(library: Library) -> None:
    for number in (1, 2):
        published(library.catalog, number)
    found = redone(library.catalog, "tower", every=True)
    assert [one.title_id for one in found] == ["tower-e1", "tower-e2"]
    assert list(redone(library.catalog, "tower", "fr", every=True)) == []
    assert list(redone(library.catalog, "tower")) == []


def test_a_version_that_is_newer_is_a_first_attempt(library: Library) -> None:
    request = published(library.catalog, 1)
    changed = episode(library.catalog, 1, source="b")
    (again,) = redone(library.catalog, "tower", every=True)
    assert (again.version, again.attempt) == (changed.version, 1)
    assert again.request_id != request.request_id


def test_a_missing_episode_is_left_out(library: Library) -> None:
    published(library.catalog, 1)
    library.catalog.mark_missing("tower-e1")
    assert list(redone(library.catalog, "tower", every=True)) == []
