"""Glossaries: read from files, written for stages, laid over each other."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.errors import InvalidInput
from airdub.glossary import MAX_TERMS, Term, overlaid, read_glossary, write_glossary

WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)


def test_csv_and_tsv_are_read_longest_term_first() -> None:
    csv = "source,target,case\nIT,TI,yes\nNew York,Nueva York,\nApollo,,\n"
    terms = read_glossary(csv, name="g.csv")
    assert terms == (
        Term("New York", "Nueva York"),
        Term("Apollo", "Apollo"),
        Term("IT", "TI", match_case=True),
    )
    assert read_glossary("source\ttarget\na\tb\n", name="g.tsv") == (Term("a", "b"),)
    assert read_glossary("source,target\ncafe\u0301,bar\n", name="g.csv")[0].spans("a café")


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


@given(st.dictionaries(WORDS, st.tuples(WORDS, st.booleans()), max_size=8))
def test_what_is_written_is_read_again_whatever_its_order(
    entries: dict[str, tuple[str, bool]],
) -> None:
    plain = {normalize("NFC", source): said for source, said in entries.items()}
    terms = [Term(source, normalize("NFC", two), case) for source, (two, case) in plain.items()]
    text = write_glossary(terms)
    assert text == write_glossary(reversed(terms))
    assert set(read_glossary(text, name="g.csv")) == set(terms)


def test_the_upper_glossary_says_what_both_have_in_whatever_case() -> None:
    series = (
        Term("Old Mill", "Molino Viejo"),
        Term("the count", "el conde"),
        Term("IT", "TI", True),
    )
    film = (Term("old mill", "Molino"), Term("It", "Eso"))
    assert overlaid(series, film, name="g") == (
        Term("the count", "el conde"),
        Term("old mill", "Molino"),
        Term("It", "Eso"),
    )
    assert overlaid(series, (), name="g")[0] == Term("the count", "el conde")
    assert overlaid((), film, name="g") == (film[0], film[1])


def test_two_glossaries_together_may_have_too_many_terms() -> None:
    many = [Term(f"w{number}", "x") for number in range(MAX_TERMS)]
    assert len(overlaid(many, many[:10], name="g")) == MAX_TERMS
    with pytest.raises(InvalidInput, match=f"g: it has {MAX_TERMS + 1} terms"):
        overlaid(many, [Term("one more", "x")], name="g")
