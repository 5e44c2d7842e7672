"""`airdub weights`: fill and check the model cache."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
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
    import_file,
    refuse_unaccepted,
    refuse_unverified,
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

AcceptNew = Annotated[
    bool,
    typer.Option("--accept-new", help="Vouch for files of which nobody has said what is in them."),
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
    accept_new: AcceptNew = False,
) -> None:
    """Fetch what is not here yet, some files at once; interrupted, it goes on where it was.

    AIRDUB_WEIGHTS_MIRROR names another host that has the files by their paths; AIRDUB_OFFLINE=1
    forbids to fetch anything. A token for a host that wants one is read from the environment
    (HF_TOKEN for huggingface.co).
    """
    cache, chosen = _chosen(engine, profile)
    wanted = [one for one in chosen if one.weights.url or not one.weights.optional]
    refuse_unaccepted(wanted, accept_licence or ())
    if not accept_new:
        refuse_unverified(cache, wanted)
    console = make_console()
    with byte_progress(console, "fetching weights") as progress:
        fetched = fetch_all(cache, wanted, progress)
    console.print(
        f"{len(fetched)} of {len(wanted)} files fetched into {cache.folder}", markup=False
    )


@weights.command("import")
def import_weights(
    file: Annotated[Path, typer.Argument(help="A file that you have got yourself.")],
    engine: Engines = None,
    accept_new: AcceptNew = False,
) -> None:
    """Copy a file to where its engine looks for it; it is known by its bytes, or by its name."""
    cache, wanted = _chosen(engine, None)
    found = import_file(cache, wanted, file, accept_new=accept_new)
    make_console().print(
        f"{found.weights.path} for {', '.join(found.engines)} is in {cache.folder}", markup=False
    )


@weights.command()
def verify(engine: Engines = None, profile: Profiles = None) -> None:
    """Read every byte again; ends with 69 when files are missing or damaged."""
    cache, wanted = _chosen(engine, profile)
    states = [(one, cache.state(one.weights, read=True)) for one in wanted]
    _show(cache, states)
    if any(
        state != "here" and not (state == "missing" and one.weights.optional)
        for one, state in states
    ):
        make_console().print("What to do: run `airdub weights fetch` with the same choice.")
        raise typer.Exit(_LACKING)


def _chosen(
    engines: list[str] | None, profiles: list[str] | None
) -> tuple[ModelCache, list[Wanted]]:
    specs = choose_engines(engines or (), profiles or ())
    settings = load_settings()
    cache = ModelCache(
        settings.model_cache, mirror=settings.weights_mirror, offline=settings.offline
    )
    return cache, wanted_weights(specs)


def _show(cache: ModelCache, states: Iterable[tuple[Wanted, State]]) -> None:
    table = Table("file", "MiB", "licence", "engines", "state", box=None)
    for one, state in states:
        size = f"{one.weights.bytes / (1 << 20):.1f}" if one.weights.bytes else "?"
        cells = (one.weights.path, size, one.weights.licence, ", ".join(one.engines), state)
        table.add_row(*map(escape, cells))
    console = make_console()
    if not table.row_count:
        console.print("These engines need no weights beside their packages.")
        return
    console.print(table)
    console.print(f"in {cache.folder}", markup=False)
