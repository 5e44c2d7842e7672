"""A dub that is delivered again replaces the current one only when it isn't worse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.catalog import open_catalog
from airdub.gates import load_gates
from airdub.judgements import Judgement, sound_rows
from airdub.metrics import Metric
from airdub.releases import current_release, open_objects, publish_run, withdraw_release
from airdub.releases.redelivery import ScoresBelow, shifts
from tests.fakes.metrics import passing_table
from tests.unit.airdub.gates.tables import PRINT, row
from tests.unit.airdub.releases.dubs import PLACE, Library

GATES = load_gates("embedded", "es")


def table(**values: Any) -> tuple[Metric, ...]:
    """Rows of the title: a value, or (value, version)."""
    rows = [
        row(name, given[0], version=given[1]) if isinstance(given, tuple) else row(name, given)
        for name, given in values.items()
    ]
    return sound_rows(rows, PRINT)


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, float]:
    found = shifts(GATES, table(**before), table(**after))
    return {one.metric: round(one.change, 3) for one in found}


def test_a_change_counts_in_parts_of_the_bound_in_the_metrics_own_direction() -> None:
    before = {"word_error_rate": 0.1, "psnr": 42.0, "source_leak": -39.0}
    after = {"word_error_rate": 0.25, "psnr": 38.5, "source_leak": -52.0}
    assert changes(before, after) == {"word_error_rate": -0.5, "psnr": -0.1, "source_leak": 0.5}


def test_no_picture_is_better_than_an_identical_one() -> None:
    assert changes({"psnr": "identical"}, {"psnr": 45.0})["psnr"] < 0
    assert changes({"psnr": "identical"}, {"psnr": "identical"}) == {}


def test_between_two_bounds_no_place_is_better() -> None:
    assert changes({"loudness": -23.0}, {"loudness": -22.6}) == {}
    assert changes({"loudness": -23.0}, {"loudness": -20.25}) == {"loudness": -0.1}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"word_error_rate": 0.1}, {"word_error_rate": (0.2, "2")}),
        ({"word_error_rate": 0.1}, {"psnr": 36.0}),
        ({"pitch_distance": 1.0}, {"pitch_distance": "not_applicable"}),
        ({"word_error_rate": 0.1}, {"word_error_rate": 0.105}),
    ],
)
def test_what_cannot_be_compared_or_is_noise_does_not_count(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert changes(before, after) == {}


@given(st.floats(0, 1), st.floats(0, 1), st.floats(20, 90), st.floats(20, 90))
def test_what_one_loses_the_other_wins(a: float, b: float, c: float, d: float) -> None:
    one, other = {"word_error_rate": a, "psnr": c}, {"word_error_rate": b, "psnr": d}
    forth, back = changes(one, other), changes(other, one)
    assert forth.keys() == back.keys()
    assert all(forth[name] == pytest.approx(-back[name]) for name in forth)


def test_every_metric_of_the_gate_can_be_compared_with_itself() -> None:
    rows = passing_table(GATES, PRINT).rows
    assert shifts(GATES, rows, rows) == []


def judged(library: Library, run_id: str, wer: float = 0.1, **changes: Any) -> Judgement:
    values = {"word_error_rate": wer}
    return library.judged(run_id, deliverable=run_id.encode(), values=values, **changes)


def test_a_worse_re_delivery_is_not_made_current_and_says_why(local_library: Library) -> None:
    judged(local_library, "one")
    first = publish_run(local_library.settings, "one")
    judged(local_library, "two", wer=0.25)
    with pytest.raises(ScoresBelow, match=r"run one: word_error_rate 0\.25 instead of 0\.1"):
        publish_run(local_library.settings, "two")
    objects = open_objects(local_library.settings.releases_url)
    current = current_release(objects, PLACE)
    assert current
    assert current.release_id == first.release_id
    with open_catalog(local_library.settings.catalog_url) as catalog:
        publication = catalog.publication("two")
        assert [one.state for one in catalog.releases()] == ["current"]
    assert publication
    assert publication.state == "refused"
    assert "scores below the current release" in publication.note


def test_an_equal_or_better_one_is(local_library: Library) -> None:
    for run_id, wer in (("one", 0.2), ("two", 0.2), ("three", 0.05)):
        judged(local_library, run_id, wer)
        assert publish_run(local_library.settings, run_id).state == "current"


def test_another_cut_of_the_title_replaces_whatever_its_score(local_library: Library) -> None:
    judged(local_library, "one")
    publish_run(local_library.settings, "one")
    judged(local_library, "two", wer=0.25, source_sha256="b" * 64)
    assert publish_run(local_library.settings, "two").state == "current"


def test_a_persons_waiver_decides(local_library: Library) -> None:
    judged(local_library, "one")
    publish_run(local_library.settings, "one")
    judged(local_library, "two", wer=0.29, consequence="review")
    with open_catalog(local_library.settings.catalog_url) as catalog:
        catalog.decide_review("two", "publish_with_waiver", "ana", "she sounds better")
    assert publish_run(local_library.settings, "two").state == "current"


def test_once_the_better_one_is_withdrawn_the_other_may_follow(local_library: Library) -> None:
    judged(local_library, "one")
    first = publish_run(local_library.settings, "one")
    judged(local_library, "two", wer=0.25)
    with pytest.raises(ScoresBelow):
        publish_run(local_library.settings, "two")
    withdraw_release(
        local_library.settings, PLACE, first.release_id, who="ana", why="the name is wrong"
    )
    assert publish_run(local_library.settings, "two").state == "current"
