"""How fast reports are read from a catalogue of many judged runs.

`.venv/bin/python -m tests.benchmarks.reports [--runs 200000]`, on a PostgreSQL of its own. Half of
the runs are of the last 30 days. Exits with 1 when a requirement isn't kept. Counting the queue is
measured by `tests.benchmarks.queue`.
"""

from __future__ import annotations

import argparse
from datetime import timedelta

from airdub.catalog import Catalog, open_catalog
from airdub.catalog.session import now
from airdub.reports.documents import Scope
from airdub.reports.gathering import gather
from airdub.reports.page import page
from airdub.reports.remaining import remaining
from airdub.stages import STAGES
from tests.benchmarks.queue import Times, timed
from tests.postgres import postgres_server

_DAYS = 60
_TIMES = 5

REQUIRED_MS = {"time that is left": 500, "report on 30 days": 15_000, "report on a title": 1000}

_FILL = (
    """INSERT INTO dub_run
      SELECT 'run-' || number, 'title-' || number / 3, (ARRAY['es', 'fr', 'de'])[1 + number %% 3],
        'en', '', 'embedded', 1, NULL, '', 'run-' || number, '', to_char(
          now() AT TIME ZONE 'UTC' - number * interval '1 day' * %(days)s::int / %(runs)s::int,
          'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
      FROM generate_series(0, %(runs)s::int - 1) number""",
    """INSERT INTO stage_attempt
      SELECT 'run-' || number, place, stage, 'engine', '', '', (number + place) %% 3 = 0, place,
        place / 2.0
      FROM generate_series(0, %(runs)s::int - 1) number, unnest(%(stages)s::text[]) WITH ORDINALITY
        AS made (stage, place)""",
    """INSERT INTO gate_verdict
      SELECT 'run-' || number, 'embedded', 'evaluation-' || number,
        (ARRAY['publish', 'publish', 'review', 'quarantine'])[1 + number %% 4], NULL
      FROM generate_series(0, %(runs)s::int - 1) number""",
    """INSERT INTO gate_check
      SELECT 'run-' || number, place, 'metric_' || place, 'ratio', '', '', '', '', '',
        (ARRAY['pass', 'fail', 'absent'])[1 + (number * place) %% 3], true
      FROM generate_series(0, %(runs)s::int - 1) number, generate_series(1, 15) place""",
    """INSERT INTO metric
      SELECT 'evaluation-' || number, place, 'metric_' || place, 'title', random(), '', 'ratio',
        'lower', 1, 0, 1, '', '', '', '[]'
      FROM generate_series(0, %(runs)s::int - 1) number, generate_series(1, 15) place""",
)  # fmt: skip


def fill(catalog: Catalog, runs: int) -> None:
    """Judged runs, written at once past the catalogue's API."""
    connection = catalog._database.connection
    connection.execute("SET session_replication_role = replica")  # no foreign keys
    for statement in _FILL:
        connection.execute(statement, {"runs": runs, "days": _DAYS, "stages": list(STAGES)})
    connection.execute("VACUUM ANALYZE")


def measure(catalog: Catalog) -> dict[str, Times]:
    """Milliseconds by what was asked."""
    recent = Scope(since=now(timedelta(days=30)), until=now())
    title = recent.model_copy(update={"titles": ("title-7",)})

    def left(_: int) -> None:
        samples = catalog.stage_samples(recent, most=300)
        found = remaining({"es": 1000}, samples, slots=2, active=16)
        assert found.measured == 300

    return {
        "time that is left": timed(left, _TIMES),
        "report on 30 days": timed(lambda _: gather(catalog, recent), _TIMES),
        "report on a title": timed(lambda _: gather(catalog, title), _TIMES),
        "page of 30 days": timed(lambda _: page(gather(catalog, recent)), _TIMES),
    }


def main() -> int:
    """Print a table; 1 when a requirement isn't kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.reports")
    parser.add_argument("--runs", type=int, default=200_000)
    runs = parser.parse_args().runs
    good = True
    with postgres_server() as server, open_catalog(server.new_database()) as catalog:
        fill(catalog, runs)
        print(f"PostgreSQL, {runs:,} judged runs; median and fastest in ms")
        for what, (middle, fastest) in measure(catalog).items():
            most = REQUIRED_MS.get(what)
            kept = most is None or middle <= most
            good &= kept
            wanted = "" if most is None else f"   {'ok' if kept else 'NOT REACHED'} (<= {most:,})"
            print(f"  {what:20} {middle:9,.0f} {fastest:9,.0f}{wanted}", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
