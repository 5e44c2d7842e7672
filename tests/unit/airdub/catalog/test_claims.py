"""Claiming: the queue's order, and what holds it back."""

from __future__ import annotations

from collections import Counter

import pytest

from airdub.catalog import Catalog, claims
from airdub.queue.documents import Quota, Request, RightsWindow
from tests.unit.airdub.catalog.judged import judgement
from tests.unit.airdub.catalog.queued import NOON, TOMORROW, add_titles, names, wanted

MANY = [f"t{number:02}" for number in range(40)]
SOON = "2026-11-21T18:00:00.000000Z"
URGENT = "2026-11-22T12:00:00.000000Z"
NEXT_DAY = "2026-11-22T09:00:00.000000Z"


@pytest.fixture
def library(catalog: Catalog) -> Catalog:
    add_titles(catalog, MANY, series="tower")
    return catalog


def claim(catalog: Catalog, most: int = 100, now: str = NOON) -> list[Request]:
    return catalog.claim(most, now=now, urgent_before=URGENT)


def state(catalog: Catalog, request: Request) -> tuple[str, str, str]:
    found = catalog.request(request.request_id)
    assert found is not None
    return found.state, found.reason, found.not_before


class TestOrder:
    def test_it_is_the_order_of_the_queue(self, library: Catalog) -> None:
        library.enqueue([wanted(name) for name in MANY[:5]], "lane")
        library.enqueue([wanted("t10", priority=90)], "high")
        library.enqueue([wanted("t11", priority=0, due=SOON)], "due")
        assert names(claim(library, 4)) == ["t11", "t10", "t00", "t01"]
        assert names(claim(library)) == ["t02", "t03", "t04"]
        assert claim(library) == []

    def test_what_comes_up_is_told_in_that_order_and_not_taken(self, library: Catalog) -> None:
        pairs = [(name, language) for name in MANY[:7] for language in ("es", "fr")]
        library.enqueue([wanted(*pair) for pair in pairs], "lane")
        library.enqueue([wanted("t11", priority=0, due=SOON)], "due")
        library.set_quota(Quota(scope="all", per_day=1))
        library.pause("asked", "an upgrade")
        coming = list(library.upcoming(urgent_before=URGENT, page=3))
        library.resume("eva")
        library.remove_quota("all")
        assert names(coming)[0] == "t11"
        assert len(coming) == len(pairs) + 1
        assert [one.request_id for one in coming] == [one.request_id for one in claim(library)]

    def test_what_is_claimed_says_so(self, library: Catalog) -> None:
        library.enqueue([wanted("t00")], "lane")
        (claimed,) = claim(library)
        assert (claimed.state, claimed.claimed_at) == ("claimed", NOON)
        assert library.request(claimed.request_id) == claimed
        assert library.active() == 1

    @pytest.mark.parametrize("most", [0, -3])
    def test_no_room_takes_nothing(self, library: Catalog, most: int) -> None:
        library.enqueue([wanted("t00")], "lane")
        assert claim(library, most) == []

    def test_a_deadline_that_is_far_off_waits_for_its_turn(self, library: Catalog) -> None:
        far = wanted("t09", due="2027-01-01T00:00:00.000000Z")
        library.enqueue([wanted("t00"), far, wanted("t01")], "lane")
        assert names(claim(library)) == ["t00", "t09", "t01"]

    def test_the_earliest_deadline_goes_first_whatever_the_language(self, library: Catalog) -> None:
        dues = [f"2026-11-21T{hour:02}:00:00.000000Z" for hour in range(13, 19)]
        pairs = list(zip(MANY, dues, ["es", "fr"] * 3, strict=False))
        library.enqueue([wanted(name, to, due=due) for name, due, to in reversed(pairs)], "lane")
        assert names(claim(library)) == MANY[:6]

    def test_an_interval_of_ten_does_not_wait_for_one_of_thousands(self, library: Catalog) -> None:
        languages = [f"{sign}a" for sign in "bcdefghijklmnopqrstuvwxyz"]
        backlog = [wanted(name, to) for to in languages for name in MANY]
        library.enqueue(backlog, "interval 1")
        assert len(claim(library, 300)) == 300
        library.enqueue([wanted(name, "es") for name in MANY[:10]], "interval 2")
        lanes = Counter(one.lane for one in claim(library, 22))
        assert lanes["interval 2"] == 10

    def test_urgent_ones_do_not_move_the_turns_of_the_others(self, library: Catalog) -> None:
        library.enqueue([wanted(name) for name in MANY[:20]], "long")
        library.enqueue([wanted("t30"), wanted("t31"), wanted("t32", due=SOON)], "urgent")
        assert names(claim(library, 1)) == ["t32"]
        library.enqueue([wanted("t33")], "late")
        assert "t33" in names(claim(library, 3))

    def test_every_one_comes_once_however_few_are_taken_at_a_time(self, library: Catalog) -> None:
        asked = [wanted(name, to) for to in ("es", "fr", "de") for name in MANY]
        library.enqueue(asked, "lane")
        found: list[Request] = []
        while some := claim(library, 7):
            found += some
        assert len(found) == len(asked)
        assert [one.turn for one in found] == sorted(one.turn for one in found)


