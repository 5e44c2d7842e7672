"""The same thing is told once in a while, by one of all who want to tell it."""

from __future__ import annotations

from datetime import timedelta

from airdub.catalog import Catalog, open_catalog
from tests.unit.airdub.catalog.judged import FORK
from tests.unit.airdub.catalog.queued import add_titles, wanted

HOUR = timedelta(hours=1)


def test_what_was_told_just_now_is_counted_only(catalog: Catalog) -> None:
    first = catalog.claim_notice("failure:mux", HOUR)
    assert first is not None
    assert (first.was, first.held_back) == ("", 0)
    assert catalog.claim_notice("failure:mux", HOUR) is None
    assert catalog.claim_notice("failure:mux", HOUR) is None
    assert catalog.claim_notice("failure:mix", HOUR) is not None
    again = catalog.claim_notice("failure:mux", timedelta())
    assert again is not None
    assert (again.was, again.held_back) == (first.told_at, 2)
    assert catalog.notice_told_at("failure:mux") == again.told_at


def test_what_could_not_be_told_is_told_next_time(catalog: Catalog) -> None:
    assert catalog.notice_told_at("failure:mux") == ""
    claim = catalog.claim_notice("failure:mux", HOUR)
    assert claim is not None
    assert catalog.claim_notice("failure:mux", HOUR) is None
    catalog.return_claim(claim)
    assert catalog.notice_told_at("failure:mux") == ""
    next_ = catalog.claim_notice("failure:mux", HOUR)
    assert next_ is not None
    assert next_.held_back == 2


def _claims(url: str) -> int:
    with open_catalog(url) as catalog:
        return sum(bool(catalog.claim_notice(f"fault {number}", HOUR)) for number in range(20))


def test_of_two_who_tell_at_once_one_does(url: str) -> None:
    with open_catalog(url):
        pass
    with FORK.Pool(2) as pool:
        assert sum(pool.map(_claims, [url, url])) == 20


def test_what_is_due_and_not_dubbed_is_overdue(catalog: Catalog) -> None:
    add_titles(catalog, ["a", "b", "c", "d"])
    due = {"a": "2026-11-21T10", "b": "2026-11-21T09", "c": "2026-11-21T11"}
    catalog.enqueue([wanted("d"), *(wanted(name, due=time) for name, time in due.items())], "x")
    assert catalog.overdue("", "2026-11-21T10")[0] == 2
    count, first = catalog.overdue("2026-11-21T08", "9999", most=2)
    assert (count, [one.title_id for one in first]) == (3, ["b", "a"])
    assert first[0].due == "2026-11-21T09"
    assert catalog.overdue("2026-11-21T11", "9999") == (0, [])


def test_the_oldest_that_waits(catalog: Catalog) -> None:
    assert catalog.oldest_waiting() == ""
    add_titles(catalog, ["a", "b"])
    catalog.enqueue([wanted("a")], "x")
    catalog.enqueue([wanted("b")], "x")
    (first,) = catalog.claim(1)
    (left,) = catalog.requests(state="waiting")
    assert first.requested_at < catalog.oldest_waiting() == left.requested_at
