"""Titles and standing orders in, requests out."""

from __future__ import annotations

from typing import Any

import pytest

from airdub.library.documents import Title
from airdub.profiles import load_profile
from airdub.queue import plans
from airdub.queue.documents import NEVER, RequestState, StandingOrder
from airdub.queue.plans import plan_digest
from airdub.queue.selecting import Planner, ordered_requests


def title(title_id: str = "maria-1", **changes: Any) -> Title:
    fields: dict[str, Any] = {
        "title_id": title_id,
        "name": title_id,
        "source_language": "en",
        "location": f"/films/{title_id}.mp4",
        "version": f"{title_id}-v1",
        "duration_s": 60.0,
        "ingested_at": "2026-11-20T22:30:00.000000Z",
    }
    return Title.model_validate(fields | changes)


def order(language: str = "es", **changes: Any) -> StandingOrder:
    fields = {"order_id": f"to-{language}", "language": language, "profile": "embedded"}
    return StandingOrder.model_validate(fields | changes)


def wanted(titles: list[Title], *orders: StandingOrder) -> list[tuple[str, str]]:
    return [(one.title_id, one.language) for one in ordered_requests(titles, orders)]


def test_every_title_is_wanted_in_every_language_but_its_own() -> None:
    catalan = title("catalan", source_language="ca-ES")
    assert wanted([title(), catalan], order("es"), order("ca"), order("en")) == [
        ("maria-1", "ca"), ("maria-1", "es"), ("catalan", "en"), ("catalan", "es"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("about", "found"),
    [
        ({"titles": "maria-*"}, ["maria-1", "maria-22"]),
        ({"titles": "MARIA-?"}, ["maria-1"]),
        ({"titles": "[m]aria-1"}, []),
        ({"series_id": "tower"}, ["tower-1"]),
        ({"titles": "maria-*", "series_id": "tower"}, []),
        ({"ended_at": "2026"}, []),
    ],
)
def test_an_order_is_about_some_titles(about: dict[str, str], found: list[str]) -> None:
    titles = [title(), title("maria-22"), title("tower-1", series_id="tower")]
    assert [name for name, _ in wanted(titles, order(**about))] == found


def test_what_is_missing_is_not_wanted() -> None:
    assert wanted([title(missing_since="2026-11-21T00:00:00.000000Z")], order()) == []


def test_of_two_orders_for_a_language_the_higher_priority_counts() -> None:
    low = order(order_id="low", ordered_at="2026-01-01", priority=10)
    high = order(order_id="high", ordered_at="2026-02-01", priority=20, deadline_hours=26)
    (request,) = ordered_requests([title()], [low, high])
    assert request.priority == 20
    assert request.due == "2026-11-22T00:30:00.000000Z"
    (request,) = ordered_requests([title()], [low])
    assert (request.priority, request.due) == (10, NEVER)


def test_a_request_carries_the_title_s_version_and_the_plan_of_its_files() -> None:
    with_script = title(beside=".es.srt .srt")
    (request,) = ordered_requests([with_script], [order()])
    assert request.version == "maria-1-v1"
    present = ("source", "script", "target_script")
    assert request.plan_digest == plan_digest(load_profile("embedded"), "en", "es", present)


def test_titles_of_one_kind_share_a_plan_that_is_made_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    real = plans.load_gates
    monkeypatch.setattr(plans, "load_gates", lambda *of: asked.append(of) or real(*of))
    titles = [title(f"t{number}") for number in range(50)]
    titles += [title(f"s{number}", beside=".srt") for number in range(50)]
    digests = {one.plan_digest for one in ordered_requests(titles, [order()])}
    assert len(digests) == len(asked) == 2


def test_what_no_engine_can_make_is_refused_at_once_and_says_why() -> None:
    korean = title(source_language="ko")
    request = Planner().request(korean, "en", "embedded")
    assert request.state is RequestState.REFUSED
    assert request.note == (
        "embedded has no engine to transcribe, translate from Korean to English"
    )
    scripted = korean.model_copy(update={"beside": ".en.srt .srt"})
    assert Planner().request(scripted, "en", "embedded").state is RequestState.WAITING
