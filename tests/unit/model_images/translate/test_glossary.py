"""Glossary terms survive engines that know nothing of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airdub.glossary import Term
from model_images.translate.glossary import protect, restore, unmet

TERMS = (Term("New York", "Nueva York"), Term("York", "York"), Term("IT", "TI", match_case=True))


def test_longer_terms_win_and_come_back_translated() -> None:
    protected = protect("From new york to York.", TERMS)
    assert protected.text == "From XQZ0J to XQZ1J."
    assert restore("De XQZ0J a xqz1j.", protected) == "De Nueva York a York."


def test_terms_are_whole_words_in_their_case() -> None:
    assert protect("it is Yorkshire", TERMS).terms == ()
    assert protect("IT is", TERMS).text == "XQZ0J is"


def test_unknown_stand_ins_stay() -> None:
    assert restore("XQZ7J", protect("York", TERMS)) == "XQZ7J"


def test_what_the_line_lacks_is_told() -> None:
    assert unmet("In York", "En Yorque", TERMS) == [TERMS[1]]
    assert unmet("In York", "En york", TERMS) == []


@given(st.text(max_size=60))
def test_protecting_loses_nothing(text: str) -> None:
    keep = tuple(Term(term.source, term.source, term.match_case) for term in TERMS)
    restored = restore(protect(text, keep).text, protect(text, keep))
    assert restored.casefold() == text.casefold() or "xqz" in text.casefold()
