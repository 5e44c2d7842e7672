"""Do dubs that wait for people slow the others down?

`.venv/bin/python -m tests.benchmarks.waiting_reviews [--reviews 2000] [--runs 4]` starts two
Airflows of its own, with stages that make small results at once. In one of them many dubs wait for
review, and as many questions as may be are open. Then both dub titles in turns, so that whatever
else the machine does touches both alike. What is compared is Airflow's overhead per task, from
ready to ended.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from rich.progress import track

from airdub.artifacts import ArtifactStore
from airdub.catalog import open_catalog
from airdub.gates import Consequence
from airdub.local.rest import AirflowApi
from airdub.local.service import DAG_ID, LocalAirflow
from airdub.settings import Settings, load_settings
from tests.benchmarks.airflow_overhead import read_overheads
from tests.fakes.stage_python import install
from tests.unit.airdub.catalog.judged import judgement

REQUIRED_SLOWDOWN = 1.2
_ENDED = ("success", "failed")


@contextmanager
def airflow(folder: Path) -> Iterator[tuple[AirflowApi, Settings]]:
    """A fresh local Airflow; stopped at the end."""
    (folder / "fakes").mkdir(parents=True)
    os.environ |= {
        "AIRDUB_VAR": str(folder / "var"),
        "AIRDUB_STAGES_PYTHON": str(install(folder)),
        "FAKE_FOLDER": str(folder / "fakes"),
    }
    settings = load_settings()
    local = LocalAirflow(settings)
    try:
        yield local.api(local.up(print)), settings
    finally:
        local.down(print)


def dub(api: AirflowApi, settings: Settings, name: str) -> None:
    """Dub a new title, and wait for the end of it."""
    video = settings.var.parent / f"{name}.mp4"
    video.write_text(name)
    order = {"source": str(video), "source_language": "en", "target_language": "es"}
    api.trigger(DAG_ID, name, order)
    while (state := api.run_state(DAG_ID, name)) not in _ENDED:
        time.sleep(1)
    if state != "success":
        raise SystemExit(f"run {name}: {state}")


def overhead(settings: Settings, names: list[str]) -> float:
    """Seconds of overhead per task of these runs, the median."""
    database = settings.var / "airflow" / "airflow.db"
    rows = read_overheads(database, ArtifactStore(settings.store_url))
    return median(row.overhead_s for row in rows if row.run_id in names)


def queue_reviews(api: AirflowApi, settings: Settings, count: int) -> None:
    """Titles that wait for review, and the runs that show the worst of them."""
    with open_catalog(settings.catalog_url) as catalog:
        for number in track(range(count), "reviews"):
            run = {"title_id": f"title-{number}"}
            catalog.record_judgement(judgement(f"waiting-{number}", Consequence.REVIEW, run=run))
        api.trigger("review_dub", "first", {})  # starts the others
        while len(catalog.open_review_tasks()) < min(count, settings.open_reviews):
            time.sleep(1)


def main() -> int:
    """Measure; 1 when many waiting reviews slow a task too much."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.waiting_reviews", description=__doc__
    )
    parser.add_argument("--reviews", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=4)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        airflow(Path(name) / "empty") as empty,
        airflow(Path(name) / "waiting") as waiting,
    ):
        dub(*empty, "warm")
        dub(*waiting, "warm")
        queue_reviews(*waiting, chosen.reviews)
        names = [f"dub-{number}" for number in range(chosen.runs)]
        for title in names:
            dub(*empty, title)
            dub(*waiting, title)
        without, beside = (overhead(settings, names) for _, settings in (empty, waiting))
    good = beside <= REQUIRED_SLOWDOWN * without
    print(
        f"overhead per task, median: {without:.2f} s; with {chosen.reviews} waiting reviews "
        f"{beside:.2f} s, x {beside / without:.2f}   "
        f"{'ok' if good else 'NOT REACHED'} (<= {REQUIRED_SLOWDOWN:g})"
    )
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
