"""Publishers and withdrawers that are killed at every step, and two at once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from airdub.artifacts import ArtifactStore
from airdub.catalog import Release, open_catalog
from airdub.errors import AirdubError, Conflict
from airdub.releases import (
    current_release,
    list_releases,
    open_objects,
    publish,
    publish_run,
    publishing,
    verify_release,
    withdraw_release,
)
from airdub.releases.dossier import gather
from airdub.releases.objects import ObjectStore, Stored
from airdub.releases.publishing import prepared
from airdub.releases.writing import Prepared
from airdub.settings import Settings
from tests.unit.airdub.releases.dubs import LANGUAGE, PLACE, TITLE_ID, Library, settings_at
from tests.unit.airdub.releases.objects import (
    FORK,
    SMALLEST_PART,
    Deadly,
    die,
    digests,
    in_process,
    remains,
)

LARGE = b"moving pictures" * (SMALLEST_PART // 10)


def release_of(settings: Settings, run_id: str) -> Prepared:
    """All that a run's release consists of."""
    store = ArtifactStore(settings.store_url)
    with open_catalog(settings.catalog_url) as catalog:
        judgement = catalog.judgement(run_id)
        assert judgement
        return prepared(settings, store, gather(catalog, store, judgement))


def publish_and_die(settings: Settings, run_id: str, moment: int) -> None:
    publishing.open_objects = lambda url: Deadly(open_objects(url), moment)
    publish_run(settings, run_id)


def withdraw_and_die(settings: Settings, release_id: str, moment: int) -> None:
    publishing.open_objects = lambda url: Deadly(open_objects(url), moment)
    withdraw_release(settings, PLACE, release_id, who="ana", why="a wrong name")


def current_id(settings: Settings) -> str:
    entry = current_release(open_objects(settings.releases_url), PLACE)
    return entry.release_id if entry else ""


def states(settings: Settings) -> dict[str, str]:
    with open_catalog(settings.catalog_url) as catalog:
        return {one.run_id: one.state for one in catalog.releases(TITLE_ID, LANGUAGE)}


def check_finished(library: Library, old: Release, new: Release, clean: dict[str, str]) -> None:
    """The new release is current with the bytes of one that nobody disturbed; nothing is left."""
    settings = library.settings
    objects = open_objects(settings.releases_url)
    assert digests(objects, new.folder) == clean
    assert verify_release(objects, PLACE, new.release_id, recorded=new.sha256).is_whole
    assert states(settings) == {"old": "replaced", "new": "current"}
    assert new.replaces == old.release_id
    assert remains(settings.releases_url) == []
    assert [one.state for one in list_releases(objects)] == ["current", "replaced"]


@pytest.fixture
def clean(library: Library, tmp_path: Path) -> dict[str, str]:
    """Digests of the files of run `new`, published elsewhere by somebody whom nobody kills."""
    library.judged("old", deliverable=b"old")
    library.judged("new", deliverable=LARGE)
    elsewhere = open_objects(str(tmp_path / "elsewhere"))
    release = release_of(library.settings, "new")
    publish(elsewhere, release, now="2026-01-01T00:00:00Z")
    return digests(elsewhere, release.folder)


def test_a_publisher_killed_again_and_again_gets_there(
    library: Library, clean: dict[str, str]
) -> None:
    settings, url = library.settings, library.settings.releases_url
    old = publish_run(settings, "old")
    new_id = release_of(settings, "new").manifest.release_id
    # the video's upload, the other files, release.json (after 15 it is there), current.json
    for moment in (0, 1, 2, 5, 9, 14, 15, 0, 1):
        assert in_process(publish_and_die, settings, "new", moment) == -9
        assert current_id(settings) in (old.release_id, new_id)
        objects = open_objects(url)
        assert verify_release(objects, PLACE, current_id(settings)).problems == ()
    assert current_id(settings) == new_id
    assert states(settings) == {"old": "current"}  # not recorded yet
    check_finished(library, old, publish_run(settings, "new"), clean)


