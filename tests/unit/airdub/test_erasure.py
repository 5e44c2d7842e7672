"""A consent that is taken back takes with it whatever was made under it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog, open_catalog
from airdub.consents import Use, new_consent
from airdub.erasure import Erasure, revoke_consent
from airdub.errors import DependencyUnavailable, InvalidInput, PolicyRefused
from airdub.releases import list_releases, open_objects, publish_run
from tests.unit.airdub.catalog.judged import FORK, judgement
from tests.unit.airdub.releases.dubs import LANGUAGE, Library, settings_at

NOW = datetime.now(UTC)
CACHE = "work/convert_voice/consents/{}"
KEPT = ("work/separate/01/012/stem.wav", "work/mix/99/999/mix.wav", "sources/ab/abc/film.mp4")


class People(Library):
    """Two published runs of a title: Ben's voice is in the first, Ana's in the second."""

    def __init__(self, folder: Path) -> None:
        super().__init__(settings_at(folder, (folder / "releases").as_uri()))
        self.ben = self.publish("Ben", "run-ben")
        self.ana = self.publish("Ana", "run-ana")
        for key in KEPT:
            self.store.write(key, b"kept")

    def agree(self, person: str) -> str:
        with open_catalog(self.settings.catalog_url) as catalog:
            given = new_consent(person, ["voice", "likeness"], "e" * 64)
            return catalog.grant(given).consent_id

    def use(self, consent_id: str, run_id: str) -> None:
        """Make things under a consent, as a run's stages do."""
        places = [f"work/{stage}/{run_id}" for stage in ("convert_voice", "mix", "lipsync", "mux")]
        places += [CACHE.format(consent_id), f"drafts/{run_id}"]
        with open_catalog(self.settings.catalog_url) as catalog:
            catalog.trace(places, [consent_id])
            catalog.note_uses(run_id, "convert_voice", Use.VOICE, [consent_id])
        for folder in places:
            self.store.write(f"{folder}/attempt/outputs/sound.wav", b"a voice")

    def publish(self, person: str, run_id: str) -> str:
        consent_id = self.agree(person)
        self.judged(run_id)
        self.use(consent_id, run_id)
        publish_run(self.settings, run_id)
        return consent_id

    def revoke(self) -> Erasure:
        return revoke_consent(self.settings, self.ana, "she asked for it")

    def left(self, consent_id: str) -> list[str]:
        """Keys that hold what was made under a consent."""
        with open_catalog(self.settings.catalog_url) as catalog:
            return [key for folder in catalog.traces(consent_id) for key in self.store.list(folder)]

    def states(self) -> dict[str, str]:
        """What the release store says of each run's release."""
        objects = open_objects(self.settings.releases_url)
        return {one.entry.run_id: one.state for one in list_releases(objects) if one.entry}


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path)


@pytest.fixture
def catalog(people: People) -> Iterator[Catalog]:
    with open_catalog(people.settings.catalog_url) as opened:
        yield opened


def test_everything_made_under_it_goes_and_nothing_else(people: People, catalog: Catalog) -> None:
    kept = people.left(people.ben)
    done = people.revoke()
    assert set(done.folders) == set(catalog.traces(people.ana))
    assert people.left(people.ana) == []
    assert people.left(people.ben) == kept
    assert all(people.store.read(key) == b"kept" for key in KEPT)
    assert done.consent.revoked_why == "she asked for it"
    assert done.consent.erased_at >= done.consent.revoked_at > ""


def test_what_was_published_is_withdrawn_with_the_reason(people: People, catalog: Catalog) -> None:
    assert people.states() == {"run-ana": "current", "run-ben": "replaced"}
    (folder,) = people.revoke().releases
    assert people.states() == {"run-ana": "withdrawn", "run-ben": "replaced"}
    (release,) = catalog.releases_under(people.ana)
    assert (release.folder, release.state) == (folder, "withdrawn")
    (tombstone,) = [
        one.tombstone for one in list_releases(open_objects(people.settings.releases_url))
        if one.tombstone
    ]  # fmt: skip
    assert tombstone.why == f"the consent {people.ana} was revoked: she asked for it"
    assert tombstone.who == "airdub consent revoke"


