"""Which character a speaker is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.continuity.characters import character_id, characters_of


def test_a_name_in_any_spelling_is_one_character() -> None:
    assert characters_of(["ANNA", "Dr.  Ruiz", "STRASSE"], {}) == {
        "ANNA": "anna",
        "Dr.  Ruiz": "dr. ruiz",
        "STRASSE": "strasse",
    }
    assert character_id("Straße") == character_id("STRASSE")


def test_a_voice_without_a_name_is_nobody_unless_a_person_says_so() -> None:
    assert characters_of(["speaker_1", "SPEAKER_12", "speaker_x"], {}) == {"speaker_x": "speaker_x"}
    assert characters_of(["speaker_1"], {"speaker_1": "anna"}) == {"speaker_1": "anna"}


def test_another_name_of_a_character_is_he() -> None:
    labels = {"anna lópez": "anna"}
    found = characters_of(["ANNA LÓPEZ", "Anna"], labels)
    assert found == {"ANNA LÓPEZ": "anna", "Anna": "anna"}


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "a\nb", "a\0b", "\u202eevil"])
def test_what_can_not_be_a_name_is_nobody(name: str) -> None:
    assert characters_of([name], {}) == {}
    with pytest.raises(ValueError, match="is no name"):
        character_id(name)


@given(st.text(max_size=30))
def test_an_id_identifies_itself(name: str) -> None:
    for found in characters_of([name], {}).values():
        assert character_id(found) == found
