"""Do dubs that wait for people slow the others down?

`.venv/bin/python -m tests.benchmarks.waiting_reviews [--reviews 2000] [--runs 4]` starts an Airflow
of its own, with stages that make small results at once. It dubs some titles, then has many wait for
review (a row in the catalogue and a run of `review_dub` for each), and dubs as many again. What is
compared is Airflow's overhead per task, from ready to ended.
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
    (folder / "fakes").mkdir()
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


def dub(api: AirflowApi, settings: Settings, folder: Path, names: list[str]) -> float:
    """Dub new titles one after the other; seconds of overhead per task, the median."""
    for name in names:
        video = folder / f"{name}.mp4"
        video.write_text(name)
        order = {"source": str(video), "source_language": "en", "target_language": "es"}
        api.trigger(DAG_ID, name, order)
        while (state := api.run_state(DAG_ID, name)) not in _ENDED:
            time.sleep(1)
        if state != "success":
            raise SystemExit(f"run {name}: {state}")
    database = settings.var / "airflow" / "airflow.db"
    rows = read_overheads(database, ArtifactStore(settings.store_url))
    return median(row.overhead_s for row in rows if row.run_id in names)


def queue_reviews(api: AirflowApi, settings: Settings, count: int) -> None:
    """Titles that wait for review, each with the run that will show it."""
    with open_catalog(settings.catalog_url) as catalog:
        for number in track(range(count), "reviews"):
            run_id = f"waiting-{number}"
            run = {"title_id": f"title-{number}"}
            catalog.record_judgement(judgement(run_id, Consequence.REVIEW, run=run))
            api.trigger("review_dub", f"{run_id}.review", {"run_id": run_id})


def main() -> int:
    """Measure; 1 when many waiting reviews slow a task too much."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.waiting_reviews", description=__doc__
    )
    parser.add_argument("--reviews", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=4)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with airflow(folder) as (api, settings):
            dub(api, settings, folder, ["warm"])
            before = dub(api, settings, folder, [f"before-{n}" for n in range(chosen.runs)])
            queue_reviews(api, settings, chosen.reviews)
            after = dub(api, settings, folder, [f"after-{n}" for n in range(chosen.runs)])
    good = after <= REQUIRED_SLOWDOWN * before
    print(
        f"overhead per task, median: {before:.2f} s; with {chosen.reviews} waiting reviews "
        f"{after:.2f} s, x {after / before:.2f}   "
        f"{'ok' if good else 'NOT REACHED'} (<= {REQUIRED_SLOWDOWN:g})"
    )
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
