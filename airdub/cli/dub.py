"""`airdub dub` and `airdub demo`: order dubs, watch them, tell how they went."""

from __future__ import annotations

import json
import secrets
import subprocess
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from airdub.artifacts import ArtifactStore
from airdub.catalog import open_catalog
from airdub.clearance import check_people
from airdub.cli.attempts import next_run, titles
from airdub.cli.console import make_console
from airdub.cli.outcome import show_outcome
from airdub.cli.samples import agree_for_samples
from airdub.cli.service import login, start
from airdub.cli.watch import DubRun, watch
from airdub.environments import describe_environment
from airdub.errors import EngineFailed
from airdub.local.service import DAG_ID
from airdub.locations import absolute_location
from airdub.orders import DubOrder, check_plan, find_files
from airdub.settings import PROJECT, Settings, load_settings
from airdub.titles import slug

_INTERRUPTED = 130


def dub(
    video: Annotated[str, typer.Argument(help="The video: a file, or s3://bucket/key.")],
    *,
    source_language: Annotated[
        str, typer.Option("--from", help="Language spoken in the video, such as en or es-419.")
    ],
    target_language: Annotated[
        list[str], typer.Option("--to", help="Language of the dub; repeat it for several.")
    ],
    script: Annotated[
        str, typer.Option(help="Script in the spoken language: SRT, WebVTT or TTML.")
    ] = "",
    title_id: Annotated[str, typer.Option(help="Id of the title; made from the name.")] = "",
    profile: Annotated[str, typer.Option(help="Which engines to use.")] = "embedded",
    attempt: Annotated[int, typer.Option(min=1, help="Number of the attempt.")] = 1,
) -> None:
    """Dub a video; starts the local Airflow if it is down."""
    orders = [
        DubOrder.parse(
            {
                "title_id": title_id,
                "source": absolute_location(video),
                "script": absolute_location(script) if script else "",
                "source_language": source_language,
                "target_language": language,
                "profile": profile,
                "attempt": attempt,
            }
        )
        for language in dict.fromkeys(target_language)
    ]
    raise typer.Exit(run_orders(make_console(), load_settings(), orders))


def demo(
    folder: Annotated[
        Path | None, typer.Option(help="Where to make the samples; var/samples by default.")
    ] = None,
) -> None:
    """Make the sample videos and dub them all at once."""
    console, settings = make_console(), load_settings()
    samples = folder or settings.var / "samples"
    rows = _make_samples(console, settings, samples)
    agree_for_samples(settings, samples, rows)
    orders = [_sample_order(samples, row) for row in rows]
    raise typer.Exit(run_orders(console, settings, orders))


def run_orders(console: Console, settings: Settings, orders: list[DubOrder]) -> int:
    """Dub all orders at once, with their repairs, and show how they ended.

    Returns:
        The exit code: see `airdub.cli.outcome.show_outcome`.

    Raises:
        InvalidInput: an order can't be dubbed; nothing is started then.
        PolicyRefused: its profile doesn't allow it; likewise.
    """
    environment = describe_environment(settings)
    for order in orders:
        plan = check_plan(order, find_files(order, settings.source_roots), environment)
        with open_catalog(settings.catalog_url) as catalog:
            for missing in check_people(catalog, order, plan):
                console.print(f"people: {missing}", soft_wrap=True, markup=False)
    airflow, running = start(console, settings, environment)
    api = airflow.api(running)
    runs = [DubRun(order, run_id=new_run_id(order)) for order in orders]
    for run in runs:
        api.trigger(DAG_ID, run.run_id, run.order.model_dump(mode="json"))
    try:
        watched = watch(console, api, runs, partial(_follow, settings))
    except KeyboardInterrupt:
        console.print("The runs go on without this command.")
        console.print(login(airflow, running), soft_wrap=True)
        return _INTERRUPTED
    store = ArtifactStore(settings.store_url)
    with open_catalog(settings.catalog_url) as catalog:
        ended = titles(catalog, watched.runs, watched.states)
        code = show_outcome(console, store, catalog, ended, running.url)
    console.print(login(airflow, running), soft_wrap=True)
    return code


def _follow(settings: Settings, run: DubRun) -> DubRun | None:
    with open_catalog(settings.catalog_url) as catalog:
        return next_run(catalog, run)


def new_run_id(order: DubOrder) -> str:
    """A new run's id: what it dubs, when, and four random digits."""
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    return f"{slug(order.title_id)}.{order.target_language}.{now}.{secrets.token_hex(2)}"


def _make_samples(console: Console, settings: Settings, folder: Path) -> list[dict[str, Any]]:
    command = [str(settings.stages_python), "-m", "tests.media", "make", str(folder), "--demo"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            console.print(f"samples: {line.rstrip()}")
    if process.returncode:
        raise EngineFailed(
            "the sample videos could not be made",
            where=" ".join(command),
            remedy="run that command to see why; `airdub doctor` says what is missing",
        )
    rows: list[dict[str, Any]] = json.loads((folder / "samples.json").read_text())["samples"]
    return rows


def _sample_order(folder: Path, row: dict[str, Any]) -> DubOrder:
    return DubOrder.parse(
        {
            "title_id": row["name"],
            "source": str((folder / row["source"]).absolute()),
            "source_language": row["from"],
            "target_language": row["to"],
        }
    )
