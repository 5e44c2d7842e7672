import pytest
from pydantic import ValidationError

from airdub.speech import SpeechSpans


def test_parts_within_a_window() -> None:
    speech = SpeechSpans(spans=((10, 20), (30, 40), (50, 60)), method="test")
    assert speech.within(15, 35) == ((15, 20), (30, 35))
    assert speech.within(20, 30) == ()
    assert speech.within(0, 100) == speech.spans
    assert speech.total == 30


@pytest.mark.parametrize(
    "spans", [((5, 5),), ((9, 3),), ((0, 10), (5, 20)), ((0, 10), (10, 20)), ((20, 30), (0, 10))]
)
def test_spans_are_in_order_and_apart(spans: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValidationError):
        SpeechSpans(spans=spans, method="test")
    assert SpeechSpans(method="test").total == 0
