"""The likeliest candidate is said, unless a shorter one is nearly as likely."""

from __future__ import annotations

from model_images.translate.neural.choosing import Candidate, ranked


def best(*candidates: tuple[str, float], source: str = "It was.", budget: int = 4) -> str:
    made = [Candidate(text, score) for text, score in candidates]
    return ranked(made, source, budget, lambda text: len(text.split()))[0].text


def test_the_likeliest_that_fits_is_said() -> None:
    assert best(("a b c", -0.5), ("a b", -0.2)) == "a b"


def test_a_shorter_one_is_taken_if_it_is_nearly_as_likely() -> None:
    long, short = "a b c d e f", "a b c d"
    assert best((long, -0.2), (short, -0.5)) == short
    assert best((long, -0.2), (short, -0.9)) == long


def test_no_number_is_given_for_brevity() -> None:
    assert best(("a b", -0.1), ("a b c 7 e f g", -0.9), source="At 7.") == "a b c 7 e f g"


def test_loops_and_signs_come_last() -> None:
    assert best(("la la la la la", -0.1), ("...", 0.0), ("a b", -3.0)) == "a b"
    assert best(("la la la la la", -0.1), ("a b", -3.0), source="ha ha ha ha", budget=5)[:2] == "la"


def test_what_came_twice_counts_once_with_its_best_score() -> None:
    made = [Candidate("a", -0.1), Candidate("b", -0.2), Candidate("a", -0.3)]
    assert ranked(made, "x", 4, len) == made[:2]
    assert ranked([], "x", 4, len) == []
