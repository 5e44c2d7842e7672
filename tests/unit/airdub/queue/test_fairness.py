"""The queue's order: no lane starves another, and what is due soon goes first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airdub.queue.documents import NEVER, Request, new_request
from airdub.queue.fairness import by_due, by_turn, in_order, next_turn, paged


def request(
    name: str, *, lane: str = "", turn: int = 1, priority: int = 50, due: str = NEVER
) -> Request:
    made = new_request(name, "es", "v", "p", profile="embedded", priority=priority, due=due)
    return made.model_copy(update={"lane": lane, "turn": turn})


class Queue:
    """Lanes that enqueue and a server that claims, by turns alone."""

    def __init__(self) -> None:
        self.waiting: list[Request] = []
        self.reached = 0
        self.count = 0

    def enqueue(self, lane: str, count: int) -> None:
        mine = [one.turn for one in self.waiting if one.lane == lane]
        turn = next_turn(self.reached, max(mine, default=None))
        for number in range(count):
            self.count += 1
            self.waiting.append(request(f"t{self.count}", lane=lane, turn=turn + number))

    def claim(self) -> str:
        first = min(self.waiting, key=by_turn)
        self.waiting.remove(first)
        self.reached = max(self.reached, first.turn)
        return first.lane


@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 20))
def test_a_short_lane_waits_for_about_as_much_of_a_long_one_as_itself_asks(
    long: int, claimed: int, short: int
) -> None:
    queue = Queue()
    queue.enqueue("long", long)
    for _ in range(min(claimed, long)):
        queue.claim()
    queue.enqueue("short", short)
    order = [queue.claim() for _ in range(len(queue.waiting))]
    done = len(order) - 1 - order[::-1].index("short")
    assert order[: done + 1].count("long") <= short + 1


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 6), st.integers(0, 9)), max_size=12)
)
def test_lanes_that_wait_are_served_equally_whatever_was_before(
    steps: list[tuple[str, int, int]],
) -> None:
    queue = Queue()
    for lane, count, claims in steps:
        queue.enqueue(lane, count)
        for _ in range(min(claims, len(queue.waiting))):
            queue.claim()
    for lane in "abc":
        queue.enqueue(lane, 10)
    served = [queue.claim() for _ in range(15)]
    counts = [served.count(lane) for lane in "abc"]
    assert max(counts) - min(counts) <= 2


def test_a_lane_that_was_idle_gains_nothing_by_it() -> None:
    queue = Queue()
    queue.enqueue("busy", 10)
    for _ in range(8):
        queue.claim()
    queue.enqueue("idle", 10)
    queue.enqueue("busy", 8)
    assert [queue.claim() for _ in range(8)].count("idle") == 4


def test_what_is_due_soon_goes_first_then_the_priority_then_the_turn() -> None:
    soon = request("soon", due="2026-01-02", priority=0, turn=99)
    sooner = request("sooner", due="2026-01-01", priority=0, turn=98)
    high = request("high", priority=90, turn=50)
    early, late = request("early", turn=1), request("late", turn=2)
    spanish = sorted([soon, high, late], key=by_turn)
    french = sorted([sooner, early], key=by_turn)
    order = in_order([[sooner], [soon]], [spanish, french])
    assert [one.title_id for one in order] == ["sooner", "soon", "high", "early", "late"]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.booleans()), max_size=20),
    st.integers(1, 4),
)
def test_every_request_comes_once_however_it_is_split(
    drawn: list[tuple[int, int, bool]], groups: int
) -> None:
    all_ = [
        request(f"t{number}", priority=priority, turn=turn, due="2026" if due else NEVER)
        for number, (priority, turn, due) in enumerate(drawn)
    ]
    split = [sorted(all_[first::groups], key=by_turn) for first in range(groups)]
    urgent = [sorted((one for one in part if one.due < "2027"), key=by_due) for part in split]
    order = list(in_order(urgent, split))
    assert sorted(one.title_id for one in order) == sorted(one.title_id for one in all_)
    calm = [one for one in order if one.due == NEVER]
    assert calm == sorted(calm, key=by_turn)


def test_pages_are_read_on_demand_and_while_there_is_room() -> None:
    all_ = [request(f"t{number}", turn=number) for number in range(10)]
    read: list[int] = []

    def pages(last: Request | None) -> list[Request]:
        first = last.turn + 1 if last else 0
        read.append(first)
        return all_[first : first + 3]

    room = True
    found = paged(pages, lambda: room)
    assert [next(found).turn for _ in range(4)] == [0, 1, 2, 3]
    assert read == [0, 3]
    room = False
    assert [one.turn for one in found] == [4, 5]  # what was read; no page after it
    assert read == [0, 3]
