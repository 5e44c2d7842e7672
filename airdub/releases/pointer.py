"""Which release is current. Pure: what may follow what.

`current.json` remembers every release that was current, so that an older run never takes the place
of a newer one, not even of one that was withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError

from airdub.errors import Conflict, InvalidInput, PolicyRefused
from airdub.model import Document
from airdub.releases.keys import Place, checked_release_id
from airdub.releases.objects import Stored


class Entry(Document):
    """A release that is or was current.

    Attributes:
        sha256: of its `release.json`.
        judged_at: when its run was judged.
        published_at: when it became current first.
    """

    release_id: str
    sha256: str
    run_id: str
    attempt: int
    judged_at: str
    published_at: str

    @property
    def order(self) -> tuple[str, int]:
        """Later judgements are newer."""
        return self.judged_at, self.attempt


class Current(Document):
    """`current.json`.

    Attributes:
        release_id: of the current release; "" when there is none.
        history: every release that was ever current, in the order in which it became so.
        withdrawn: ids of releases that may not be current again.
    """

    title_id: str
    language: str
    release_id: str = ""
    history: tuple[Entry, ...] = ()
    withdrawn: tuple[str, ...] = ()

    def entry(self, release_id: str) -> Entry | None:
        """A release that is or was current."""
        return next((one for one in self.history if one.release_id == release_id), None)

    def state(self, release_id: str) -> str:
        """`current`, `replaced`, `withdrawn`, or `unpublished`."""
        if release_id in self.withdrawn:
            return "withdrawn"
        if release_id == self.release_id:
            return "current"
        return "replaced" if self.entry(release_id) else "unpublished"

    @property
    def previous(self) -> str:
        """The release that became current last before the current one and may be it again."""
        ids = [one.release_id for one in self.history if one.release_id not in self.withdrawn]
        before = ids[: ids.index(self.release_id)] if self.release_id in ids else ids
        return before[-1] if before else ""


def parse_current(place: Place, stored: Stored | None) -> Current:
    """The document as it was read; absent, nothing is current.

    Raises:
        InvalidInput: it is no such document.
    """
    if stored is None:
        return Current(title_id=place.title_id, language=place.language)
    try:
        current = Current.model_validate_json(stored.data)
        for one in (*(entry.release_id for entry in current.history), *current.withdrawn):
            checked_release_id(one)
    except (ValidationError, InvalidInput):
        raise InvalidInput(
            "it doesn't say which release is current",
            where=place.current,
            remedy="put back the version before it; the catalogue knows which release was current",
        ) from None
    return current


def promoted(current: Current, entry: Entry) -> Current:
    """The document with another release as the current one.

    Raises:
        PolicyRefused: that release was withdrawn.
        Conflict: a release of a newer run is or was current.
    """
    if entry.release_id in current.withdrawn:
        raise PolicyRefused(
            "this release was withdrawn",
            where=entry.release_id,
            remedy="`airdub release show` says why; dub the title anew",
        )
    if current.release_id == entry.release_id:
        return current
    newer = [one for one in current.history if one.order > entry.order]
    if newer:
        raise Conflict(
            f"a newer run was published: release {newer[-1].release_id} of run {newer[-1].run_id}",
            where=f"run {entry.run_id}",
            remedy="nothing: an older run never takes the place of a newer one",
        )
    others = tuple(one for one in current.history if one.release_id != entry.release_id)
    update = {"release_id": entry.release_id, "history": (*others, entry)}
    return current.model_copy(update=update)


def demoted(current: Current, release_ids: Iterable[str], *, restore: bool) -> Current:
    """The document without releases.

    Args:
        restore: the release before takes the place of the current one, if there is any; else
            nothing is current then.
    """
    gone = tuple(dict.fromkeys((*current.withdrawn, *release_ids)))
    after = current.model_copy(update={"withdrawn": gone})
    if current.release_id not in gone or not current.release_id:
        return after
    return after.model_copy(update={"release_id": after.previous if restore else ""})
