"""A translation is divided by time, where one pauses, and each segment gets its terms."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airdub.subtitles.breaking import reading_rules
from model_images.translate.glossary import numbers_in
from model_images.translate.neural.dividing import divide

ES, JA = reading_rules("es"), reading_rules("ja")


def test_it_breaks_where_one_pauses_near_the_time() -> None:
    text = "Fui al mercado, porque necesitaba pan."
    assert divide(text, [1, 1], [0, 0], ES) == ["Fui al mercado,", "porque necesitaba pan."]
    text = "Ayer compramos pan porque no quedaba nada en casa."
    assert divide(text, [1, 5], [0, 0], ES) == ["Ayer", text[5:]]
    assert divide(text, [5, 1], [0, 0], ES) == [text[:-9], "en casa."]


def test_languages_without_blanks_break_between_characters() -> None:
    parts = divide("私は市場に行きました、パンが必要でした。", [1, 1], [0, 0], JA)
    assert parts == ["私は市場に行きました、", "パンが必要でした。"]


def test_terms_come_out_where_they_were_said() -> None:
    text = "Cuando XQZ0J llega, XQZ1J ya no está en casa."
    assert divide(text, [1, 9], [1, 1], ES) == ["Cuando XQZ0J", "llega, XQZ1J ya no está en casa."]
    assert divide("XQZ1J dice que XQZ0J vino.", [1, 1], [1, 1], ES) is None


def test_words_must_suffice() -> None:
    assert divide("Pan.", [1, 1], [0, 0], ES) is None
    assert divide("", [1, 1], [0, 0], ES) is None
    assert divide("Sí no.", [1, 1], [0, 0], ES) == ["Sí", "no."]


@given(
    st.lists(st.sampled_from(["a", "de", "casa,", "(T)", "T!", "fin.", "日本語。"]), max_size=30),
    st.lists(st.integers(1, 9), min_size=2, max_size=4),
    st.integers(0, 9),
)
def test_parts_are_the_text_in_order(words: list[str], shares: list[int], late: int) -> None:
    text = " ".join(words)
    for number in range(text.count("T")):
        text = text.replace("T", f"XQZ{number}J", 1)
    found = len(numbers_in(text))
    owned = [max(0, found - late), min(late, found), 0, 0][: len(shares)]
    for rules in (ES, JA):
        parts = divide(text, shares, owned, rules)
        if parts is None:
            continue
        assert all(parts)
        assert "".join(parts).replace(" ", "") == text.replace(" ", "")
        assert [len(numbers_in(part)) for part in parts] == owned
