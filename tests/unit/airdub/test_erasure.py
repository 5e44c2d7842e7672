"""A consent that is taken back takes with it whatever was made under it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog, Release, open_catalog
from airdub.consents import Use, new_consent
from airdub.erasure import revoke_consent
from airdub.errors import DependencyUnavailable, InvalidInput
from tests.builders import local_store
from tests.unit.airdub.catalog.judged import FORK, TITLE_ID, judgement

MADE = ("work/convert_voice/ab/abc", "work/mix/cd/cde", "work/lipsync/ef/efg", "drafts/t/es/d")
CACHE = "work/convert_voice/consents/{}"
KEPT = ("work/separate/01/012/stem.wav", "work/mix/99/999/mix.wav", "sources/ab/abc/film.mp4")


class Library:
    """Two published runs: one under Ana's consent, one under Ben's."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite://{folder}/catalog.db"
        self.store: ArtifactStore = local_store(folder)
        self.withdrawn = folder / "withdrawn"
        with open_catalog(self.url) as catalog:
            self.ana = self.publish(catalog, "Ana", "run-ana", MADE)
            self.ben = self.publish(catalog, "Ben", "run-ben", ("work/mix/99/999",))
        for key in KEPT:
            self.store.write(key, b"kept")

    def publish(self, catalog: Catalog, person: str, run_id: str, folders: tuple[str, ...]) -> str:
        given = new_consent(person, ["voice", "likeness"], "e" * 64)
        consent_id = catalog.grant(given).consent_id
        places = [*folders, CACHE.format(consent_id)]
        catalog.trace(places, [consent_id])
        for folder in places:
            self.store.write(f"{folder}/attempt/outputs/sound.wav", b"a voice")
        catalog.note_uses(run_id, "convert_voice", Use.VOICE, [consent_id])
        catalog.record_judgement(judgement(run_id, "publish"))
        catalog.record_release(
            Release(
                release_id=f"release-{run_id}",
                title_id=TITLE_ID,
                language="es-419",
                run_id=run_id,
                folder=f"releases/{run_id}",
                sha256="0" * 64,
            )
        )
        return consent_id

    def withdraw(self, release: Release, reason: str) -> None:
        with self.withdrawn.open("a") as stream:
            stream.write(f"{release.release_id} {reason}\n")

    def revoke(self, catalog: Catalog) -> tuple[str, ...]:
        done = revoke_consent(catalog, self.store, self.ana, "she asked for it", self.withdraw)
        return done.folders

    def left(self, consent_id: str) -> list[str]:
        """Keys that hold what was made under a consent."""
        with open_catalog(self.url) as catalog:
            return [key for folder in catalog.traces(consent_id) for key in self.store.list(folder)]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


@pytest.fixture
def catalog(library: Library) -> Iterator[Catalog]:
    with open_catalog(library.url) as opened:
        yield opened


def test_everything_made_under_it_goes_and_nothing_else(library: Library, catalog: Catalog) -> None:
    assert len(library.revoke(catalog)) == len(MADE) + 1
    assert library.left(library.ana) == []
    assert len(library.left(library.ben)) == 3
    assert all(library.store.read(key) == b"kept" for key in KEPT)
    consent = catalog.consent(library.ana)
    assert consent is not None
    assert consent.revoked_why == "she asked for it"
    assert consent.erased_at >= consent.revoked_at > ""


def test_what_was_published_is_withdrawn_with_the_reason(
    library: Library, catalog: Catalog
) -> None:
    library.revoke(catalog)
    states = {one.release_id: one.state for one in catalog.releases(TITLE_ID)}
    assert states["release-run-ana"] == "withdrawn"
    assert states["release-run-ben"] == "current"
    reason = f"the consent {library.ana} was revoked: she asked for it"
    assert library.withdrawn.read_text() == f"release-run-ana {reason}\n"


def test_what_waits_is_not_published_any_more(library: Library, catalog: Catalog) -> None:
    for run_id, consequence in (("waits", "publish"), ("asks", "review")):
        changed = {"run": {"title_id": run_id}}
        catalog.record_judgement(judgement(run_id, consequence, **changed))
        catalog.note_uses(run_id, "lipsync", Use.LIKENESS, [library.ana])
    library.revoke(catalog)
    publication, review = catalog.publication("waits"), catalog.review("asks")
    assert publication is not None
    assert (publication.state, library.ana in publication.note) == ("refused", True)
    assert review is not None
    assert (review.state, library.ana in review.why) == ("reject", True)


def test_revoking_again_changes_nothing(library: Library, catalog: Catalog) -> None:
    library.revoke(catalog)
    assert library.revoke(catalog) == ()
    assert library.withdrawn.read_text().count("\n") == 1


def test_what_was_written_after_it_goes_with_the_next_one(
    library: Library, catalog: Catalog
) -> None:
    library.revoke(catalog)
    library.store.write("work/mix/cd/cde/attempt/outputs/late.wav", b"a voice")
    assert library.revoke(catalog) == ("work/mix/cd/cde",)
    assert library.left(library.ana) == []


@pytest.mark.parametrize("deletions", [0, 1, 3])
def test_a_killed_revocation_is_finished_by_the_next(
    library: Library, deletions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def revoke_until_killed() -> None:
        count = 0
        delete = library.store.delete

        def delete_or_die(key: str) -> None:
            nonlocal count
            if count == deletions:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1
            delete(key)

        monkeypatch.setattr(library.store, "delete", delete_or_die)
        with open_catalog(library.url) as catalog:
            library.revoke(catalog)

    process = FORK.Process(target=revoke_until_killed)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert len(library.left(library.ana)) == len(MADE) + 1 - deletions
    with open_catalog(library.url) as catalog:
        consent = catalog.consent(library.ana)
        assert consent is not None
        assert consent.revoked_at
        assert not consent.erased_at
        assert len(library.revoke(catalog)) == len(MADE) + 1 - deletions
    assert library.left(library.ana) == []
    assert library.withdrawn.read_text().count("\n") == 1


def test_a_release_that_can_not_be_withdrawn_now_is_withdrawn_later(
    library: Library, catalog: Catalog
) -> None:
    def unreachable(release: Release, reason: str) -> None:
        raise DependencyUnavailable("the release store doesn't answer", where=release.folder)

    with pytest.raises(DependencyUnavailable):
        revoke_consent(catalog, library.store, library.ana, "why", unreachable)
    assert {one.state for one in catalog.releases_under(library.ana)} == {"current"}
    assert catalog.allowed(TITLE_ID, Use.VOICE, language="es", territories=("world",)) == {}
    library.revoke(catalog)
    assert {one.state for one in catalog.releases_under(library.ana)} == {"withdrawn"}
    assert library.left(library.ana) == []


def test_there_must_be_such_a_consent(library: Library, catalog: Catalog) -> None:
    with pytest.raises(InvalidInput, match="no such consent"):
        revoke_consent(catalog, library.store, "unknown", "why", library.withdraw)
