"""Great Expectations as the second judge: real validations, closed to whatever isn't sound."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import pytest

from airdub.errors import EngineFailed
from airdub.gates import Consequence, judge
from airdub.gates.suite import Expectation, suite_of
from airdub.gates.table import Row
from operators.validation import validate
from tests.unit.airdub.gates.tables import PRINT, changed, good_table, profile

SUITE = suite_of(profile(), PRINT)


def unmet(folder: Path, rows: list[Row], suite: tuple[Expectation, ...] = SUITE) -> set[str]:
    """Texts of blocking expectations that Great Expectations doesn't find met."""
    pages = folder / "pages"
    found = validate(suite, rows, name="test-en", run_id="film.en.1", pages=pages)
    return {one.text for one in found if one.blocking}


def without(column: str) -> list[dict[str, Any]]:
    return [{name: cell for name, cell in one.items() if name != column} for one in good_table()]


def half_without(column: str) -> list[dict[str, Any]]:
    return [*good_table()[:5], *without(column)[5:]]


UNSOUND = {
    "an empty table": ([], "The table has its columns, and no others"),
    "a missing column": (without("coverage"), "The table has its columns, and no others"),
    "a column that some rows lack": (half_without("method"), "No row lacks its method"),
    "NaN": (changed("psnr", value=math.nan), "No measured value is NaN"),
    "infinity": (changed("psnr", value=math.inf), "Every measured value is finite"),
    "no samples": (changed("psnr", n_scored=0), "Every value was made of something"),
    "an unknown metric": (
        changed("psnr", metric="<script>alert(1)</script>"),
        "Every row is of a known metric",
    ),
    "another evaluation": (
        changed("psnr", fingerprint="e" * 64),
        "All rows were measured by this evaluation",
    ),
    "another unit": (changed("psnr", unit="%"), "Every metric has its own unit"),
    "a word that isn't one": (
        changed("true_peak", value="identical"),
        "Only some metrics can be identical",
    ),
    "a number in words": (
        changed("psnr", value="40"),
        "A value is a number, a word that stands for one, or absent",
    ),
    "a row twice": ([*good_table(), good_table()[0]], "Nothing stands in the table twice"),
    "a missing row": (
        [one for one in good_table() if one["metric"] != "mouth_fid"],
        "Every metric has a row for the title",
    ),
    "an absent value": (
        changed("psnr", value=None, absent="no picture", n_scored=0),
        "psnr: there is a value for the title",
    ),
    "a bad value": (changed("psnr", value=34.9), "psnr: at least 35 dB"),
    "a bad line": (
        changed("word_error_rate", "s0002", value=0.9),
        "word_error_rate, every line: at most 0.5 ratio",
    ),
    "a metric of few lines": (
        changed("word_error_rate", coverage=0.5),
        "word_error_rate: covers at least 0.9 of the title",
    ),
}


def test_a_good_table_meets_everything(tmp_path: Path) -> None:
    assert unmet(tmp_path, good_table()) == set()
    assert judge(profile(), good_table(), PRINT).consequence is Consequence.PUBLISH


@pytest.mark.parametrize("case", UNSOUND)
def test_whatever_is_not_sound_is_refused_by_both_judges(tmp_path: Path, case: str) -> None:
    rows, text = UNSOUND[case]
    assert text in unmet(tmp_path, rows)
    assert judge(profile(), rows, PRINT).consequence is not Consequence.PUBLISH


def test_identical_pictures_are_better_than_any_number(tmp_path: Path) -> None:
    assert unmet(tmp_path, changed("psnr", value="identical")) == set()


def test_advice_is_told_and_does_not_block(tmp_path: Path) -> None:
    rows = changed("chrf", value=3.0)
    found = validate(SUITE, rows, name="t", run_id="r", pages=tmp_path)
    assert [(one.text, one.blocking) for one in found] == [
        ("chrf (advice): at least 50 points", False)
    ]


def test_what_cannot_be_validated_is_an_error(tmp_path: Path) -> None:
    unknown = SUITE[0].model_copy(update={"type": "ExpectTheBest"})
    with pytest.raises(EngineFailed, match="could not validate"):
        unmet(tmp_path, good_table(), (unknown,))


def test_without_great_expectations_there_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "great_expectations", None)
    with pytest.raises(EngineFailed, match="nothing is published without it"):
        unmet(tmp_path, good_table())
