"""Lines of a log that is read piece by piece: each is told once, none is lost."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.pods.watching import hand_on
from operators.reports import StageReport


class Told(StageReport):
    """Keeps what it is given."""

    def __init__(self) -> None:
        super().__init__("mix", logging.getLogger("test"))
        self.lines: list[str] = []

    def line(self, text: str) -> None:
        self.lines.append(text)


def log_of(count: int) -> str:
    return "".join(f"2030-05-01T12:00:00.{number:09d}Z line {number}\n" for number in range(count))


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=8))
def test_any_pieces_make_the_whole(pieces: list[tuple[int, int]]) -> None:
    text = log_of(10)
    told, until = Told(), ""
    shown = 0
    for overlap, more in pieces:  # a later piece begins early, and ends anywhere
        start = text.rfind("\n", 0, max(0, shown - overlap)) + 1
        shown = min(len(text), shown + more)
        until = hand_on(text[start:shown], until, told)
    hand_on(text, until, told, final=True)
    assert told.lines == [f"line {number}" for number in range(10)]


@pytest.mark.parametrize(("final", "lines"), [(False, []), (True, ["half a li"])])
def test_a_line_without_an_end_waits_for_it(final: bool, lines: list[str]) -> None:
    told = Told()
    hand_on("2030-05-01T12:00:00.000000001Z half a li", "", told, final=final)
    assert told.lines == lines
