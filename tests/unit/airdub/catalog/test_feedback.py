"""Comments in both databases: kept once, counted by title and engine, weighed once."""

from __future__ import annotations

import pytest

from airdub.catalog import Catalog, Release
from airdub.errors import InvalidInput
from airdub.feedback import Tag, new_comment, tag_comment
from airdub.judgements import StageUse
from tests.unit.airdub.catalog.judged import TITLE_ID, judgement

LANGUAGE = "es-419"
NOW, LONG_AGO = "2999-01-01T00:00:00.000000Z", "2020-01-01T00:00:00.000000Z"


def use(stage: str, engine: str) -> StageUse:
    return StageUse(
        stage=stage, engine=engine, fingerprint=f"{stage} {engine}", result_key="r", cached=False,
        wall_s=1.0,
    )  # fmt: skip


def publish(catalog: Catalog, run_id: str, **engines: str) -> str:
    stages = tuple(use(stage, engine) for stage, engine in engines.items())
    catalog.record_judgement(judgement(run_id, "publish", stages=stages))
    known = catalog.releases(TITLE_ID, LANGUAGE)
    release = Release(
        release_id=f"release of {run_id}", title_id=TITLE_ID, language=LANGUAGE, run_id=run_id,
        folder=run_id, sha256=run_id, replaces=known[0].release_id if known else "",
    )  # fmt: skip
    catalog.record_release(release)
    return release.release_id


def say(catalog: Catalog, text: str, *, at: str = "", id_: str = "") -> bool:
    comment = new_comment(TITLE_ID, LANGUAGE, text, origin="t", now=NOW, said_at=at, id_=id_)
    return catalog.take_comment(comment, *tag_comment(text, LANGUAGE))


def test_a_comment_is_kept_once_with_its_tags(catalog: Catalog) -> None:
    publish(catalog, "run", synthesize="flite")
    assert [say(catalog, "Voz robótica y va desincronizada") for _ in range(2)] == [True, False]
    ((comment, tags),) = catalog.comments(TITLE_ID)
    assert (comment.text[:12], tags) == ("Voz robótica", [Tag.SYNC, Tag.VOICE])


def test_a_dub_that_nobody_made_has_no_comments(catalog: Catalog) -> None:
    comment = new_comment("other", "es", "mala voz", origin="t", now=NOW)
    with pytest.raises(InvalidInput, match="other es: there is no such dub"):
        catalog.take_comment(comment, {Tag.VOICE}, "lexicon-es-1")
    assert catalog.comments("other") == []


def test_a_comment_is_about_the_release_that_people_saw(catalog: Catalog) -> None:
    old = publish(catalog, "one", synthesize="flite")
    between = catalog.releases()[0].published_at
    new = publish(catalog, "two", synthesize="espeak_ng")
    say(catalog, "mala voz", at=between)
    say(catalog, "mala voz")
    say(catalog, "mala voz", at=LONG_AGO)  # nothing was published: of the title alone
    assert catalog.unweighed_releases() == sorted([old, new])
    assert catalog.complaints_of_release(old) == {Tag.VOICE: 1}
    (row,) = catalog.complaints(LONG_AGO)
    assert (row.title_id, row.language, row.tag, row.comments) == (TITLE_ID, LANGUAGE, "voice", 3)


def test_an_engine_answers_for_its_own_part_alone(catalog: Catalog) -> None:
    publish(catalog, "run", translate="apertium", synthesize="flite", lipsync="hybrid")
    for number, text in enumerate(("mala voz", "voz metálica", "La traducción es mala", "¡Bien!")):
        say(catalog, text, id_=str(number))
    rows = [
        (row.stage, row.engine, row.tag.value, row.comments, row.heard)
        for row in catalog.engine_complaints(LONG_AGO)
    ]
    assert rows == [
        ("synthesize", "flite", "voice", 2, 4), ("translate", "apertium", "translation", 1, 4),
    ]  # fmt: skip
    assert catalog.engine_complaints("9999") == catalog.complaints("9999") == []


def test_what_is_weighed_is_weighed_once(catalog: Catalog) -> None:
    release_id = publish(catalog, "run")
    say(catalog, "mala voz")
    catalog.note_weighed(release_id, "review", {Tag.VOICE: 1})
    assert catalog.unweighed_releases() == []
    assert catalog.followed_tags(release_id) == {Tag.VOICE}
    say(catalog, "peor voz")
    assert catalog.unweighed_releases() == [release_id]
    catalog.note_weighed(release_id, "request", {Tag.VOICE: 2, Tag.SYNC: 9})
    assert catalog.followed_tags(release_id) == {Tag.VOICE, Tag.SYNC}


def test_a_published_dub_is_looked_at_again(catalog: Catalog) -> None:
    release_id = publish(catalog, "run")
    assert catalog.review_again(release_id, 7, "viewers complain") == "run"
    review = catalog.show_next_review("task")
    assert review is not None
    assert (review.best_run_id, review.priority, review.notes) == ("run", 7, "viewers complain")
    assert catalog.review_again(release_id, 9, "more") == "run"  # it is open: nothing changes
    assert catalog.reviews() == [review]
    (waiting,) = catalog.waiting_reviews(most=5)
    assert waiting.reasons[0] == "viewers complain"


def test_a_review_that_was_answered_is_opened_again_and_may_be_waived_again(
    catalog: Catalog,
) -> None:
    catalog.record_judgement(judgement("run", "review"))
    catalog.show_next_review("first")
    catalog.decide_review("run", "publish_with_waiver", "ana", "a song")
    catalog.record_release(
        Release(
            release_id="r",
            title_id=TITLE_ID,
            language=LANGUAGE,
            run_id="run",
            folder="f",
            sha256="s",
        )
    )
    assert catalog.review_again("r", 5, "viewers complain") == "run"
    shown = catalog.show_next_review("second")
    assert shown is not None
    assert (shown.run_id, shown.who) == ("run", "")
    catalog.decide_review("run", "publish_with_waiver", "ben", "it is meant so")
    assert [one.who for one in catalog.waivers("run")] == ["ana"]  # the release holds these words
    publication = catalog.publication("run")
    assert publication is not None
    assert publication.state == "published"


def test_a_repair_that_is_under_way_is_waited_for(catalog: Catalog) -> None:
    release_id = publish(catalog, "run")
    catalog.record_judgement(judgement("again", "repair"))
    assert catalog.review_again(release_id, 5, "viewers complain") == ""
    assert catalog.reviews() == []
