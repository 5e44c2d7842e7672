"""What follows from complaints: once, by the plan that would dub the title today."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.catalog import Catalog, Release, open_catalog
from airdub.feedback import Tag, new_comment, tag_comment
from airdub.feedback.weighing import above, upgraded, weigh
from airdub.library.beside import present_inputs
from airdub.library.documents import FileBeside, SourceVersion, Title
from airdub.profiles import load_profile
from airdub.queue.documents import RequestState, new_request
from airdub.queue.plans import plan_digest
from airdub.releases import publish_run
from airdub.settings import Settings, load_settings
from tests.unit.airdub.catalog.judged import judgement
from tests.unit.airdub.releases.dubs import Library

TITLE, LANGUAGE = "the-tower", "es-419"
NOW = "2999-01-01T00:00:00.000000Z"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"AIRDUB_VAR": str(tmp_path / "var"), "AIRDUB_FEEDBACK_COMPLAINTS": "3"})


@pytest.fixture
def catalog(settings: Settings) -> Iterator[Catalog]:
    with open_catalog(settings.catalog_url) as opened:
        yield opened


def publish(catalog: Catalog, run_id: str = "run", release_id: str = "r") -> None:
    catalog.record_judgement(judgement(run_id, "publish"))
    known = catalog.releases(TITLE, LANGUAGE)
    catalog.record_release(
        Release(
            release_id=release_id,
            title_id=TITLE,
            language=LANGUAGE,
            run_id=run_id,
            folder=run_id,
            sha256=run_id,
            replaces=known[0].release_id if known else "",
        )
    )


def dubbed_by_the_queue(catalog: Catalog, digest: str | None = None) -> None:
    """Register the title, request it by a plan (by default today's), publish what came of it."""
    files = [FileBeside(ending="", location="/f.mp4", sha256="a" * 64, bytes=9, stamp="1")]
    version = SourceVersion.of(TITLE, files, 2.0)
    title = Title(
        title_id=TITLE, name="The Tower", source_language="en", location="/f.mp4",
        version=version.version, duration_s=2.0,
    )  # fmt: skip
    catalog.register(title, version)
    present = present_inputs("", "en", LANGUAGE)
    today = plan_digest(load_profile("embedded"), "en", LANGUAGE, present)
    request = new_request(TITLE, LANGUAGE, version.version, digest or today, profile="embedded")
    catalog.enqueue([request], "test")
    publish(catalog, request.run_id)


def complain(catalog: Catalog, text: str, times: int) -> None:
    for number in range(times):
        comment = new_comment(TITLE, LANGUAGE, text, origin="t", now=NOW, id_=str(number))
        catalog.take_comment(comment, *tag_comment(text, LANGUAGE))


def test_too_few_complaints_and_praise_lead_to_nothing(
    settings: Settings, catalog: Catalog
) -> None:
    publish(catalog)
    complain(catalog, "mala voz", 2)
    complain(catalog, "buena voz", 9)
    assert weigh(settings) == []
    assert (catalog.reviews(), catalog.unweighed_releases()) == ([], [])


def test_enough_of_them_lead_to_one_review(settings: Settings, catalog: Catalog) -> None:
    publish(catalog)
    complain(catalog, "La voz es mala y va desincronizada", 3)
    (followed,) = weigh(settings)
    assert (followed.how, followed.name) == ("review", "run")
    assert followed.why == "viewers complain of sync (3), voice (3)"
    (review,) = catalog.reviews()
    assert (review.notes, review.priority) == (followed.why, 6.0)
    catalog.decide_review("run", "publish_with_waiver", "ana", "it is meant so")
    complain(catalog, "La voz es metálica", 4)
    assert weigh(settings) == []  # people have answered that
    complain(catalog, "Se oye un zumbido", 3)
    assert [one.why for one in weigh(settings)] == ["viewers complain of noise (3)"]


def test_what_people_answer_is_done_as_with_any_review(
    settings: Settings, catalog: Catalog
) -> None:
    library = Library(settings)
    library.judged("run")
    release = publish_run(settings, "run")
    complain(catalog, "mala voz", 3)
    assert [one.how for one in weigh(settings)] == ["review"]
    catalog.decide_review("run", "publish_with_waiver", "ana", "it is meant so")
    assert publish_run(settings, "run") == release  # it is published already
    complain(catalog, "mucho eco", 3)
    assert [one.how for one in weigh(settings)] == ["review"]
    catalog.decide_review("run", "redo", "ben", notes="s0002 again")
    repair = catalog.repair("run")
    assert repair is not None
    assert (repair.next_attempt, repair.state) == (2, "queued")
    assert [one.state for one in catalog.releases(TITLE, LANGUAGE)] == ["current"]


def test_a_title_that_would_be_dubbed_otherwise_now_is_requested(
    settings: Settings, catalog: Catalog
) -> None:
    dubbed_by_the_queue(catalog, digest="an older plan")
    complain(catalog, "mala voz", 3)
    (followed,) = weigh(settings)
    request = catalog.request(followed.name)
    assert followed.how == "request"
    assert request is not None
    assert (request.state, request.lane, request.priority) == (RequestState.WAITING, "feedback", 80)
    assert catalog.reviews() == []
    assert weigh(settings) == []


def test_nobody_looks_at_a_title_whose_next_dub_is_on_its_way(
    settings: Settings, catalog: Catalog
) -> None:
    dubbed_by_the_queue(catalog, digest="an older plan")
    release = catalog.release("r")
    assert release
    request = upgraded(catalog, release)
    assert request
    catalog.enqueue([request], "a backfill")
    complain(catalog, "mala voz", 3)
    (followed,) = weigh(settings)
    assert (followed.how, followed.name) == ("request", request.request_id)
    assert catalog.reviews() == []


def test_a_title_that_would_be_dubbed_alike_is_looked_at(
    settings: Settings, catalog: Catalog
) -> None:
    dubbed_by_the_queue(catalog)
    complain(catalog, "mala voz", 3)
    assert [one.how for one in weigh(settings)] == ["review"]


def test_a_release_that_was_replaced_is_past(settings: Settings, catalog: Catalog) -> None:
    publish(catalog)
    complain(catalog, "mala voz", 5)
    publish(catalog, "better", "s")
    assert weigh(settings) == []
    assert catalog.unweighed_releases() == []


def test_while_a_repair_is_under_way_it_waits(settings: Settings, catalog: Catalog) -> None:
    publish(catalog)
    complain(catalog, "mala voz", 5)
    catalog.record_judgement(judgement("again", "repair"))
    assert weigh(settings) == []
    assert catalog.unweighed_releases() == ["r"]


def test_a_repair_that_never_ends_keeps_nobody_waiting_for_ever(
    settings: Settings, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(catalog)
    complain(catalog, "mala voz", 5)
    catalog.record_judgement(judgement("again", "repair"))
    catalog.set_state("repair", "again", "started", was="queued")
    assert weigh(settings) == []
    monkeypatch.setattr("airdub.feedback.weighing.now", lambda _: NOW)  # long afterwards
    assert [(one.how, one.name) for one in weigh(settings)] == [("review", "again")]
    catalog.decide_review("again", "redo", "ana", notes="s0002 again")
    repair = catalog.repair("again")
    assert repair
    assert (repair.state, repair.next_attempt) == ("queued", 3)  # the second one has failed


@given(
    st.dictionaries(st.sampled_from(Tag), st.integers(0, 9)),
    st.integers(1, 9),
    st.frozensets(st.sampled_from(Tag)),
)
def test_what_is_above_is_enough_and_new(
    counts: dict[Tag, int], least: int, followed: frozenset[Tag]
) -> None:
    found = above(counts, least, followed)
    assert not found.keys() & followed
    assert all(counts[tag] >= least for tag in found)
    assert all(tag in found or tag in followed or counts[tag] < least for tag in counts)
