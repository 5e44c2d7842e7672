"""Where commands print, and how they end when something is wrong."""

from __future__ import annotations

import sys
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from airdub.errors import AirdubError

_PLAIN_WIDTH = 200


def make_console() -> Console:
    """Standard output: as wide as the terminal, or wide enough for paths where there is none."""
    return Console(
        width=None if sys.stdout.isatty() else _PLAIN_WIDTH, highlight=False, soft_wrap=False
    )


def exit_code(error: AirdubError) -> int:
    """The process's exit code for an error; never 0."""
    return error.exit_code or 70


class AirdubGroup(TyperGroup):
    """Ends a command that raised an `AirdubError` with its message and exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except AirdubError as error:
            typer.echo(f"airdub: {error}", err=True)
            raise typer.Exit(exit_code(error)) from error
