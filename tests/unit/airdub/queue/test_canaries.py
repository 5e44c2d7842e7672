"""A plan that is tried on few titles opens only when all of them went well."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.queue.canaries import Outlook, outlook
from airdub.queue.documents import RequestState as State


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, Outlook.WAIT),
        ({State.HELD: 9}, Outlook.WAIT),
        ({State.WAITING: 2, State.HELD: 9}, Outlook.WAIT),
        ({State.PUBLISHED: 1, State.RUNNING: 1, State.HELD: 9}, Outlook.WAIT),
        ({State.PUBLISHED: 1, State.IN_REVIEW: 1, State.HELD: 9}, Outlook.WAIT),
        ({State.PUBLISHED: 2, State.HELD: 9}, Outlook.OPEN),
        ({State.PUBLISHED: 1, State.CANCELLED: 1, State.HELD: 9}, Outlook.OPEN),
        ({State.PUBLISHED: 1, State.QUARANTINED: 1, State.HELD: 9}, Outlook.STOP),
        ({State.REFUSED: 1, State.RUNNING: 1, State.HELD: 9}, Outlook.STOP),
        ({State.CANCELLED: 2, State.HELD: 9}, Outlook.WAIT),
    ],
)
def test_what_the_canaries_say(counts: dict[State, int], expected: Outlook) -> None:
    assert outlook(counts) is expected


@given(st.dictionaries(st.sampled_from(State), st.integers(0, 3)))
def test_nothing_is_opened_that_did_not_end_well(counts: dict[State, int]) -> None:
    if outlook(counts) is Outlook.OPEN:
        ended_well = {State.PUBLISHED, State.HELD, State.CANCELLED, State.SUPERSEDED}
        assert counts[State.PUBLISHED]
        assert not any(count for state, count in counts.items() if state not in ended_well)
