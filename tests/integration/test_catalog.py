"""A library day by day under a real scheduler: each title is dubbed once, whatever happens.

Its stages make small results at once; what is looked at is who is dubbed, how often, and which
stages were started for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

import pytest

from airdub.stages import STAGES
from tests.integration.installation import eventually, kill
from tests.integration.library import Library, day

pytestmark = pytest.mark.timeout(2000)  # 32 dubs; the limit is for a machine with much else to do

LANGUAGES = ("es", "ca")
INGESTED = {5: 2, 4: 5, 3: 5}
"""Titles by how many days ago they were ingested."""

MISSED = (2, 1)
"""Days on which Airflow was down."""

TITLES = {
    ago: [(f"film-{ago}-{number}", number % 3) for number in range(count)]
    for ago, count in (INGESTED | dict.fromkeys(MISSED, 1)).items()
}
"""Ids and clips by day: whatever is the same clip shares the work on it."""

GOING_WELL = {"waiting", "claimed", "running", "published"}


def dubs(days: Iterable[int]) -> set[tuple[str, str]]:
    """Title and language of all that is wanted of the titles of some days."""
    titles = (title_id for ago in days for title_id, _ in TITLES[ago])
    return set(product(titles, LANGUAGES))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    made = Library(tmp_path_factory.mktemp("library"), since=day(max(INGESTED)))
    made.want(*LANGUAGES)
    for ago in INGESTED:
        made.ingest(day(ago), TITLES[ago])
    try:
        made.up()
        yield made
    finally:
        made.airdub("down").wait(120)


def published(library: Library, count: int, limit_s: float = 1800) -> bool:
    """Wait until so many requests are published; at once False when one ends otherwise."""

    def is_over() -> bool:
        states = library.states()
        return states["published"] >= count or bool(states.keys() - GOING_WELL)

    return eventually(is_over, limit_s) and library.states()["published"] >= count


def test_daily_runs_dub_each_title_once_though_the_scheduler_is_killed(library: Library) -> None:
    wanted = dubs(INGESTED)
    assert published(library, len(wanted) // 3), library.requests()
    kill(library.pid_of("airflow scheduler"))
    assert published(library, len(wanted)), library.requests()
    assert library.states() == {"published": len(wanted)}
    assert library.releases() == library.judged_runs() == dict.fromkeys(wanted, 1)


def test_a_backfill_of_days_that_are_done_dubs_nothing(library: Library) -> None:
    requests, starts = library.requests(), library.starts()
    library.down()
    library.backfill(day(5), day(3))
    library.up()
    assert eventually(lambda: library.backfilled() == 3, 180)
    assert library.requests() == requests
    assert library.starts() == starts


def test_days_that_airflow_missed_are_caught_up_and_only_what_an_upgrade_changes_is_made_anew(
    library: Library,
) -> None:
    starts = library.starts()
    library.down()
    library.forget_days([day(ago) for ago in MISSED])
    for ago in MISSED:
        library.ingest(day(ago), TITLES[ago])
    library.upgrade("convert_voice", "world")
    library.backfill(day(5), day(5))
    library.up()
    before, late, again = dubs(INGESTED), dubs(MISSED), dubs([5])
    assert published(library, len(before | late) + len(again)), library.requests()
    assert library.judged_runs() == dict.fromkeys(before | late, 1) | dict.fromkeys(again, 2)
    anew = {clip for ago in (*MISSED, 5) for _, clip in TITLES[ago]}
    changed = ("convert_voice", "mix", "mux", "evaluate")  # where lines lie, and so lips, stays
    started = {stage: count - starts[stage] for stage, count in library.starts().items()}
    assert started == {
        stage: len(anew) * len(LANGUAGES) if stage in changed else 0 for stage in STAGES
    }
    assert library.releases() == dict.fromkeys(before | late, 1) | dict.fromkeys(again, 2)
