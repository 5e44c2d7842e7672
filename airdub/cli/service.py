"""`airdub up`, `airdub down`, and how Airflow is."""

from __future__ import annotations

import os
import time

from rich.console import Console

from airdub.cli.console import make_console
from airdub.cli.doctor import lacking
from airdub.engines import Environment
from airdub.environments import describe_environment
from airdub.local.home import ADMIN
from airdub.local.service import LocalAirflow, Running
from airdub.settings import Settings, load_settings

_COMPOSE = "AIRFLOW__API__BASE_URL"
"""docker-compose.yaml says by it where people find Airflow; `airdub up` does so in a file."""


def start(
    console: Console, settings: Settings, environment: Environment
) -> tuple[LocalAirflow, Running]:
    """The local Airflow, started if it was down; says which engines can't run here.

    Args:
        environment: what the stages' interpreter has now.
    """
    began = time.monotonic()

    def report(line: str) -> None:
        console.print(f"airflow: {line} ({time.monotonic() - began:.0f} s)")

    for line in lacking(environment):
        console.print(f"engines: {line}")
    airflow = LocalAirflow(settings)
    running = airflow.up(report)
    console.print(f"airflow: ready after {time.monotonic() - began:.0f} s")
    return airflow, running


def login(airflow: LocalAirflow, running: Running) -> str:
    """Where Airflow's pages are and who may see them; the password stays in its file."""
    return (
        f"Airflow: {running.url}   user: {ADMIN}   password: see {airflow.home.password_file}\n"
        "It keeps running; `make down` or `airdub down` stops it."
    )


def up() -> None:
    """Start Airflow on 127.0.0.1, supervised; returns when it is healthy."""
    console, settings = make_console(), load_settings()
    airflow, running = start(console, settings, describe_environment(settings))
    console.print(login(airflow, running), soft_wrap=True)


def down() -> None:
    """Stop Airflow and everything that it runs."""
    console = make_console()
    stopped = LocalAirflow(load_settings()).down(lambda line: console.print(f"airflow: {line}"))
    console.print("airflow: stopped" if stopped else "airflow: it wasn't running")


def show_airflow(console: Console, settings: Settings) -> None:
    """Say whether Airflow runs, and how its processes are."""
    airflow = LocalAirflow(settings)
    running = airflow.running()
    if running is None:
        console.print(f"airflow: {_not_ours(settings)}", soft_wrap=True)
        return
    for name, state in sorted(airflow.component_states().items()):
        console.print(f"{name:14} {state}")
    console.print(login(airflow, running), soft_wrap=True)


def _not_ours(settings: Settings) -> str:
    """What to do about an Airflow that `airdub up` hasn't started here."""
    if settings.runtime == "kubernetes":
        return "`kubectl -n airdub-airflow get pods` shows how it is"
    if url := os.environ.get(_COMPOSE):
        return f"{url}; `docker compose ps` shows how it is"
    return "it isn't running; `make up` or `airdub up` starts it"
