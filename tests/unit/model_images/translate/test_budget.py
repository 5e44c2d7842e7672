"""Syllable budgets from the silence around a line."""

from __future__ import annotations

from model_images.translate.budget import is_over, slots, syllable_budget
from tests.builders import seconds, transcript


def test_a_line_may_run_on_to_a_breath_before_the_next() -> None:
    segments = transcript((0, 1, "a"), (1.5, 2, "b"), (9, 9.5, "c")).segments
    assert slots(segments, seconds(10)) == [seconds(1.4), seconds(1.5), seconds(0.9)]


def test_overlapping_speech_keeps_its_own_length() -> None:
    segments = transcript((0, 2, "a"), (1, 3, "b")).segments
    assert slots(segments, seconds(3))[0] == seconds(2.9)


def test_the_last_line_ends_with_the_title() -> None:
    (segment,) = transcript((0, 2, "a")).segments
    assert slots([segment], seconds(2)) == [seconds(2)]


def test_budgets_follow_the_languages_rate() -> None:
    assert syllable_budget(seconds(2), "es-419") == 15
    assert syllable_budget(seconds(2), "en") == 12
    assert syllable_budget(seconds(2), "ko") == 13
    assert syllable_budget(1, "en") == 1


def test_ten_per_cent_more_is_not_over() -> None:
    assert not is_over(11, 10)
    assert is_over(12, 10)
