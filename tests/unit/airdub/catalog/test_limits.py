"""Quotas, rights windows and pauses, as they are kept."""

from __future__ import annotations

from typing import Any

import pytest

from airdub.catalog import Catalog
from airdub.errors import InvalidInput
from airdub.queue.documents import Quota, RightsWindow
from tests.unit.airdub.catalog.queued import NOON, add_titles


def window(**changes: str) -> RightsWindow:
    fields = {
        "window_id": "w",
        "title_id": "t",
        "opens_at": "2026-06-01T00:00:00.000000Z",
        "closes_at": "2026-07-01T00:00:00.000000Z",
    }
    return RightsWindow.model_validate(fields | changes)


def test_the_last_word_on_a_quota_counts(catalog: Catalog) -> None:
    catalog.set_quota(Quota(scope="all", per_day=5))
    catalog.set_quota(Quota(scope="all", unit="gpu_s", per_day=3600))
    catalog.set_quota(Quota(scope="all", per_day=7))
    assert catalog.quotas() == [
        Quota(scope="all", per_day=7),
        Quota(scope="all", unit="gpu_s", per_day=3600),
    ]
    assert catalog.remove_quota("all")
    assert not catalog.remove_quota("all")
    assert [one.unit for one in catalog.quotas()] == ["gpu_s"]


def test_a_quota_nobody_used_is_unused_today(catalog: Catalog) -> None:
    catalog.set_quota(Quota(scope="language:es", per_day=5))
    (use,) = catalog.quota_use(NOON)
    assert (use.day, use.used) == ("2026-11-21", 0)


@pytest.mark.parametrize(
    ("time", "opening"),
    [
        ("2026-05-31T23:59:59.999999Z", "2026-06-01T00:00:00.000000Z"),
        ("2026-06-01T00:00:00.000000Z", ""),
        ("2026-06-30T23:59:59.999999Z", ""),
        ("2026-07-01T00:00:00.000000Z", "9999"),
    ],
)
def test_a_window_is_open_from_its_beginning_to_just_before_its_end(
    catalog: Catalog, time: str, opening: str
) -> None:
    catalog.set_rights(window())
    assert catalog.rights_opening("t", "es", time) == opening


def test_a_title_without_a_window_is_free(catalog: Catalog) -> None:
    catalog.set_rights(window(title_id="other"))
    catalog.set_rights(window(window_id="fr", language="fr"))
    assert catalog.rights_opening("t", "es", "2030") == ""
    assert catalog.rights_opening("t", "fr", "2030") == "9999"


def test_a_window_for_a_language_is_one_for_all_of_its_regions(catalog: Catalog) -> None:
    catalog.set_rights(window(language="es"))
    assert catalog.rights_opening("t", "es-419", "2030") == "9999"
    catalog.set_rights(window(window_id="mx", language="es-MX", opens_at="2029", closes_at="2031"))
    assert catalog.rights_opening("t", "es-MX", "2030") == ""
    assert catalog.rights_opening("t", "es-419", "2030") == "9999"
    assert catalog.rights_opening("t", "es", "2030") == "9999"


def test_a_series_window_is_about_its_titles_and_no_others(catalog: Catalog) -> None:
    add_titles(catalog, ["episode"], series="tower")
    add_titles(catalog, ["alone"])
    catalog.set_rights(window(title_id="", series_id="tower"))
    assert catalog.rights_opening("episode", "es", "2030") == "9999"
    assert catalog.rights_opening("alone", "es", "2030") == ""


def test_of_several_windows_the_next_one_counts(catalog: Catalog) -> None:
    catalog.set_rights(window(window_id="late", opens_at="2028", closes_at="2029"))
    catalog.set_rights(window(window_id="soon", opens_at="2027", closes_at="2028"))
    catalog.set_rights(window(window_id="past", opens_at="2020", closes_at="2021"))
    assert catalog.rights_opening("t", "es", "2026-08") == "2027"


@pytest.mark.parametrize(
    "wrong",
    [{"title_id": ""}, {"opens_at": "2027", "closes_at": "2026"}, {"closes_at": window().opens_at}],
)
def test_a_window_that_makes_no_sense_is_refused(catalog: Catalog, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="opens before it closes") as caught:
        catalog.set_rights(window(**wrong))
    assert caught.value.where == "w"
    assert catalog.rights() == []


def test_windows_are_listed_page_by_page(catalog: Catalog) -> None:
    for name in ("c", "a", "b"):
        catalog.set_rights(window(window_id=name))
    first = catalog.rights(most=2)
    assert [one.window_id for one in first] == ["a", "b"]
    assert catalog.rights(after="b") == [window(window_id="c")]


def test_one_pause_is_open_at_a_time(catalog: Catalog) -> None:
    assert catalog.open_pause() is None
    first = catalog.pause("disk", "8 of the last 10")
    assert catalog.pause("asked") == first == catalog.open_pause()
    assert catalog.resume("ana")
    assert not catalog.resume("ben")
    assert catalog.open_pause() is None
    second = catalog.pause()
    pauses = catalog.pauses()
    assert [one.pause_id for one in pauses] == [second.pause_id, first.pause_id]
    assert (pauses[1].reason, pauses[1].ended_by) == ("disk", "ana")
    assert pauses[1].ended_at >= pauses[1].paused_at
