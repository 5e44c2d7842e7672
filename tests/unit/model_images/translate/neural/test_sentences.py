"""Sentences are found in segments, and every word stays in its place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airdub.glossary import Term
from airdub.transcript import Kind, Segment
from model_images.translate.glossary import Protected, protect, restore
from model_images.translate.neural.sentences import LONGEST, Sentence, cut_sentences, plan_sentences
from tests.builders import seconds, transcript

ANNA = Term("Anna", "Ana")


def planned(*texts: str, gap_s: float = 0.2, glue: str = " ") -> list[Sentence]:
    spans = [(at * (2 + gap_s), at * (2 + gap_s) + 2, text) for at, text in enumerate(texts)]
    return plan(transcript(*spans, duration_s=3600).segments, glue)


def plan(segments: tuple[Segment, ...], glue: str = " ") -> list[Sentence]:
    texts = [protect(segment.text, [ANNA]) for segment in segments]
    return plan_sentences(texts, segments, [seconds(2)] * len(segments), glue)


def said(sentences: list[Sentence]) -> list[str]:
    return [sentence.said.text for sentence in sentences]


def test_a_sentence_that_goes_on_in_the_next_segment_is_put_together() -> None:
    sentences = planned("I went to the market", "because I needed bread.", "Good.")
    assert said(sentences) == ["I went to the market because I needed bread.", "Good."]
    assert [piece.segment for piece in sentences[0].pieces] == [0, 1]


def test_a_segment_of_several_sentences_is_cut() -> None:
    sentences = planned("Good morning. Where is", "Dr. Anna? Here!")
    assert said(sentences) == ["Good morning.", "Where is", "Dr. XQZ0J?", "Here!"]
    sentences = planned("Good morning. Where is,", "Dr. Anna? Here!")
    assert said(sentences) == ["Good morning.", "Where is, Dr. XQZ0J?", "Here!"]
    assert [round(piece.slot / seconds(2), 2) for piece in sentences[1].pieces] == [0.41, 0.67]


def test_what_says_that_it_ends_is_not_put_together() -> None:
    whole = ("Well", "Then come.", "yes", "no.")
    assert len(planned(*whole, gap_s=1.5)) == 4
    assert said(planned(*whole)) == ["Well", "Then come.", "yes no."]
    two = [
        Segment(id="s1", start=0, end=9, text="and then", speaker="a"),
        Segment(id="s2", start=9, end=18, text="he left.", speaker="b"),
    ]
    assert len(plan(tuple(two))) == 2
    song = two[0].model_copy(update={"speaker": "b", "kind": Kind.SONG})
    assert len(plan((song, two[1]))) == 2


def test_a_transcript_without_full_stops_says_nothing_of_sentences() -> None:
    assert len(planned("good morning", "where is the house")) == 2


def test_an_empty_text_parts_its_neighbours() -> None:
    assert len(planned("I went,", "", "and came back.")) == 2


def test_abbreviations_ellipses_and_numbers_end_no_sentence() -> None:
    for text in ("Mr. Smith met J. F. Kennedy at 3.30 p.m. and left.", "Well... maybe 1.5 or so."):
        assert cut_sentences(text) == [text]
    assert cut_sentences("你好。再见！好") == ["你好。", "再见！", "好"]
    assert cut_sentences('"Go!" "Now."') == ['"Go!"', '"Now."']


def test_words_are_what_is_left_without_signs_numbers_and_terms() -> None:
    assert [one.has_words for one in planned("👍", "3:30.", "Anna!", "...", "Go.")] == [
        *[False] * 4,
        True,
    ]


def test_stand_ins_are_numbered_through_a_sentence() -> None:
    (sentence,) = planned("Anna saw Anna,", "and Anna left.")
    assert sentence.said == Protected("XQZ0J saw XQZ1J, and XQZ2J left.", (ANNA,) * 3)
    assert [one.said.text for one in sentence.alone()] == ["XQZ0J saw XQZ1J,", "and XQZ0J left."]


def test_what_runs_on_is_cut_where_one_may_pause() -> None:
    text = ("one two three four five six seven eight nine ten " * 12 + "and so on").strip()
    parts = cut_sentences(text)
    assert " ".join(parts) == text
    assert len(parts) == 2
    assert max(map(len, parts)) <= LONGEST
    assert all(len(part) <= LONGEST for part in cut_sentences("x" * 5000))


words = st.lists(
    st.sampled_from(
        [*"abc", "Anna", "I.", "Mr.", "yes.", "no,", "…", "?!", "你好。", "x" * 450, "👍"]
    ),
    max_size=12,
).map(" ".join)


@given(st.lists(words, max_size=6))
def test_no_word_is_lost_and_none_moves(texts: list[str]) -> None:
    heard: dict[int, str] = dict.fromkeys(range(len(texts)), "")
    for sentence in planned(*texts):
        assert len(sentence.said.text) <= LONGEST
        assert restore(sentence.said.text, sentence.said).count("Ana") >= len(sentence.said.terms)
        numbers = [piece.segment for piece in sentence.pieces]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        for piece in sentence.pieces:
            heard[piece.segment] += restore(piece.said.text, piece.said)
            assert piece.slot > 0
    for at, text in enumerate(texts):
        assert heard[at].replace(" ", "") == text.replace("Anna", "Ana").replace(" ", "")
