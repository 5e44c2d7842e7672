"""What releases there are, as their store says it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from airdub.errors import InvalidInput
from airdub.releases.documents import Tombstone
from airdub.releases.keys import MANIFEST, ROOT, Place, checked_release_id
from airdub.releases.objects import ObjectStore
from airdub.releases.pointer import Current, Entry, parse_current
from airdub.releases.verifying import read_tombstone


@dataclass(frozen=True)
class Listed:
    """A release.

    Attributes:
        state: `current`, `replaced`, `withdrawn`, `unpublished` (whole, but never current) or
            `unfinished` (its publisher was killed, or is at work).
        entry: None of one that was never current.
        bytes: of all its files.
        tombstone: of a withdrawn one.
    """

    place: Place
    release_id: str
    state: str
    entry: Entry | None
    bytes: int
    tombstone: Tombstone | None


def current_release(objects: ObjectStore, place: Place) -> Entry | None:
    """The current release of a title in a language; None when there is none.

    Raises:
        InvalidInput: `current.json` isn't one.
    """
    current = parse_current(place, objects.read(place.current))
    return current.entry(current.release_id)


def list_releases(objects: ObjectStore, title_id: str = "", language: str = "") -> Iterator[Listed]:
    """Every release: of a title in a language, of a title, or all; title by title, newest first.

    Raises:
        InvalidInput: title or language isn't one.
    """
    prefix = ROOT
    if title_id:
        folder = Place(title_id, language or "und").folder
        prefix = folder if language else folder.rpartition("/")[0]
    found: defaultdict[Place, dict[str, list[tuple[str, int]]]] = defaultdict(dict)
    for place, release_id, name, size in _files(objects.sizes(prefix)):
        found[place].setdefault(release_id, []).append((name, size))
    for place in sorted(found, key=lambda one: (one.title_id, one.language)):
        current = parse_current(place, objects.read(place.current))
        yield from _of_dub(objects, current, place, found[place])


def _files(sizes: Iterable[tuple[str, int]]) -> Iterator[tuple[Place, str, str, int]]:
    """Place, release id, name and size of every file that belongs to a release."""
    for key, size in sizes:
        parts = key.split("/")
        try:
            _, title_id, language, release_id, name = parts
            yield Place(title_id, language), checked_release_id(release_id), name, size
        except (ValueError, InvalidInput):
            continue


def _of_dub(
    objects: ObjectStore, current: Current, place: Place, found: dict[str, list[tuple[str, int]]]
) -> Iterator[Listed]:
    order = {entry.release_id: at for at, entry in enumerate(current.history)}
    ids = {*found, *order, *current.withdrawn}
    for release_id in sorted(ids, key=lambda one: (-order.get(one, len(order)), one)):
        files = dict(found.get(release_id, ()))
        state = current.state(release_id)
        if state == "unpublished" and MANIFEST not in files:
            state = "unfinished"
        yield Listed(
            place=place,
            release_id=release_id,
            state=state,
            entry=current.entry(release_id),
            bytes=sum(files.values()),
            tombstone=read_tombstone(objects, place, release_id) if state == "withdrawn" else None,
        )