class TestPauses:
    def test_nothing_is_claimed_while_the_queue_is_paused(self, library: Catalog) -> None:
        library.enqueue([wanted("t00")], "lane")
        library.pause("disk", "full")
        assert claim(library) == []
        library.resume("ana")
        assert names(claim(library)) == ["t00"]


class TestQuotas:
    def test_what_is_over_quota_today_is_claimed_tomorrow(self, library: Catalog) -> None:
        library.set_quota(Quota(scope="language:es", per_day=3))
        library.enqueue([wanted(name) for name in MANY[:8]], "lane")
        assert names(claim(library)) == ["t00", "t01", "t02"]
        assert claim(library, now="2026-11-21T23:59:59.999999Z") == []
        assert names(claim(library, now=TOMORROW)) == ["t03", "t04", "t05"]
        assert names(claim(library, now="2026-11-23T00:00:00.000000Z")) == ["t06", "t07"]

    def test_a_language_over_quota_holds_no_other_back(self, library: Catalog) -> None:
        library.set_quota(Quota(scope="language:es", per_day=2))
        library.enqueue([wanted(name, priority=90) for name in MANY], "spanish")
        library.enqueue([wanted(name, "fr") for name in MANY[:5]], "french")
        found = claim(library, 6)
        assert Counter(one.language for one in found) == {"es": 2, "fr": 4}

    def test_every_quota_that_is_about_a_request_counts(self, library: Catalog) -> None:
        library.set_quota(Quota(scope="all", per_day=6))
        library.set_quota(Quota(scope="language:es", per_day=5))
        library.set_quota(Quota(scope="profile:release", per_day=2))
        asked = [wanted(name, "es", profile="release") for name in MANY[:4]]
        asked += [wanted(name, "es-MX") for name in MANY[4:9]]
        asked += [wanted(name, "fr") for name in MANY[9:14]]
        library.enqueue(asked, "lane")
        found = claim(library)
        assert Counter(one.language for one in found) == {"es": 2, "es-MX": 3, "fr": 1}
        used = {one.quota.scope: one.used for one in library.quota_use(NOON)}
        assert used == {"all": 6, "language:es": 5, "profile:release": 2}

    def test_what_was_not_started_does_not_count(self, library: Catalog) -> None:
        library.set_quota(Quota(scope="all", per_day=1))
        library.enqueue([wanted("t00"), wanted("t01")], "lane")
        (claimed,) = claim(library)
        library.settle(claimed.request_id, "waiting", was="claimed")
        assert names(claim(library)) == ["t00"]

    def test_what_is_urgent_is_under_quotas_too(self, library: Catalog) -> None:
        library.set_quota(Quota(scope="all", per_day=1))
        library.enqueue([wanted(name, due=SOON) for name in MANY[:3]], "lane")
        assert len(claim(library)) == 1

    def test_gpu_seconds_are_those_of_the_day_s_judged_runs(self, library: Catalog) -> None:
        library.set_quota(Quota.model_validate({"scope": "all", "unit": "gpu_s", "per_day": 100}))
        made = judgement("run")
        stages = tuple(
            one.model_copy(update={"gpu_s": 60.0, "cached": number == 0})
            for number, one in enumerate(made.stages)
        )
        library.enqueue([wanted("t00"), wanted("t01")], "lane")
        assert names(library.claim(1)) == ["t00"]
        library.record_judgement(made.model_copy(update={"stages": stages}))
        (use,) = library.quota_use()
        assert use.used == 120  # what was found in the store was used before
        assert library.claim(1) == []
        library.remove_quota("all", "gpu_s")
        assert names(library.claim(1)) == ["t01"]


