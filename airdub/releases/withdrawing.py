"""Taking releases back: out of `current.json`, with a tombstone; their files stay as evidence."""

from __future__ import annotations

from airdub.errors import Conflict, InvalidInput
from airdub.releases.documents import Tombstone
from airdub.releases.keys import Place
from airdub.releases.objects import ObjectStore
from airdub.releases.pointer import Current, demoted, parse_current
from airdub.releases.verifying import read_tombstone

_TRIES = 20


def withdraw(
    objects: ObjectStore,
    place: Place,
    release_id: str,
    *,
    who: str,
    why: str,
    now: str,
    restore: bool = False,
) -> Current:
    """Withdraw a release for good; doing it again is fine, and keeps the first words.

    The tombstone comes first: whoever is killed after it finishes by doing it again, and no
    publisher can make the release current again once `current.json` names it as withdrawn.

    Args:
        now: the time, UTC, ISO 8601.
        restore: the release before takes its place; else nothing is current then.

    Returns:
        What is current now.

    Raises:
        InvalidInput: there is no such release, or who or why is missing.
        Conflict: publishers don't let go of `current.json`.
    """
    if not who.strip() or not why.strip():
        raise InvalidInput(
            "who withdraws it, and why, must be said",
            where=release_id,
            remedy="say it: it is kept with the release",
        )
    if not _is_known(objects, place, release_id):
        raise InvalidInput(
            "there is no such release",
            where=place.release(release_id),
            remedy="`airdub release list` shows all",
        )
    tombstone = Tombstone(
        release_id=release_id,
        title_id=place.title_id,
        language=place.language,
        who=who.strip(),
        why=why.strip(),
        withdrawn_at=now,
    )
    if not objects.put(place.tombstone(release_id), tombstone.to_json(), None):
        read_tombstone(objects, place, release_id)  # the first words hold, if they are words
    for _ in range(_TRIES):
        before = objects.read(place.current)
        current = parse_current(place, before)
        after = demoted(current, [release_id], restore=restore)
        if after == current or objects.put(place.current, after.to_json(), before):
            return after
    raise Conflict(
        "others keep changing what is current", where=place.current, remedy="withdraw it again"
    )


def _is_known(objects: ObjectStore, place: Place, release_id: str) -> bool:
    current = parse_current(place, objects.read(place.current))
    return current.entry(release_id) is not None or any(objects.sizes(place.release(release_id)))
