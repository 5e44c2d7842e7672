"""Every byte is checked; what was withdrawn stays listed, with who, why and when."""

from __future__ import annotations

import json
from typing import Any

import pytest

from airdub.catalog import Release, open_catalog
from airdub.errors import InvalidInput, PolicyRefused
from airdub.releases import (
    Place,
    current_release,
    list_releases,
    open_objects,
    publish_run,
    publishing,
    verify_release,
    withdraw_release,
)
from airdub.releases.objects import ObjectStore, Stored
from airdub.releases.withdrawing import withdraw
from airdub.settings import Settings
from tests.unit.airdub.releases.dubs import LANGUAGE, PLACE, TITLE_ID, Library
from tests.unit.airdub.releases.objects import content

NOBODY = "0123456789abcdef"


def overwrite(objects: ObjectStore, key: str, data: bytes) -> None:
    """What nobody may do who publishes."""
    assert objects.put(key, data, objects.read(key))


def kinds(objects: ObjectStore, release_id: str, recorded: str = "") -> list[tuple[str, str]]:
    found = verify_release(objects, PLACE, release_id, recorded=recorded)
    return [(one.kind, one.file) for one in found.problems]


def remove(url: str, key: str) -> None:
    from airdub.artifacts import ArtifactStore

    ArtifactStore(url).delete(key)


VIDEO = f"{TITLE_ID}.{LANGUAGE}.mp4"


def test_a_whole_release_is_whole(library: Library) -> None:
    library.judged()
    release = publish_run(library.settings, "run")
    objects = open_objects(library.settings.releases_url)
    told: list[tuple[int, int]] = []
    found = verify_release(
        objects,
        PLACE,
        release.release_id,
        recorded=release.sha256,
        report=lambda done, total: told.append((done, total)),
    )
    assert (found.is_whole, found.state, found.tombstone) == (True, "current", None)
    assert (
        found.bytes
        == told[-1][0]
        == told[-1][1]
        == sum(s for _, s in objects.sizes(release.folder))
    )


def test_every_kind_of_damage_is_found(library: Library) -> None:
    library.judged()
    release = publish_run(library.settings, "run")
    objects = open_objects(library.settings.releases_url)
    overwrite(objects, f"{release.folder}/{VIDEO}", b"moving picturez" * 1000)
    overwrite(objects, f"{release.folder}/verdict.json", b"{}")
    objects.upload(f"{release.folder}/extra.txt", content(b"not ours"))
    remove(library.settings.releases_url, f"{release.folder}/qc.csv")
    assert kinds(objects, release.release_id) == [
        ("changed", VIDEO), ("missing", "qc.csv"), ("changed", "verdict.json"),
        ("extra", "extra.txt"),
    ]  # fmt: skip


def test_release_json_itself_is_held_by_the_pointer_and_the_catalogue(library: Library) -> None:
    library.judged()
    release = publish_run(library.settings, "run")
    objects = open_objects(library.settings.releases_url)
    key = f"{release.folder}/release.json"
    stored = objects.read(key)
    assert stored
    overwrite(objects, key, stored.data.replace(b"APPROVED", b"REVIEWED"))
    assert kinds(objects, release.release_id) == [("changed", "release.json")]
    current = objects.read(PLACE.current)
    assert current
    overwrite(objects, PLACE.current, b'{"title_id":"x","language":"y"}')
    found = kinds(objects, release.release_id, release.sha256)
    assert found == [("changed", "release.json")]
    assert kinds(objects, release.release_id) == [("unknown", "release.json")]
    remove(library.settings.releases_url, key)
    assert kinds(objects, release.release_id, release.sha256) == [("missing", "release.json")]


@pytest.mark.parametrize(
    "name", ["../../../../etc/passwd", "/etc/passwd", "a/b", "", ".hidden", "x" * 300]
)
def test_a_release_json_with_paths_in_it_is_no_release_json(
    local_library: Library, name: str
) -> None:
    local_library.judged()
    release = publish_run(local_library.settings, "run")
    objects = open_objects(local_library.settings.releases_url)
    key = f"{release.folder}/release.json"
    stored = objects.read(key)
    assert stored
    said = json.loads(stored.data)
    said["files"][0]["name"] = name
    overwrite(objects, key, json.dumps(said).encode())
    assert ("changed", "release.json") in kinds(objects, release.release_id)


