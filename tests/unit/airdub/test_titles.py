"""Names: safe everywhere, still telling what is what."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.errors import InvalidInput
from airdub.titles import checked_title_id, file_slug, slug, title_id_of


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('Ma vidéo "1" 🎬', "ma-video-1"),
        ("../../etc/passwd", "etc-passwd"),
        ("한국어", "title"),
        ("a" * 99, "a" * 40),
        ("", "title"),
    ],
)
def test_slugs(text: str, wanted: str) -> None:
    assert slug(text) == wanted


@given(st.text())
def test_any_text_has_a_safe_slug(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(text))


@given(st.text(min_size=1))
def test_any_source_has_a_valid_title_id(source: str) -> None:
    made = title_id_of(source)
    assert checked_title_id(made) == made


def test_two_files_of_one_name_are_two_titles() -> None:
    assert title_id_of("/a/film.mp4") != title_id_of("/b/film.mp4")
    assert title_id_of("/a/film.mp4") == title_id_of("/a/film.mp4")


@pytest.mark.parametrize(
    ("name", "wanted"), [("My Film.MP4", "my-film.mp4"), ("x.tar.gz", "x-tar.gz"), ("a.b c", "a")]
)
def test_files_keep_an_ordinary_suffix(name: str, wanted: str) -> None:
    assert file_slug(Path(name)) == wanted


@pytest.mark.parametrize("bad", ["", "../x", "a/b", "A", ".a", "a..b", "a b", "x" * 81, "é", "a\n"])
def test_other_ids_are_refused(bad: str) -> None:
    with pytest.raises(InvalidInput, match="title_id"):
        checked_title_id(bad)
