"""Adds the console to Airflow's UI: a tab on every run, and a page of what waits for review; what
deadlines are counted from; and turns of those who write, if Airflow's database is SQLite.

Every component and every task of Airflow loads this file, so nothing of the console is imported
before the API server gets its first request.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

from operators.deadlines import RunCreated
from plugins.one_writer import OneWriter

if TYPE_CHECKING:
    from fastapi import FastAPI

PREFIX = "/airdub"
"""Where the console answers below Airflow's own address."""


@cache
def _console() -> FastAPI:
    from plugins.console.server import create_console

    return create_console()


async def console(scope: Any, receive: Any, send: Any) -> None:
    """The console as an ASGI application."""
    await _console()(scope, receive, send)


def _middlewares() -> list[dict[str, Any]]:
    """What every request to Airflow passes."""
    if not conf.get("database", "sql_alchemy_conn", fallback="").startswith("sqlite"):
        return []
    return [{"middleware": OneWriter, "name": "one writer"}]


class AirdubPlugin(AirflowPlugin):
    """See the module's text. Addresses are relative, so that they hold below any base URL."""

    name = "airdub"
    deadline_references = [RunCreated]  # noqa: RUF012
    fastapi_apps = [{"app": console, "url_prefix": PREFIX, "name": "airdub console"}]  # noqa: RUF012
    fastapi_root_middlewares = _middlewares()
    external_views = [  # noqa: RUF012
        {
            "name": "Dub",
            "href": "airdub/?dag_id={DAG_ID}&run_id={RUN_ID}",
            "destination": "dag_run",
            "url_route": "dub",
        },
        {
            "name": "Dub reviews",
            "href": "airdub/",
            "destination": "nav",
            "url_route": "dub-reviews",
            "nav_top_level": True,
        },
    ]