@pytest.mark.parametrize("moment", range(0, 22, 2))
def test_a_publisher_killed_at_any_step_leaves_the_old_release_and_a_retry_finishes(
    tmp_path: Path, moment: int
) -> None:
    library = Library(settings_at(tmp_path, (tmp_path / "releases").as_uri()))
    settings = library.settings
    library.judged("old", deliverable=b"old")
    library.judged("new", deliverable=LARGE)
    release = release_of(settings, "new")
    elsewhere = open_objects(str(tmp_path / "elsewhere"))
    publish(elsewhere, release, now="2026-01-01T00:00:00Z")
    old = publish_run(settings, "old")
    for killed_at in (moment, moment + 1):
        assert in_process(publish_and_die, settings, "new", killed_at) in (-9, 0)
        objects = open_objects(settings.releases_url)
        finished = f"{release.folder}/release.json" in dict(objects.sizes(release.folder))
        assert finished or current_id(settings) == old.release_id
        assert verify_release(objects, PLACE, current_id(settings)).is_whole
    clean = digests(elsewhere, release.folder)
    check_finished(library, old, publish_run(settings, "new"), clean)


def test_the_steps_above_are_all_of_them(tmp_path: Path) -> None:
    library = Library(settings_at(tmp_path, (tmp_path / "releases").as_uri()))
    library.judged("new", deliverable=LARGE)
    assert in_process(publish_and_die, library.settings, "new", 20) == -9
    assert states(library.settings) == {}  # current, and not recorded yet
    assert current_id(library.settings)
    assert in_process(publish_and_die, library.settings, "new", 21) == 0


def test_a_withdrawer_killed_at_any_step_is_followed_by_one_who_finishes(
    library: Library,
) -> None:
    settings = library.settings
    library.judged("old")
    release = publish_run(settings, "old")
    objects = open_objects(settings.releases_url)
    moment = 0
    while in_process(withdraw_and_die, settings, release.release_id, moment):
        found = verify_release(objects, PLACE, release.release_id)
        assert found.tombstone is None or found.tombstone.why == "a wrong name"
        assert found.state in ("current", "withdrawn")
        moment += 1
    assert moment >= 3
    assert current_id(settings) == ""
    assert states(settings) == {"old": "withdrawn"}
    assert remains(settings.releases_url) == []


def _publish_at_once(
    settings: Settings, run_id: str, go: object, told: object, only_once: bool
) -> None:
    release = release_of(settings, run_id)
    objects = Meeting(open_objects(settings.releases_url), go) if only_once else None
    try:
        if objects:
            publish(objects, release, now="2026-01-01T00:00:00Z")
        else:
            publish_run(settings, run_id)
        told.put((run_id, "published"))  # type: ignore[attr-defined]
    except AirdubError as error:
        told.put((run_id, f"{type(error).__name__}: {error}"))  # type: ignore[attr-defined]


class Meeting:
    """An object store whose users all see the same before any of them changes what is current."""

    def __init__(self, inner: ObjectStore, barrier: object) -> None:
        self._inner = inner
        self._barrier = barrier
        self.name = inner.name
        self.read, self.stream, self.sizes = inner.read, inner.stream, inner.sizes
        self.upload = inner.upload

    def put(self, key: str, data: bytes, before: Stored | None) -> bool:
        if key == PLACE.current:
            self._barrier.wait(300)  # type: ignore[attr-defined]
        return self._inner.put(key, data, before)


def at_once(settings: Settings, run_ids: list[str], *, only_once: bool) -> dict[str, str]:
    go, told = FORK.Barrier(len(run_ids)), FORK.SimpleQueue()
    publishers = [
        FORK.Process(target=_publish_at_once, args=(settings, run_id, go, told, only_once))
        for run_id in run_ids
    ]
    for publisher in publishers:
        publisher.start()
    for publisher in publishers:
        publisher.join(300)
    return dict(told.get() for _ in run_ids)


