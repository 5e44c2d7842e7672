"""`airdub queue`: what holds the queue back, and what is wanted of titles to come."""

from __future__ import annotations

import getpass
from typing import Annotated, Literal

import typer
from rich.table import Table
from rich.text import Text

from airdub.catalog import Catalog, open_catalog
from airdub.cli.console import AirdubGroup, make_console
from airdub.cli.rights import rights
from airdub.errors import InvalidInput
from airdub.languages import parse_language
from airdub.profiles import load_profile
from airdub.queue.documents import Quota, Rollout
from airdub.settings import load_settings

_ROLLOUT_STATES = ("trying", "stopped", "open")

queue = typer.Typer(
    cls=AirdubGroup,
    help="Pause the queue; set quotas, rights and rollouts; see standing orders.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
queue.command()(rights)


@queue.command()
def pause(
    why: Annotated[str, typer.Option(help="Kept, and shown by `airdub status`.")] = "",
) -> None:
    """Start no more dubs; what runs goes on."""
    note = f"{getpass.getuser()}: {why}" if why else f"by {getpass.getuser()}"
    with open_catalog(load_settings().catalog_url) as catalog:
        open_ = catalog.pause(note=note)
    make_console().print(f"paused since {open_.paused_at[:16]}Z: {open_.note}", markup=False)


@queue.command()
def resume() -> None:
    """Go on starting dubs."""
    with open_catalog(load_settings().catalog_url) as catalog:
        was_paused = catalog.resume(getpass.getuser())
    make_console().print("the queue goes on" if was_paused else "the queue wasn't paused")


@queue.command()
def quota(
    scope: Annotated[
        str, typer.Argument(help="all, language:es or profile:release; none lists all quotas.")
    ] = "",
    per_day: Annotated[
        float | None, typer.Argument(min=0, help="How much may be started a day (UTC).")
    ] = None,
    *,
    unit: Annotated[Literal["dubs", "gpu_s"], typer.Option(help="Of what.")] = "dubs",
    remove: Annotated[bool, typer.Option("--remove", help="Take it away.")] = False,
) -> None:
    """Limit what is started a day, or list the limits and what is used of them today."""
    with open_catalog(load_settings().catalog_url) as catalog:
        if remove:
            if not catalog.remove_quota(_scope(scope), unit):
                raise InvalidInput(
                    "there is no such quota",
                    where=f"{scope} {unit}",
                    remedy="`airdub queue quota` lists them",
                )
        elif scope:
            if per_day is None:
                raise InvalidInput(
                    "it doesn't say how much", where=scope, remedy="give a number, or --remove"
                )
            catalog.set_quota(Quota(scope=_scope(scope), unit=unit, per_day=per_day))
        _list_quotas(catalog)


@queue.command()
def rollout(
    plan: Annotated[str, typer.Argument(help="The first signs of a plan; none lists all.")] = "",
    *,
    to: Annotated[
        Literal["open", "stopped", "trying", ""], typer.Option(help="What becomes of it.")
    ] = "",
) -> None:
    """List plans that are tried on some titles first; open one to all, stop it, or try it again."""
    with open_catalog(load_settings().catalog_url) as catalog:
        if plan and to:
            known = _rollout(catalog, plan)
            note = f"by {getpass.getuser()}"
            count = catalog.end_rollout(known.plan_digest, to, was=known.state, note=note)
            make_console().print(f"{count} requests may go now")
        elif plan or to:
            raise InvalidInput(
                "it says only one of plan and state",
                where="rollout",
                remedy="airdub queue rollout PLAN --to open",
            )
        _list_rollouts(catalog)


@queue.command()
def orders(
    end: Annotated[str, typer.Option(help="End this standing order.")] = "",
) -> None:
    """List standing orders (`airdub request --standing`), or end one; what it brought stays."""
    with open_catalog(load_settings().catalog_url) as catalog:
        if end and not catalog.end_order(end):
            raise InvalidInput(
                "no such order stands", where=end, remedy="`airdub queue orders` lists them"
            )
        table = Table("order", "titles", "series", "into", "profile", "priority", "due", "since")
        for one in catalog.standing_orders():
            due = f"{one.deadline_hours} h after ingest" if one.deadline_hours else "-"
            table.add_row(
                *(Text(text) for text in (one.order_id, one.titles, one.series_id or "-")),
                *(one.language, one.profile, str(one.priority), due, f"{one.ordered_at[:16]}Z"),
            )
    make_console().print(table)


def _scope(text: str) -> str:
    """A scope with its language normalised.

    Raises:
        InvalidInput: it is none, or of an unknown language or profile.
    """
    kind, _, name = text.partition(":")
    if text == "all":
        return text
    if kind == "language" and name:
        return f"language:{parse_language(name)}"
    if kind == "profile" and name:
        load_profile(name)
        return text
    raise InvalidInput(
        f"{text!r} is no scope", where="quota", remedy="use all, language:es or profile:release"
    )


def _list_quotas(catalog: Catalog) -> None:
    table = Table("scope", "unit", "a day", "used today")
    for use in catalog.quota_use():
        table.add_row(use.quota.scope, use.quota.unit, f"{use.quota.per_day:g}", f"{use.used:g}")
    make_console().print(table)


def _rollout(catalog: Catalog, prefix: str) -> Rollout:
    """The one rollout whose plan begins so.

    Raises:
        InvalidInput: there is none, or several.
    """
    every = [one for state in _ROLLOUT_STATES for one in catalog.rollouts(state)]
    found = [one for one in every if one.plan_digest.startswith(prefix)]
    if len(found) != 1:
        raise InvalidInput(
            "several plans begin so" if found else "there is no rollout of such a plan",
            where=prefix,
            remedy="`airdub queue rollout` lists them",
        )
    return found[0]


def _list_rollouts(catalog: Catalog) -> None:
    table = Table("plan", "profile", "language", "state", "canaries", "requests", "since", "note")
    for state in _ROLLOUT_STATES:
        for one in catalog.rollouts(state):
            counts = catalog.plan_counts(one.plan_digest)
            told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
            table.add_row(
                *(one.plan_digest[:12], one.profile, one.language, one.state, str(one.canaries)),
                *(told or "-", f"{one.began_at[:16]}Z", Text(one.note)),
            )
    make_console().print(table)
