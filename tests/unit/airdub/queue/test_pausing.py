"""When the queue stops by itself."""

from __future__ import annotations

import pytest

from airdub.queue.documents import RequestState
from airdub.queue.pausing import End, Trouble, trouble

GOOD = {"published": RequestState.PUBLISHED, "review": RequestState.IN_REVIEW}


def ends(**counts: int) -> list[End]:
    """So many ends for each reason; `published` and `review` are good ones."""
    return [
        End(
            state=GOOD.get(reason, RequestState.FAILED),
            reason="" if reason in GOOD else reason,
            ended_at="2026",
        )
        for reason, count in counts.items()
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ({"published": 10}, None),
        ({}, None),
        ({"disk": 4}, None),  # too few to tell
        ({"disk": 5}, "disk"),
        ({"published": 5, "disk": 5}, None),  # half, and not more
        ({"published": 5, "disk": 6}, "disk"),
        ({"review": 95, "disk": 5}, None),
        ({"review": 3, "published": 3, "disk": 6}, None),
        ({"review": 3, "published": 2, "disk": 6}, "disk"),
        ({"disk": 6, "engine": 6}, None),  # no reason alone
        ({"disk": 6, "engine": 20}, "engine"),
    ],
)
def test_it_stops_when_more_than_a_share_fails_for_one_reason(
    counts: dict[str, int], found: str | None
) -> None:
    trouble_ = trouble(ends(**counts), share=0.5)
    assert (trouble_ and trouble_.reason) == found


def test_it_says_how_bad_it_is() -> None:
    found = trouble(ends(disk=8, published=2), share=0.5)
    assert found == Trouble(reason="disk", count=8, share=0.8)


def test_what_a_gate_keeps_back_is_no_failure() -> None:
    kept = [End(state=RequestState.QUARANTINED, reason="gate", ended_at="2026")] * 50
    assert trouble(kept, share=0.1) is None
