"""`airdub sweep`: what of the store's bulky work could go, and letting it go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from airdub.cli.console import make_console
from airdub.settings import load_settings

if TYPE_CHECKING:
    from rich.console import Console

    from airdub.sweeping import Tally


def sweep(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; without, only tell.")] = False,
    days: Annotated[
        int | None, typer.Option(min=1, help="What was written or used within them stays.")
    ] = None,
) -> None:
    """Show, or remove, sound and pictures of old work that nobody needs.

    Releases, drafts and sources are never touched; what went is made again when it is asked for.
    """
    from airdub.sweeping import sweep as swept

    console = make_console()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("sweeping", total=None)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        found = swept(load_settings(), remove=yes, days=days, report=report)
    _show(console, found, "removed" if yes else "could go")
    if not yes:
        console.print("--yes removes it")


def _show(console: Console, found: list[Tally], went: str) -> None:
    table = Table("stage", "folders", "young", "needed", "needed MiB", went, f"{went} MiB")
    for one in found:
        row = (one.folders, one.young, one.needed, one.needed_bytes, one.swept, one.swept_bytes)
        cells = (_mib(cell) if at in (3, 5) else str(cell) for at, cell in enumerate(row))
        table.add_row(one.stage, *cells)
    console.print(table)
    total = _mib(sum(one.swept_bytes for one in found))
    console.print(f"{total} MiB {went}")


def _mib(size: int) -> str:
    return f"{size / (1 << 20):.1f}"
