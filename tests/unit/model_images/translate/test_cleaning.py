"""Loops that nobody said are cut; what the source repeats may be repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_images.translate.cleaning import clean, fold, without_loops


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("muy muy muy muy muy bien", "muy bien"),
        ("no sé no sé no sé no sé nada", "no sé nada"),
        ("no, no, no.", "no, no, no."),
        ("Esto es todo. Esto es todo. Adiós.", "Esto es todo. Adiós."),
        ("Sí. Sí. Vale.", "Sí. Sí. Vale."),
        ("謝謝謝謝謝謝謝謝", "謝謝"),
        ("  un \t texto\n\nen dos\u00a0líneas\u200b ", "un texto en dos líneas"),
        ("", ""),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text, "source") == cleaned


def test_a_source_that_repeats_itself_may_be_followed() -> None:
    assert clean("no no no no no", "no no no no no") == "no no no no no"
    twins = "Esto es todo. Esto es todo."
    assert clean(twins, "That is all. That is all.") == twins


@given(st.text(max_size=80))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=30))
def test_no_word_loop_is_left(words: list[str]) -> None:
    made = without_loops(" ".join(words)).split()
    assert set(made) == set(words) or len(words) < 4
    assert all(len(set(made[at : at + 4])) > 1 for at in range(len(made) - 3)) or len(words) < 4