def test_a_release_moved_to_another_place_is_noticed(local_library: Library) -> None:
    local_library.judged()
    release = publish_run(local_library.settings, "run")
    objects = open_objects(local_library.settings.releases_url)
    for key, _ in [*objects.sizes(release.folder)]:
        data = b"".join(objects.stream(key))
        objects.upload(key.replace(release.release_id, NOBODY), content(data))
    assert kinds(objects, NOBODY, release.sha256) == [("changed", "release.json")]


def test_what_is_not_there_can_not_be_verified(objects: ObjectStore) -> None:
    with pytest.raises(InvalidInput, match="no such release"):
        verify_release(objects, PLACE, NOBODY)
    for wrong in ("..", "../x", "", "ABCDEF0123456789", "0123456789abcde/"):
        with pytest.raises(InvalidInput, match="not a release id"):
            verify_release(objects, PLACE, wrong)


@pytest.mark.parametrize(
    ("title", "language"),
    [("../x", "es"), ("x/y", "es"), ("film", "../es"), ("film", "es/x"), ("film", ""), ("", "es")],
)
def test_places_stay_inside(title: str, language: str) -> None:
    with pytest.raises(InvalidInput):
        Place(title, language)


def withdrawn(library: Library, release_id: str, *, restore: bool = False, why: str = "why") -> str:
    return withdraw_release(
        library.settings, PLACE, release_id, who="ana", why=why, restore=restore
    )


def test_a_withdrawn_release_leaves_nothing_current_and_a_tombstone(library: Library) -> None:
    for run_id in ("one", "two"):
        library.judged(run_id, deliverable=run_id.encode())
    first, second = (publish_run(library.settings, run_id) for run_id in ("one", "two"))
    assert withdrawn(library, second.release_id, why="a wrong name") == ""
    assert withdrawn(library, second.release_id, why="other words") == ""
    objects = open_objects(library.settings.releases_url)
    assert current_release(objects, PLACE) is None
    found = verify_release(objects, PLACE, second.release_id, recorded=second.sha256)
    assert (found.is_whole, found.state) == (True, "withdrawn")
    assert found.tombstone
    assert (found.tombstone.who, found.tombstone.why) == ("ana", "a wrong name")
    assert found.tombstone.withdrawn_at.endswith("Z")
    with open_catalog(library.settings.catalog_url) as catalog:
        rows = {one.release_id: (one.state, one.note) for one in catalog.releases(TITLE_ID)}
    assert rows == {
        first.release_id: ("replaced", ""),
        second.release_id: ("withdrawn", "ana: a wrong name"),
    }
    with pytest.raises(PolicyRefused, match="withdrawn"):
        publish_run(library.settings, "two")


def test_the_release_before_comes_back_when_asked_for(library: Library) -> None:
    for run_id in ("one", "two"):
        library.judged(run_id, deliverable=run_id.encode())
    first, second = (publish_run(library.settings, run_id) for run_id in ("one", "two"))
    assert withdrawn(library, second.release_id, restore=True) == first.release_id
    assert withdrawn(library, second.release_id, restore=True) == first.release_id
    entry = current_release(open_objects(library.settings.releases_url), PLACE)
    assert entry
    assert entry.release_id == first.release_id
    with open_catalog(library.settings.catalog_url) as catalog:
        states = {one.release_id: one.state for one in catalog.releases(TITLE_ID)}
    assert states == {first.release_id: "current", second.release_id: "withdrawn"}
    assert withdrawn(library, first.release_id, restore=True) == ""


