"""Channels of a stem fitted to the original's. Files are in the order FL FR FC LFE BL BR."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from airdub.errors import InvalidInput
from model_images.common.pcm import Samples, dialogue_channels

_AT_3_DB = 0.5**0.5
_TO_STEREO = np.array(
    [[1, 0], [0, 1], [_AT_3_DB, _AT_3_DB], [0, 0], [_AT_3_DB, 0], [0, _AT_3_DB]], np.float32
)  # ITU-R BS.775-3, table 2; the LFE is left out


def matched(
    blocks: Iterable[Samples], given: int, wanted: int, place: str, *, is_dialogue: bool
) -> Iterator[Samples]:
    """Blocks with `given` channels as blocks with `wanted`.

    Raises:
        InvalidInput: there is no fair way to do it; raised at once, before any block is read.
    """
    matrix = matching_matrix(given, wanted, is_dialogue=is_dialogue)
    if matrix is None:
        raise InvalidInput(
            f"it has {given} channels, the video's sound {wanted}",
            where=place,
            remedy=f"give a stem of {wanted} channels",
        )
    if given == wanted:
        return iter(blocks)
    return (block @ matrix for block in blocks)


def matching_matrix(given: int, wanted: int, *, is_dialogue: bool) -> NDArray[np.float32] | None:
    """(given, wanted) gains, or None.

    Mono goes to both sides of stereo at unity, mono dialogue into the centre of surround; stereo
    and 5.1 fold down. A narrow music-and-effects stem can't fill surround channels.
    """
    if given == wanted:
        return np.eye(given, dtype=np.float32)
    if given == 1 and (wanted == 2 or is_dialogue):
        row = np.zeros((1, wanted), np.float32)
        row[0, dialogue_channels(wanted)] = 1
        return row
    if given == 2 and wanted == 1:
        return np.full((2, 1), 0.5, np.float32)
    if given == 6 and wanted == 2:
        return _TO_STEREO
    if given == 6 and wanted == 1:
        return _TO_STEREO.mean(axis=1, keepdims=True)
    return None