def test_a_release_that_the_catalogue_never_heard_of_goes_too(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.judged("run-2")
    people.use(people.ana, "run-2")
    monkeypatch.setattr("airdub.releases.publishing._record", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        publish_run(people.settings, "run-2")
    monkeypatch.undo()
    assert people.states()["run-2"] == "current"
    assert len(people.revoke().releases) == 2
    assert people.states()["run-2"] == "withdrawn"
    with pytest.raises(PolicyRefused, match="was revoked"):
        publish_run(people.settings, "run-2")


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_waits_is_not_published_any_more(people: People, catalog: Catalog) -> None:
    for run_id, consequence in (("waits", "publish"), ("asks", "review")):
        catalog.record_judgement(judgement(run_id, consequence, run={"title_id": run_id}))
        people.use(people.ana, run_id)
    people.revoke()
    publication, review = catalog.publication("waits"), catalog.review("asks")
    assert publication is not None
    assert (publication.state, people.ana in publication.note) == ("refused", True)
    assert review is not None
    assert (review.state, people.ana in review.why) == ("reject", True)
    with pytest.raises(PolicyRefused):
        publish_run(people.settings, "waits")


def test_revoking_again_changes_nothing(people: People, catalog: Catalog) -> None:
    first = people.revoke()
    tombstones = [*list_releases(open_objects(people.settings.releases_url))]
    again = people.revoke()
    assert (again.consent, again.releases, again.folders) == (first.consent, first.releases, ())
    assert [*list_releases(open_objects(people.settings.releases_url))] == tombstones


def test_what_was_written_after_it_goes_with_the_next_one(people: People) -> None:
    people.revoke()
    people.store.write("work/mix/run-ana/attempt/outputs/late.wav", b"a voice")
    assert people.revoke().folders == ("work/mix/run-ana",)
    assert people.left(people.ana) == []


@pytest.mark.parametrize("deletions", [0, 1, 4])
def test_a_killed_revocation_is_finished_by_the_next(
    people: People, catalog: Catalog, deletions: int
) -> None:
    def revoke_until_killed() -> None:
        count, delete = 0, ArtifactStore.delete

        def delete_or_die(store: ArtifactStore, key: str) -> None:
            nonlocal count
            if count == deletions:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1
            delete(store, key)

        ArtifactStore.delete = delete_or_die  # type: ignore[method-assign]
        people.revoke()

    folders = len(catalog.traces(people.ana))
    process = FORK.Process(target=revoke_until_killed)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    consent = catalog.consent(people.ana)
    assert consent is not None
    assert consent.revoked_at
    assert not consent.erased_at
    assert len(people.revoke().folders) == folders - deletions
    assert people.left(people.ana) == []
    assert people.states()["run-ana"] == "withdrawn"


def test_a_release_store_that_is_away_keeps_the_consent_revoked(
    people: People, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise DependencyUnavailable("the release store doesn't answer", where="releases")

    monkeypatch.setattr("airdub.erasure.withdraw_release", away)
    with pytest.raises(DependencyUnavailable):
        people.revoke()
    monkeypatch.undo()
    assert people.states()["run-ana"] == "current"
    consent = catalog.consent(people.ana)
    assert consent is not None
    assert consent.lacks(Use.VOICE, LANGUAGE, ("world",), NOW)
    people.revoke()
    assert people.states()["run-ana"] == "withdrawn"
    assert people.left(people.ana) == []


def test_there_must_be_such_a_consent(people: People) -> None:
    with pytest.raises(InvalidInput, match="no such consent"):
        revoke_consent(people.settings, "unknown", "why")