class TestRights:
    def window(self, name: str, opens: str, closes: str, **about: str) -> RightsWindow:
        return RightsWindow(window_id=name, opens_at=opens, closes_at=closes, **about)

    def test_a_title_waits_for_its_window_and_holds_nothing_back(self, library: Catalog) -> None:
        library.set_rights(self.window("w", NEXT_DAY, "2026-12-01", title_id="t00"))
        library.enqueue([wanted("t00", priority=90), wanted("t01")], "lane")
        assert names(claim(library)) == ["t01"]
        assert state(library, wanted("t00")) == ("waiting", "rights", NEXT_DAY)
        assert claim(library, now="2026-11-22T08:59:59.999999Z") == []
        assert names(claim(library, now=NEXT_DAY)) == ["t00"]

    def test_what_no_window_will_allow_any_more_is_refused(self, library: Catalog) -> None:
        library.set_rights(self.window("w", "2026-01-01", "2026-11-01", title_id="t00"))
        library.enqueue([wanted("t00"), wanted("t01")], "lane")
        assert names(claim(library)) == ["t01"]
        assert state(library, wanted("t00")) == ("refused", "rights", "")

    def test_a_window_may_be_a_series_and_a_language(self, library: Catalog) -> None:
        add_titles(library, ["alone"])
        about = {"series_id": "tower", "language": "es"}
        library.set_rights(self.window("w", NEXT_DAY, "2026-12-01", **about))
        library.enqueue([wanted("t00", "es"), wanted("t00", "fr"), wanted("alone", "es")], "lane")
        found = claim(library)
        assert sorted((one.title_id, one.language) for one in found) == [
            ("alone", "es"), ("t00", "fr"),
        ]  # fmt: skip

    def test_one_open_window_of_several_is_enough(self, library: Catalog) -> None:
        library.set_rights(self.window("past", "2026-01-01", "2026-02-01", title_id="t00"))
        library.set_rights(self.window("now", "2026-11-01", "2026-12-01", series_id="tower"))
        library.set_rights(self.window("later", "2027-01-01", "2027-02-01", title_id="t00"))
        library.enqueue([wanted("t00")], "lane")
        assert names(claim(library)) == ["t00"]

    def test_many_without_rights_are_passed_over(self, library: Catalog) -> None:
        library.set_rights(self.window("w", NEXT_DAY, "2026-12-01", series_id="tower"))
        add_titles(library, ["free"])
        library.enqueue([wanted(name) for name in [*MANY, "free"]], "lane")
        assert names(claim(library, 1)) == ["free"]
        assert len(claim(library, 100, now=NEXT_DAY)) == len(MANY)

    @pytest.mark.parametrize("about", [{"title_id": "t00"}, {"series_id": "tower"}])
    def test_what_waits_is_looked_at_again_when_its_rights_change(
        self, library: Catalog, about: dict[str, str]
    ) -> None:
        library.set_rights(self.window("w", NEXT_DAY, "2026-12-01", **about))
        library.enqueue([wanted("t00")], "lane")
        assert claim(library) == []
        library.set_rights(self.window("w", "2026-01-01", "2026-12-01", **about))
        assert names(claim(library)) == ["t00"]

    def test_without_its_window_a_title_is_free(self, library: Catalog) -> None:
        library.set_rights(self.window("w", NEXT_DAY, "2026-12-01", title_id="t00"))
        library.enqueue([wanted("t00")], "lane")
        assert claim(library) == []
        assert library.remove_rights("w")
        assert names(claim(library)) == ["t00"]
        assert not library.remove_rights("w")


