"""Which files of a listing are a video, which lie beside it, and which lie alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from airdub.library.beside import endings_of
from airdub.library.files import Entry, Unlisted, begin_of, is_video


@dataclass(frozen=True)
class Candidate:
    """A video and what lies beside it, by ending."""

    video: Entry
    beside: dict[str, Entry] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, Entry]:
        """All of them by ending; the video's is ""."""
        return {"": self.video, **self.beside}

    @property
    def bytes(self) -> int:
        """Of all of them."""
        return sum(entry.bytes for entry in self.files.values())

    @property
    def stamp(self) -> str:
        """Another one as soon as one of them was written, comes or goes."""
        stamps = sorted(f"{entry.location}\0{entry.stamp}" for entry in self.files.values())
        return hashlib.sha256("\0".join(stamps).encode()).hexdigest()


@dataclass(frozen=True)
class Orphan:
    """A file that would lie beside a video that isn't there."""

    entry: Entry


Found = Candidate | Orphan | Unlisted


def find(listed: Iterable[Entry | Unlisted]) -> Iterator[Found]:
    """Put a listing's files together.

    A video and what lies beside it have the same name up to its first dot, and in a listing only
    folders whose names begin so too (`film.extras/`) lie between such files. So no more is held at
    once than those files, of one folder and of the folders around it.
    """
    held: dict[str, list[Entry]] = {}
    for one in listed:
        if isinstance(one, Unlisted):
            yield one
            continue
        for begin in [begin for begin in held if not one.location.startswith(begin)]:
            yield from _matched(held.pop(begin))
        held.setdefault(_begin(one), []).append(one)
    for together in held.values():
        yield from _matched(together)


def _begin(entry: Entry) -> str:
    """Folder and name up to the first dot."""
    return entry.location.removesuffix(entry.name) + begin_of(entry.name)


def _matched(entries: list[Entry]) -> Iterator[Found]:
    videos = [one for one in entries if is_video(one.name)]
    stems = {video.name.rpartition(".")[0] for video in videos}
    beside: dict[str, dict[str, Entry]] = {stem: {} for stem in stems}
    for entry in entries:
        if is_video(entry.name):
            continue
        places = [(stem, ending) for stem, ending in endings_of(entry.name) if stem in stems]
        for stem, ending in places:
            beside[stem][ending] = entry
        if not places:
            yield Orphan(entry)
    for video in videos:
        yield Candidate(video, beside[video.name.rpartition(".")[0]])
