"""What a title is called is told by its path."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.library.names import name_title, plain_id
from airdub.titles import checked_title_id


@pytest.mark.parametrize(
    ("path", "title_id", "series", "season", "episode"),
    [
        ("film", "film", "", None, None),
        ("Dark/Season 1/Dark S01E02 Lies", "dark-season-1-dark-s01e02-lies", "Dark", 1, 2),
        ("The.Wire.S03E11", "the-wire-s03e11", "The Wire", 3, 11),
        ("shows/The Wire/the wire - 3x11", "shows-the-wire-the-wire-3x11", "the wire", 3, 11),
        ("The Wire/S03E11", "the-wire-s03e11", "The Wire", 3, 11),
        ("Dark/Staffel 2/07 - Der Reisende", "dark-staffel-2-07-der-reisende", "Dark", 2, 7),
        ("Dark/Season 2/Extras", "dark-season-2-extras", "", None, None),
        ("2001 A Space Odyssey", "2001-a-space-odyssey", "", None, None),
        ("clip 1920x1080", "clip-1920x1080", "", None, None),
        ("Season 1/04", "season-1-04", "", None, None),
    ],
)
def test_paths_tell_series_and_episode(
    path: str, title_id: str, series: str, season: int | None, episode: int | None
) -> None:
    named = name_title(path)
    assert (named.title_id, named.series) == (title_id, series)
    assert (named.season, named.episode) == (season, episode)


def test_a_given_series_wins() -> None:
    named = name_title("disc1/S01E02", series="Dark")
    assert (named.series, named.series_id, named.season, named.episode) == ("Dark", "dark", 1, 2)
    assert name_title("film", series="Tales").series_id == "tales"


def test_names_are_for_people() -> None:
    assert name_title("a/The.Long.Night").name == "The Long Night"
    assert name_title("a/Mr. Bean_at  home").name == "Mr. Bean at home"
    assert name_title("a\nb").name == "a b"


def test_what_plain_signs_do_not_tell_apart_a_hash_does() -> None:
    chinese, japanese = plain_id("电影"), plain_id("映画")
    assert chinese != japanese
    assert chinese.startswith("title-")
    assert plain_id("café") != plain_id("cafe")
    assert plain_id("cafe\u0301") == plain_id("caf\u00e9")  # one name in two spellings
    assert plain_id("a" * 90 + "1") != plain_id("a" * 90 + "2")
    assert plain_id("a b") == plain_id("a_b")  # plain names that people can't tell apart


@given(st.text(min_size=1, max_size=200).filter(lambda text: text.isprintable()))
def test_every_path_gives_an_id(path: str) -> None:
    named = name_title(path)
    assert checked_title_id(named.title_id) == named.title_id
    assert named.name