class TestOneRunAtATime:
    """Of a title in a language one run at a time: the newer version or plan is judged last."""

    def newer(self, name: str = "t00", **changes: str) -> Request:
        return wanted(name, **{"version": "v2"} | changes)

    @pytest.mark.parametrize("change", [{"version": "v2"}, {"plan_digest": "p2"}])
    @pytest.mark.parametrize("due", [SOON, "9999-12-31T00:00:00.000000Z"])
    def test_what_is_newer_waits_until_the_older_run_has_ended(
        self, library: Catalog, change: dict[str, str], due: str
    ) -> None:
        library.enqueue([wanted("t00")], "lane")
        (older,) = claim(library)
        newer = wanted("t00", **change, due=due)
        library.enqueue([newer, wanted("t00", "fr"), wanted("t01")], "library")
        assert sorted((one.title_id, one.language) for one in claim(library)) == [
            ("t00", "fr"), ("t01", "es"),
        ]  # fmt: skip
        library.settle(older.request_id, "running", was="claimed")
        assert claim(library) == []
        library.settle(older.request_id, "published", was="running")
        assert [one.request_id for one in claim(library)] == [newer.request_id]

    def test_a_review_holds_nothing_back(self, library: Catalog) -> None:
        library.enqueue([wanted("t00")], "lane")
        (older,) = claim(library)
        library.settle(older.request_id, "in_review", was="claimed")
        library.enqueue([self.newer()], "library")
        assert len(claim(library)) == 1

    def test_what_is_given_back_gives_way_to_what_came_meanwhile(self, library: Catalog) -> None:
        library.enqueue([wanted("t00")], "lane")
        (older,) = claim(library)
        library.enqueue([self.newer()], "library")
        library.settle(older.request_id, "waiting", was="claimed")
        assert state(library, older)[:2] == ("superseded", "newer")
        assert [one.version for one in claim(library)] == ["v2"]


def test_a_head_of_the_queue_without_rights_starves_nobody(
    library: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "_LOOKED_AT", 3)
    for name in MANY[:30]:
        opens, closes = "2027-01-01T00:00:00.000000Z", "2028-01-01T00:00:00.000000Z"
        window = RightsWindow(window_id=name, title_id=name, opens_at=opens, closes_at=closes)
        library.set_rights(window)
    library.enqueue([wanted(name) for name in MANY], "lane")
    assert names(claim(library, 2)) == ["t30", "t31"]


@pytest.mark.parametrize("state", ["superseded", "refused"])
def test_a_claim_that_never_started_does_not_count_against_the_day(
    library: Catalog, state: str
) -> None:
    library.set_quota(Quota(scope="all", per_day=1))
    library.enqueue([wanted("t00"), wanted("t01")], "lane")
    (claimed,) = claim(library)
    library.settle(claimed.request_id, state, was="claimed")
    assert names(claim(library)) == ["t01"]
    assert [one.used for one in library.quota_use(NOON)] == [1]


def test_a_run_that_was_refused_counts(library: Catalog) -> None:
    library.set_quota(Quota(scope="all", per_day=1))
    library.enqueue([wanted("t00"), wanted("t01")], "lane")
    (claimed,) = claim(library)
    library.settle(claimed.request_id, "running", was="claimed")
    library.settle(claimed.request_id, "refused", was="running")
    assert claim(library) == []
