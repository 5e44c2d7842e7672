"""The one step that makes a release current."""

from __future__ import annotations

from airdub.errors import Conflict
from airdub.releases.keys import Place
from airdub.releases.objects import ObjectStore
from airdub.releases.pointer import Entry, parse_current, promoted


def refuse_older(objects: ObjectStore, place: Place, entry: Entry) -> None:
    """Make sure that a release may become current.

    Raises:
        Conflict, PolicyRefused: see `airdub.releases.publish`.
    """
    promoted(parse_current(place, objects.read(place.current)), entry)


def make_current(objects: ObjectStore, place: Place, entry: Entry) -> str:
    """Make a finished release current; returns the id of the one that it replaces ("" none).

    Raises:
        Conflict, PolicyRefused: see `airdub.releases.publish`.
    """
    before = objects.read(place.current)
    current = parse_current(place, before)
    after = promoted(current, entry)
    if after is current:
        return _replaced(current.history, entry.release_id)
    if objects.put(place.current, after.to_json(), before):
        return current.release_id
    winner = parse_current(place, objects.read(place.current))
    if winner.release_id == entry.release_id:
        return _replaced(winner.history, entry.release_id)
    theirs = winner.entry(winner.release_id)
    raise Conflict(
        f"another publisher was faster: "
        f"{f'release {theirs.release_id} of run {theirs.run_id}' if theirs else 'nothing'} "
        "is current now",
        where=f"run {entry.run_id}, {place.current}",
        remedy="look at what is current (`airdub release show`); clear this task if this run is "
        "to take its place",
    )


def _replaced(history: tuple[Entry, ...], release_id: str) -> str:
    """What was current before a release, as the history remembers it."""
    ids = [one.release_id for one in history]
    at = ids.index(release_id)
    return ids[at - 1] if at else ""