def test_withdrawing_a_replaced_release_leaves_the_current_one(local_library: Library) -> None:
    for run_id in ("one", "two"):
        local_library.judged(run_id, deliverable=run_id.encode())
    first, second = (publish_run(local_library.settings, run_id) for run_id in ("one", "two"))
    assert withdrawn(local_library, first.release_id) == second.release_id


def test_who_and_why_must_be_said_and_the_release_must_be_there(local_library: Library) -> None:
    local_library.judged()
    release = publish_run(local_library.settings, "run")
    for who, why in (("", "why"), ("ana", " ")):
        with pytest.raises(InvalidInput, match="must be said"):
            withdraw_release(local_library.settings, PLACE, release.release_id, who=who, why=why)
    with pytest.raises(InvalidInput, match="no such release"):
        withdraw_release(local_library.settings, PLACE, NOBODY, who="ana", why="why")
    assert current_release(open_objects(local_library.settings.releases_url), PLACE)


def test_a_withdrawal_beats_the_publisher_who_looked_before_it(library: Library) -> None:
    library.judged()
    objects = open_objects(library.settings.releases_url)

    class Withdrawing:
        """Somebody withdraws between the publisher's look at what is current and his change."""

        name = objects.name
        read, stream, sizes, upload = objects.read, objects.stream, objects.sizes, objects.upload

        def put(self, key: str, data: bytes, before: Stored | None) -> bool:
            if key == PLACE.current:
                release_id = json.loads(data)["release_id"]
                withdraw(objects, PLACE, release_id, who="ana", why="why", now="now")
            return objects.put(key, data, before)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("airdub.releases.publishing.open_objects", lambda url: Withdrawing())
        with pytest.raises(PolicyRefused, match="withdrawn"):
            publish_run(library.settings, "run")
    assert current_release(objects, PLACE) is None


def test_a_release_withdrawn_before_it_was_recorded_is_recorded_as_withdrawn(
    local_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_library.judged()
    record = publishing._record

    def withdrawn_first(settings: Settings, *arguments: Any) -> Release:
        (listed,) = list_releases(open_objects(settings.releases_url))
        assert listed.state == "current"
        withdrawn(local_library, listed.release_id, why="a wrong name")
        return record(settings, *arguments)

    monkeypatch.setattr(publishing, "_record", withdrawn_first)
    with pytest.raises(PolicyRefused, match="withdrawn by ana: a wrong name"):
        publish_run(local_library.settings, "run")
    with open_catalog(local_library.settings.catalog_url) as catalog:
        (row,) = catalog.releases(TITLE_ID)
    assert (row.state, row.note) == ("withdrawn", "ana: a wrong name")


def test_the_list_tells_what_is_where(library: Library) -> None:
    for run_id in ("one", "two", "three"):
        library.judged(run_id, deliverable=run_id.encode())
    first, second, third = (
        publish_run(library.settings, run_id) for run_id in ("one", "two", "three")
    )
    withdrawn(library, second.release_id, why="a wrong name")
    objects = open_objects(library.settings.releases_url)
    objects.upload(f"{PLACE.release(NOBODY)}/film.mp4", content(b"half a release"))
    objects.put("releases/film/fr/current.json.bak", b"somebody's own", None)
    objects.put("releases/film/fr/x/y/z", b"somebody's own", None)
    found = {one.release_id: one for one in list_releases(objects)}
    assert {release_id: one.state for release_id, one in found.items()} == {
        NOBODY: "unfinished",
        third.release_id: "current",
        second.release_id: "withdrawn",
        first.release_id: "replaced",
    }
    assert found[second.release_id].tombstone
    assert found[second.release_id].tombstone.why == "a wrong name"
    assert found[third.release_id].bytes == sum(s for _, s in objects.sizes(third.folder))
    assert [*list_releases(objects, TITLE_ID, LANGUAGE)] == [*found.values()]
    assert [*list_releases(objects, TITLE_ID)] == [*found.values()]
    assert [*list_releases(objects, TITLE_ID, "fr")] == []
    assert [*list_releases(objects, "film")] == []
    with pytest.raises(InvalidInput):
        [*list_releases(objects, "..")]
