"""The title's share weighs items, not lines."""

from airdub.metrics import NOT_APPLICABLE
from model_images.evaluate.analysis.shares import Share, pooled
from model_images.evaluate.protocol import Absent, Value


def test_long_lines_weigh_more() -> None:
    found = pooled({"s0001": Share(0, 9), "s0002": Share(1, 1), "s0003": Absent("hummed")})
    assert found.title == Value(0.1)
    assert found.lines == {"s0001": Value(0), "s0002": Value(1), "s0003": Absent("hummed")}


def test_a_share_of_nothing_is_not_applicable() -> None:
    found = pooled({"s0001": Share(0, 0), "s0002": Share(1, 2)})
    assert found.title == Value(0.5)
    assert found.lines["s0001"] == Value(NOT_APPLICABLE)
    assert pooled({"s0001": Share(0, 0)}).title == Value(NOT_APPLICABLE)


def test_without_any_share_the_title_has_a_reason() -> None:
    assert pooled({"s0001": Absent("hummed")}).title == Absent("hummed")
    assert pooled({}).title == Absent("the title has no lines")