def test_of_two_publishers_at_once_one_wins_and_the_other_says_so(library: Library) -> None:
    for run_id in ("one", "two"):
        library.judged(run_id, deliverable=run_id.encode())
    ends = at_once(library.settings, ["one", "two"], only_once=True)
    (winner,) = (run_id for run_id, end in ends.items() if end == "published")
    (loser,) = set(ends) - {winner}
    assert ends[loser].startswith(f"Conflict: run {loser}, {PLACE.current}: another publisher was")
    assert f"of run {winner} is current now" in ends[loser]
    entry = current_release(open_objects(library.settings.releases_url), PLACE)
    assert entry
    assert entry.run_id == winner


def test_of_many_runs_published_at_once_the_newest_ends_up_current(library: Library) -> None:
    runs = ["one", "two", "three", "four"]
    for run_id in runs:
        library.judged(run_id, deliverable=run_id.encode())
    ends = at_once(library.settings, runs, only_once=False)
    assert ends["four"] == "published"
    for run_id, end in ends.items():
        assert end == "published" or "Conflict" in end, (run_id, end)
    entry = current_release(open_objects(library.settings.releases_url), PLACE)
    assert entry
    assert entry.run_id == "four"
    found = states(library.settings)
    assert found["four"] == "current"
    assert list(found.values()).count("current") == 1


def test_the_same_run_published_twice_at_once_is_one_release(library: Library) -> None:
    library.judged("one", deliverable=LARGE)
    go, told = FORK.Barrier(2), FORK.SimpleQueue()
    arguments = (library.settings, "one", go, told, False)
    both = [FORK.Process(target=_publish_at_once, args=arguments) for _ in range(2)]
    for publisher in both:
        publisher.start()
    for publisher in both:
        publisher.join(300)
    assert [told.get() for _ in both] == [("one", "published")] * 2
    objects = open_objects(library.settings.releases_url)
    (found,) = list_releases(objects)
    assert found.state == "current"
    assert verify_release(objects, PLACE, found.release_id).is_whole
    assert remains(library.settings.releases_url) == []


def _put_and_die(folder: str, moment: int) -> None:
    """Die before or after a system call that matters."""
    left = [moment]

    def deadly(call: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object, **names: object) -> object:
            for half in range(2):
                if left[0] == half:
                    die() if half == 0 else (call(*arguments, **names), die())
            left[0] -= 2
            return call(*arguments, **names)

        return counted

    os.fsync = deadly(os.fsync)  # type: ignore[assignment]
    Path.rename = deadly(Path.rename)  # type: ignore[assignment, method-assign]
    Path.mkdir = deadly(Path.mkdir)  # type: ignore[assignment, method-assign]
    objects = open_objects(folder)
    objects.put("a/b/c.json", b"new" * 1000, objects.read("a/b/c.json"))


@pytest.mark.parametrize("before", [None, b"old"])
def test_a_file_is_the_old_one_or_the_new_one_whenever_its_writer_dies(
    tmp_path: Path, before: bytes | None
) -> None:
    moment = 0
    while True:
        folder = tmp_path / str(moment)
        objects = open_objects(str(folder))
        if before:
            objects.put("a/b/c.json", before, None)
        code = in_process(_put_and_die, str(folder), moment)
        found = objects.read("a/b/c.json")
        assert (found and found.data) in (before, b"new" * 1000)
        if code == 0:
            break
        assert objects.put("a/b/c.json", b"next", found)
        assert [path.name for path in folder.rglob("*") if path.is_file()] == ["c.json"]
        moment += 1
    assert moment >= 6


def test_a_loser_s_conflict_is_kept_with_his_publication(library: Library) -> None:
    library.judged("one", deliverable=b"one")
    library.judged("two", deliverable=b"two")
    publish_run(library.settings, "two")
    with pytest.raises(Conflict, match="a newer run was published"):
        publish_run(library.settings, "one")
    objects = open_objects(library.settings.releases_url)
    stored = objects.read(PLACE.current)
    assert stored
    assert [one["run_id"] for one in json.loads(stored.data)["history"]] == ["two"]
