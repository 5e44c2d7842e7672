"""The picture stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from model_images.common.pictures import Picture, Planes
from model_images.lipsync.protocol import Edit, Range, Scene


class Untouched:
    """A `LipEngine` that changes nothing."""

    def plan(self, scene: Scene, usual: Range) -> Sequence[Edit]:
        """No edits."""
        return ()

    def render(
        self,
        pictures: Iterable[Picture],
        donors: Iterable[Picture],
        edits: Mapping[int, Sequence[Edit]],
        scratch: Path,
    ) -> Iterator[tuple[Picture, Planes]]:
        """Every picture as it is."""
        for picture in pictures:
            yield picture, picture.planes


def load() -> Untouched:
    """The engine."""
    return Untouched()
