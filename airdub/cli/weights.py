"""`airdub weights`: fill and check the model cache."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from airdub.cli.console import AirdubGroup, make_console
from airdub.cli.progress import byte_progress
from airdub.settings import load_settings
from airdub.weights import (
    ModelCache,
    State,
    Wanted,
    choose_engines,
    fetch_all,
    refuse_unaccepted,
    wanted_weights,
)

_LACKING = 69

weights = typer.Typer(
    cls=AirdubGroup,
    help="Fetch and check the weights that engines need beside their packages.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Engines = Annotated[
    list[str] | None,
    typer.Option("--engine", help="STAGE/NAME; again for more. Without any choice: all engines."),
]
Profiles = Annotated[
    list[str] | None, typer.Option("--profile", help="All engines that a profile uses.")
]


@weights.command("list")
def list_weights(engine: Engines = None, profile: Profiles = None) -> None:
    """List the files, their licences, who uses them, and whether they are here."""
    cache, wanted = _chosen(engine, profile)
    _show(cache, [(one, cache.state(one.weights)) for one in wanted])


@weights.command()
def fetch(
    engine: Engines = None,
    profile: Profiles = None,
    accept_licence: Annotated[
        list[str] | None,
        typer.Option(help="A licence that isn't known to allow commercial use; again for more."),
    ] = None,
) -> None:
    """Fetch what is not here yet; interrupted, it goes on where it was.

    A token for a host that wants one is read from the environment (HF_TOKEN for huggingface.co).
    """
    cache, wanted = _chosen(engine, profile)
    refuse_unaccepted(wanted, accept_licence or ())
    console = make_console()
    with byte_progress(console, "fetching weights") as progress:
        fetched = fetch_all(cache, wanted, progress)
    console.print(
        f"{len(fetched)} of {len(wanted)} files fetched into {cache.folder}", markup=False
    )


@weights.command()
def verify(engine: Engines = None, profile: Profiles = None) -> None:
    """Read every byte again; ends with 69 when files are missing or damaged."""
    cache, wanted = _chosen(engine, profile)
    states = [(one, cache.state(one.weights, read=True)) for one in wanted]
    _show(cache, states)
    if any(state != "here" for _, state in states):
        make_console().print("What to do: run `airdub weights fetch` with the same choice.")
        raise typer.Exit(_LACKING)


def _chosen(
    engines: list[str] | None, profiles: list[str] | None
) -> tuple[ModelCache, list[Wanted]]:
    specs = choose_engines(engines or (), profiles or ())
    return ModelCache(load_settings().model_cache), wanted_weights(specs)


def _show(cache: ModelCache, states: Iterable[tuple[Wanted, State]]) -> None:
    table = Table("file", "MiB", "licence", "engines", "state", box=None)
    for one, state in states:
        size = f"{one.weights.bytes / (1 << 20):.1f}"
        cells = (one.weights.path, size, one.weights.licence, ", ".join(one.engines), state)
        table.add_row(*map(escape, cells))
    console = make_console()
    if not table.row_count:
        console.print("These engines need no weights beside their packages.")
        return
    console.print(table)
    console.print(f"in {cache.folder}", markup=False)
