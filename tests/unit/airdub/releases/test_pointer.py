"""What may become current after what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.errors import Conflict, InvalidInput, PolicyRefused
from airdub.releases.objects import Stored
from airdub.releases.pointer import Current, Entry, demoted, parse_current, promoted
from tests.unit.airdub.releases.dubs import LANGUAGE, PLACE, TITLE_ID

NONE = Current(title_id=TITLE_ID, language=LANGUAGE)


def entry(number: int, attempt: int = 1) -> Entry:
    return Entry(
        release_id=f"{number:016x}", sha256="0" * 64, run_id=f"run-{number}", attempt=attempt,
        judged_at=f"2026-01-{number:02}T00:00:00Z", published_at="2026-02-01T00:00:00Z",
    )  # fmt: skip


def after(*numbers: int) -> Current:
    current = NONE
    for number in numbers:
        current = promoted(current, entry(number))
    return current


def test_a_newer_run_takes_the_place_of_an_older_one() -> None:
    current = after(1, 2)
    assert current.release_id == entry(2).release_id
    assert [current.state(entry(n).release_id) for n in (1, 2, 3)] == [
        "replaced", "current", "unpublished",
    ]  # fmt: skip
    assert promoted(current, entry(2)) is current


def test_an_older_run_never_takes_the_place_of_a_newer_one() -> None:
    with pytest.raises(Conflict, match="release 0000000000000002 of run run-2"):
        promoted(after(2), entry(1))
    with pytest.raises(Conflict):
        promoted(demoted(after(2), [entry(2).release_id], restore=False), entry(1))
    attempts = promoted(NONE, entry(5, attempt=2))
    with pytest.raises(Conflict):
        promoted(attempts, entry(5, attempt=1).model_copy(update={"release_id": "f" * 16}))


def test_what_was_withdrawn_stays_withdrawn() -> None:
    current = demoted(after(1, 2), [entry(2).release_id], restore=False)
    assert (current.release_id, current.state(entry(2).release_id)) == ("", "withdrawn")
    with pytest.raises(PolicyRefused, match="withdrawn"):
        promoted(current, entry(2))
    assert promoted(current, entry(3)).release_id == entry(3).release_id


def test_the_release_before_is_restored_when_asked_for() -> None:
    current = demoted(after(1, 2, 3), [entry(2).release_id], restore=True)
    assert current.release_id == entry(3).release_id
    current = demoted(current, [entry(3).release_id], restore=True)
    assert current.release_id == entry(1).release_id
    assert demoted(current, [entry(1).release_id], restore=True).release_id == ""


@given(
    st.lists(
        st.tuples(st.sampled_from(["publish", "withdraw", "restore"]), st.integers(1, 6)),
        max_size=30,
    )
)
def test_whatever_happens_nothing_withdrawn_and_nothing_older_by_itself_is_current(
    steps: list[tuple[str, int]],
) -> None:
    current = NONE
    for step, number in steps:
        before = current
        try:
            current = (
                promoted(current, entry(number))
                if step == "publish"
                else demoted(current, [entry(number).release_id], restore=step == "restore")
            )
        except (Conflict, PolicyRefused):
            continue
        assert current.release_id not in current.withdrawn
        assert len({one.release_id for one in current.history}) == len(current.history)
        newest = max((one.order for one in before.history), default=("", 0))
        published = current.entry(current.release_id)
        if step == "publish" and current != before:  # what is current already stays so
            assert published is not None
            assert published.order >= newest


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        Current(title_id="x", language="es", release_id="a", withdrawn=("../x",)).to_json(),
    ],
)
def test_what_is_no_pointer_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="which release is current"):
        parse_current(PLACE, Stored(data, "tag"))
