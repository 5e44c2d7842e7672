"""Complaints are told from praise, in every language that has a lexicon."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from airdub.feedback import Tag, tag_comment
from airdub.feedback.lexicon import lexicon_languages

COMMENTS = yaml.safe_load(Path(__file__).with_name("comments.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("language", "text", "tags"),
    [(language, *row) for language, rows in COMMENTS.items() for row in rows],
)
def test_a_comment_is_tagged_by_what_it_complains_of(
    language: str, text: str, tags: list[str]
) -> None:
    assert sorted(tag_comment(text, language)[0]) == sorted(tags)


def test_every_tag_is_known_in_every_language() -> None:
    assert lexicon_languages() == ("de", "en", "es", "fr") == tuple(sorted(COMMENTS))
    for rows in COMMENTS.values():
        assert {tag for _, tags in rows for tag in tags} == set(Tag)


def test_regions_share_a_lexicon_and_other_languages_have_none() -> None:
    assert tag_comment("La voz es mala", "es-419") == ({Tag.VOICE}, "lexicon-es-1")
    assert tag_comment("声がロボットみたい", "ja") == (frozenset(), "")


def test_case_and_spelling_of_apostrophes_do_not_matter() -> None:
    for text in ("THE VOICE ISN’T GOOD", "the voice isn't good", "ＴＨＥ voice isn't good"):
        assert tag_comment(text, "en")[0] == {Tag.VOICE}


@given(st.text(max_size=300), st.sampled_from(["en", "es", "fr", "de"]))
def test_any_text_is_read(text: str, language: str) -> None:
    assert tag_comment(text, language)[0] <= set(Tag)


def test_a_long_comment_takes_no_time() -> None:
    assert tag_comment("not " * 1000, "en")[0] == set()
    assert tag_comment("voice awful " * 330, "en")[0] == {Tag.VOICE}
