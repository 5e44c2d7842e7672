"""How fast the catalogue is with a library of many titles.

`.venv/bin/python -m tests.benchmarks.catalogue [--titles 100000] [--url URL]`; without a URL it
runs on SQLite in a temporary folder and on a PostgreSQL of its own. The disk is flushed as in
production on SQLite, and not at all on the test's PostgreSQL.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from statistics import median

from airdub.catalog import Catalog, open_catalog
from airdub.consents import Use, new_consent
from airdub.gates import Consequence
from airdub.judgements import Judgement
from tests.postgres import postgres_server
from tests.unit.airdub.catalog.judged import judgement

_BATCH = 1000
_RUNS = 20
_CONSEQUENCES = tuple(Consequence)


def judged(number: int) -> Judgement:
    """A run of a title of its own."""
    consequence = _CONSEQUENCES[number % len(_CONSEQUENCES)]
    return judgement(f"run-{number}", consequence, run={"title_id": f"title-{number}"})


def fill(catalog: Catalog, titles: int) -> None:
    """Record titles in large transactions, each with a cast of one."""
    agreed = catalog.grant(new_consent("Ana", list(Use), "e" * 64)).consent_id
    for first in range(0, titles, _BATCH):
        with catalog.transaction():
            for number in range(first, min(first + _BATCH, titles)):
                made = judged(number)
                catalog.record_judgement(made)
                catalog.set_cast(made.run.title_id, {"ANNA": "Ana"})
                if number % 100 == 0:
                    catalog.note_uses(made.run.run_id, "lipsync", Use.LIKENESS, [agreed])


def median_ms(call: Callable[[int], object]) -> float:
    """Of some calls, each with its number."""
    times = []
    for number in range(_RUNS):
        began = time.perf_counter()
        call(number)
        times.append((time.perf_counter() - began) * 1000)
    return median(times)


def measure(url: str, titles: int) -> dict[str, float]:
    """Milliseconds by what was asked, and the time to fill."""
    with open_catalog(url) as catalog:
        began = time.perf_counter()
        fill(catalog, titles)
        found = {"filling, ms a title": (time.perf_counter() - began) * 1000 / titles}
        step = titles // _RUNS
        assert catalog.verdicts(f"title-{step}", "es-419")
        assert len(catalog.reviews(most=100)) == 100
        agreed = catalog.consents(person="Ana")[0].consent_id
        found |= {
            "open the catalogue": median_ms(lambda _: reopen(url)),
            "record a judgement": median_ms(lambda n: catalog.record_judgement(judged(titles + n))),
            "read a judgement": median_ms(lambda n: catalog.judgement(f"run-{n * step}")),
            "verdicts of a title": median_ms(
                lambda n: catalog.verdicts(f"title-{n * step}", "es-419")
            ),
            "100 worst reviews": median_ms(lambda _: catalog.reviews(most=100)),
            "consents of a title": median_ms(
                lambda n: catalog.allowed(
                    f"title-{n * step}", Use.VOICE, language="es", territories=("world",)
                )
            ),
            "runs under a consent": median_ms(lambda _: catalog.runs_under(agreed)),
        }
        return found


def reopen(url: str) -> None:
    """Open the catalogue anew and close it."""
    with open_catalog(url):
        pass


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.catalogue")
    parser.add_argument("--titles", type=int, default=100_000)
    parser.add_argument("--url", default="")
    chosen = parser.parse_args()
    if chosen.url:
        columns = {chosen.url.partition(":")[0]: measure(chosen.url, chosen.titles)}
    else:
        with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
            columns = {
                "SQLite": measure(f"sqlite://{folder}/catalog.db", chosen.titles),
                "PostgreSQL": measure(server.new_database(), chosen.titles),
            }
    print(f"| {chosen.titles} titles, median ms | {' | '.join(columns)} |")
    print(f"|---|{'---|' * len(columns)}")
    for name in next(iter(columns.values())):
        print(f"| {name} | {' | '.join(f'{column[name]:.2f}' for column in columns.values())} |")


if __name__ == "__main__":
    main()
