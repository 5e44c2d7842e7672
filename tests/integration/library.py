"""A library of titles in an installation that runs a checkout of its own, which can be upgraded."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from airdub.catalog import open_catalog
from airdub.local.service import Running
from airdub.queue.documents import Request, StandingOrder
from airdub.settings import PROJECT, load_settings
from tests.integration.installation import Installation

_CHECKOUT = ("airdub", "operators", "dags", "sql", "deploy", "tests/fakes", "tests/__init__.py")
_CHECKOUT += tuple(f"plugins/{file.name}" for file in (PROJECT / "plugins").glob("*.py"))
TODAY = datetime.now(UTC).date()


def day(ago: int) -> date:
    """A day before today (UTC)."""
    return TODAY - timedelta(days=ago)


class Library(Installation):
    """An installation whose library is filled by hand, with titles of any day.

    Args:
        since: first day that `dub_catalog` looks at.
    """

    def __init__(self, folder: Path, since: date) -> None:
        project = folder / "checkout"
        for name in _CHECKOUT:
            source, target = PROJECT / name, project / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_file():
                shutil.copy(source, target)
            else:
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        super().__init__(
            folder,
            project,
            AIRDUB_DISPATCH_S="15",
            AIRDUB_CATALOG_START=since.isoformat(),
            PYTHONPATH=str(project),
        )
        self.films = folder / "films"
        self.films.mkdir()
        self.settings = load_settings(self.environment)

    def running(self) -> Running | None:
        """What is running; of another checkout, whose guard `LocalAirflow` doesn't know."""
        record = self.airflow.home.run / "airflow.json"
        return Running(**json.loads(record.read_text())) if record.exists() else None

    def up(self) -> None:
        """Start Airflow, wait until it is healthy."""
        with self.airdub("up") as up:
            output, _ = up.communicate(timeout=300)
        assert up.returncode == 0, output

    def down(self) -> None:
        """Stop Airflow."""
        assert self.airdub("down").wait(120) == 0

    def airflow_command(self, *arguments: str) -> str:
        """Run `airflow ...`; its output."""
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *arguments],
            env=self.environment | {"AIRFLOW_HOME": str(self.airflow.home.path)},
            cwd=self.project,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def backfill(self, first: date, last: date) -> None:
        """Have `dub_catalog` look at days again, once Airflow is up.

        With Airflow down: on SQLite it would answer that the database is locked.
        """
        days = ("--from-date", first.isoformat(), "--to-date", last.isoformat())
        again = ("--reprocess-behavior", "completed")
        self.airflow_command("backfill", "create", "--dag-id", "dub_catalog", *days, *again)

    def backfilled(self) -> int:
        """How many days the backfills have looked at; 0 while one isn't complete."""
        (open_ones,) = self._airflow_row("SELECT COUNT(*) FROM backfill WHERE completed_at IS NULL")
        done = "backfill_id IS NOT NULL AND state = 'success'"
        (count,) = self._airflow_row(f"SELECT COUNT(*) FROM dag_run WHERE {done}")  # noqa: S608
        return 0 if open_ones else int(count)

    def forget_days(self, days: Iterable[date]) -> None:
        """Leave Airflow as it would be had it been down on these days: without their runs."""
        for one in days:
            start = f"{one.isoformat()}%"
            forget = (
                "DELETE FROM dag_run WHERE dag_id = 'dub_catalog' AND data_interval_start LIKE ?"
            )
            self._airflow_row(forget, start)

    def _airflow_row(self, statement: str, *values: str) -> tuple[Any, ...]:
        file = self.airflow.home.path / "airflow.db"
        with closing(sqlite3.connect(file, timeout=60)) as connection, connection:
            connection.execute("PRAGMA foreign_keys = ON")
            row: tuple[Any, ...] = connection.execute(statement, values).fetchone() or ()
            return row

    def upgrade(self, stage: str, engine: str) -> None:
        """Raise an engine's version, as another release of airdub would."""
        file = self.project / "airdub" / "engines.yaml"
        engines = yaml.safe_load(file.read_text())
        engines[stage][engine]["version"] = "upgraded"
        file.write_text(yaml.safe_dump(engines))

    def want(self, *languages: str) -> None:
        """Place a standing order for every title in each language."""
        with open_catalog(self.settings.catalog_url) as catalog:
            for language in languages:
                order = StandingOrder(order_id=language, language=language, profile="embedded")
                catalog.order(order)

    def ingest(self, on: date, titles: Iterable[tuple[str, int]]) -> None:
        """Scan new titles as if it were that day: the id, and which of the clips the video is."""
        names = []
        for title_id, clip in titles:
            shutil.copy(self._clip(clip), self.films / f"{title_id}.mp4")
            names.append(title_id)
        with self.airdub("library", "scan", str(self.films), "--from", "en") as scan:
            output, _ = scan.communicate(timeout=120)
        assert f"{len(names)} added" in output, output
        seen = datetime.combine(on, time(hour=9), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        for title_id in names:
            self.change("UPDATE title SET ingested_at = ? WHERE title_id = ?", seen, title_id)

    def _clip(self, number: int) -> Path:
        """Two seconds of a picture and a tone; each number's differ."""
        clip = self.folder / f"clip-{number}.mp4"
        if not clip.exists():
            tone = f"sine=frequency={300 + 100 * number}"
            sources = (
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=64x64:rate=25",
                "-f",
                "lavfi",
                "-i",
                tone,
            )
            codecs = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac")
            command = ["ffmpeg", "-v", "error", *sources, "-t", "2", *codecs, str(clip)]
            subprocess.run(command, check=True)
        return clip

    def change(self, statement: str, *values: str) -> None:
        """Change the catalogue behind airdub's back."""
        file = self.settings.var / "catalog.db"
        with closing(sqlite3.connect(file, timeout=60)) as connection, connection:
            connection.execute(statement, values)

    def requests(self) -> list[Request]:
        """Every request."""
        with open_catalog(self.settings.catalog_url) as catalog:
            return catalog.requests()

    def states(self) -> Counter[str]:
        """How many requests are in each state."""
        return Counter(str(request.state) for request in self.requests())

    def judged_runs(self) -> Counter[tuple[str, str]]:
        """How often each title was judged in each language."""
        with open_catalog(self.settings.catalog_url) as catalog:
            wanted = {(one.title_id, one.language) for one in self.requests()}
            return Counter({of: len(catalog.verdicts(*of)) for of in wanted})

    def releases(self) -> Counter[tuple[str, str]]:
        """How many releases there are of each title in each language."""
        with open_catalog(self.settings.catalog_url) as catalog:
            return Counter((one.title_id, one.language) for one in catalog.releases())
