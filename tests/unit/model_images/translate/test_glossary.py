"""Glossary terms survive engines that know nothing of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.errors import InvalidInput
from model_images.translate.glossary import Term, protect, read_glossary, restore, unmet

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


def test_csv_and_tsv_are_read_longest_term_first() -> None:
    csv = "source,target,case\nIT,TI,yes\nNew York,Nueva York,\nApollo,,\n"
    terms = read_glossary(csv, name="g.csv")
    assert terms == (
        Term("New York", "Nueva York"),
        Term("Apollo", "Apollo"),
        Term("IT", "TI", match_case=True),
    )
    assert read_glossary("source\ttarget\na\tb\n", name="g.tsv") == (Term("a", "b"),)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("term,translation\na,b\n", "g.csv, line 1"),
        ("source,target\n,b\n", "g.csv, line 2, source"),
        ("source,target\na,b\na,c\n", "g.csv, line 3, source"),
        ("source,target,case\na,b,maybe\n", "g.csv, line 2, case"),
        ("", "g.csv, line 1"),
    ],
)
def test_bad_glossaries_name_the_line(text: str, where: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_glossary(text, name="g.csv")
    assert caught.value.where == where
    assert caught.value.remedy
