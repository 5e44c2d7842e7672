"""Comments out of files as people and spreadsheets write them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.errors import InvalidInput
from airdub.feedback import Comment
from airdub.feedback.reading import Refused, read_comments

NOW = "2026-11-21T18:00:00.000000Z"
HEAD = "title,language,text,id,said_by,said_in,said_at\n"


def read(text: str | bytes) -> list[Comment | Refused]:
    data = text if isinstance(text, bytes) else text.encode()
    return [row for _, row in read_comments(data, "week.csv", NOW)]


def only(text: str | bytes) -> Comment:
    (row,) = read(text)
    assert isinstance(row, Comment)
    return row


def test_a_full_row() -> None:
    comment = only(HEAD + "film,ES-419,La voz,17,Reviewer,es,2026-11-20T10:00:00+02:00\n")
    assert comment.model_dump(exclude={"comment_id"}) == {
        "title_id": "film", "language": "es-419", "text": "La voz", "said_by": "reviewer",
        "said_in": "es", "said_at": "2026-11-20T08:00:00.000000Z", "origin": "week.csv",
    }  # fmt: skip


def test_what_is_left_out_is_assumed() -> None:
    comment = only("Text;TITLE;unheard-of;language\nLa voz;film;x;es\n")
    assert (comment.said_by, comment.said_in, comment.said_at) == ("viewer", "es", NOW)


def test_the_same_words_are_the_same_comment_unless_their_ids_differ() -> None:
    rows = read("title,language,text,id\nf,es,mala,1\nf,es,mala,2\nf,es, mala ,1\n")
    ids = [row.comment_id for row in rows if isinstance(row, Comment)]
    assert ids[0] == ids[2] != ids[1]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_of_spreadsheets(codec: str) -> None:
    text = "title\tlanguage\ttext\r\nfilm\tes\tLa traducción, pésima: ¡qué niño más rápido!\r\n"
    assert only(text.encode(codec)).text.startswith("La traducción, pésima: ¡qué niño")


def test_bad_rows_are_named_and_the_others_taken() -> None:
    rows = read(
        HEAD + "film,es,good,,,,\n../etc,es,x,,,,\nfilm,klingonese,x,,,,\nfilm,es,   ,,,,\n"
        "film,es,x,,somebody,,\nfilm,es,x,,,,yesterday\nfilm\n,,,,\n\nfilm,es,last,,,,\n"
    )
    told = [str(row) if isinstance(row, Refused) else row.text for row in rows]
    assert (told[0], told[-1], len(told)) == ("good", "last", 8)
    starts = (
        "line 3: title_id: '../etc'",
        "line 4: language",
        "line 5: text: it says nothing",
        "line 6: said_by: 'somebody'",
        "line 7: said_at: 'yesterday'",
        "line 8: language",
    )
    assert all(one.startswith(start) for one, start in zip(told[1:-1], starts, strict=True))


def test_a_file_that_is_no_table_of_comments_says_which_columns_to_name() -> None:
    with pytest.raises(InvalidInput, match=r"week\.csv: it has no column language, text"):
        read("title,comment\nfilm,bad\n")
    with pytest.raises(InvalidInput, match="no column title"):
        read("")
    with pytest.raises(InvalidInput, match="a CSV file in UTF-8"):
        read(b"\x00\x01\x02picture\x07")


def test_a_cell_of_many_megabytes_ends_the_reading_with_words() -> None:
    rows = read(HEAD + "film,es,fine,,,,\nfilm,es," + "x" * 200_000 + ",,,,\n")
    assert isinstance(rows[0], Comment)
    assert "field larger" in str(rows[1])


def test_text_is_one_line_and_cut() -> None:
    comment = only(HEAD + '"film",es,"two\nlines ' + "y" * 5000 + '",,,,\n')
    assert (comment.text[:10], len(comment.text)) == ("two lines ", 4000)


def test_a_time_to_come_is_now() -> None:
    assert only(HEAD + "film,es,x,,,,2999-01-01\n").said_at == NOW


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=60)), max_size=5))
def test_any_text_survives_or_is_named(rows: list[tuple[str, str]]) -> None:
    lines = io.StringIO()
    table = csv.writer(lines)
    table.writerow(["title", "language", "text"])
    table.writerows((title, "es", text) for title, text in rows)
    try:
        found = read(lines.getvalue().encode("utf-8", "replace"))
    except InvalidInput:
        return  # bytes that no text is written in
    assert all(isinstance(row, Comment | Refused) for row in found)
    assert len(found) <= len(rows)
