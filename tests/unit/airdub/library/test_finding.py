"""A listing's files are put together by their names alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airdub.library.files import Entry, Unlisted, is_relevant
from airdub.library.finding import Candidate, Found, Orphan, find


def entries(*names: str, folder: str = "/library/") -> list[Entry]:
    return [Entry(f"{folder}{name}", 1, "1") for name in sorted(names)]


def told(found: list[Found]) -> dict[str, set[str] | str]:
    """Endings by video, and what lies alone."""
    return {
        one.video.name: set(one.beside) if isinstance(one, Candidate) else ""
        for one in found
        if isinstance(one, Candidate)
    } | {one.entry.name: "alone" for one in found if isinstance(one, Orphan)}


def test_what_lies_beside_a_video_comes_with_it() -> None:
    names = ("film.mp4", "film.srt", "film.ES.srt", "film.me.wav", "film 2.mkv", "film2.srt")
    assert told(list(find(entries(*names)))) == {
        "film.mp4": {".srt", ".es.srt", ".me.wav"},
        "film 2.mkv": set(),
        "film2.srt": "alone",
    }


def test_two_videos_of_one_name_have_the_same_beside() -> None:
    assert told(list(find(entries("a.mkv", "a.mp4", "a.srt")))) == {
        "a.mkv": {".srt"},
        "a.mp4": {".srt"},
    }


def test_a_script_for_a_missing_video_is_told() -> None:
    assert told(list(find(entries("gone.es.srt")))) == {"gone.es.srt": "alone"}


def test_what_can_not_be_listed_does_not_part_a_video_from_its_script() -> None:
    listed = [*entries("film.mp4"), Unlisted("/library/film.ode", "?", ""), *entries("film.srt")]
    found = list(find(listed))
    assert told(found) == {"film.mp4": {".srt"}}
    assert any(isinstance(one, Unlisted) for one in found)


def test_folders_are_apart() -> None:
    listed = [*entries("film.mp4", folder="/a/"), *entries("film.srt", folder="/b/")]
    assert told(list(find(listed))) == {"film.mp4": set(), "film.srt": "alone"}


def test_a_folder_named_like_a_video_does_not_part_it_from_its_script() -> None:
    """As buckets list them: key by key."""
    names = (
        "film.en.srt",
        "film.extras/cut.es.srt",
        "film.extras/cut.more/scene.mp4",
        "film.extras/cut.mp4",
        "film.mp4",
    )
    assert list(names) == sorted(names)
    assert told(list(find(entries(*names)))) == {
        "film.mp4": {".en.srt"},
        "cut.mp4": {".es.srt"},
        "scene.mp4": set(),
    }


def test_a_change_beside_changes_the_stamp() -> None:
    (alone,), (both,) = find(entries("film.mp4")), find(entries("film.mp4", "film.srt"))
    assert isinstance(alone, Candidate)
    assert isinstance(both, Candidate)
    assert alone.stamp != both.stamp
    assert both.bytes == 2


_NAMES = st.builds(
    lambda folder, stem, ending: folder + stem + ending,
    st.sampled_from(["", "a.es/", "a.es/a.b/"]),
    st.sampled_from(["a", "a.b", "a b", "A", "1. a", "a.es"]),
    st.sampled_from([".mp4", ".mkv", ".srt", ".es.srt", ".me.wav", ".nfo", ".b.mp4"]),
)


def by_folder(entry: Entry) -> tuple[str, str]:
    """Folder by folder, as those of a machine are listed."""
    folder, _, name = entry.location.rpartition("/")
    return folder, name


@given(st.sets(_NAMES, max_size=20), st.booleans())
def test_every_file_of_use_is_found_with_every_video_that_it_lies_beside(
    names: set[str], in_folders: bool
) -> None:
    listed = [entry for entry in entries(*names, folder="") if is_relevant(entry.name)]
    found = list(find(sorted(listed, key=by_folder) if in_folders else listed))
    videos = [one for one in found if isinstance(one, Candidate)]
    movies = [entry for entry in listed if entry.name.endswith(("mp4", "mkv"))]
    assert sorted((one.video for one in videos), key=by_folder) == sorted(movies, key=by_folder)
    seen = {entry.location for one in videos for entry in one.files.values()}
    seen |= {one.entry.location for one in found if isinstance(one, Orphan)}
    assert seen == {entry.location for entry in listed}
    for video in videos:  # as `airdub.orders.find_files` has it
        stem = video.video.location.rpartition(".")[0]
        wanted = {stem + ending for ending in (".srt", ".es.srt", ".me.wav")} & names
        assert {entry.location for entry in video.beside.values()} == wanted
