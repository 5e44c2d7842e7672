"""Patches of Y, U and V as blue, green and red, and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from model_images.common.pictures import Picture
from model_images.lipsync.encode import ColourTags
from model_images.lipsync.patches import Patch

Bgr = NDArray[np.float32]
"""(height, width, 3): blue, green, red, 0..255."""

_BT709, _UNSPECIFIED, _BT2020 = 1, 2, (9, 10)
_HD_LINES = 720
_FULL = int(av.video.reformatter.ColorRange.JPEG)


@dataclass(frozen=True)
class Colours:
    """How a picture's numbers are colours (ITU-R BT.601, 709 or 2020).

    Attributes:
        red, blue: their share in luma.
        full: numbers go from 0 to 255; else from 16 to 235, and 240 for colour.
    """

    red: float
    blue: float
    full: bool

    @classmethod
    def of(cls, picture: Picture) -> Colours:
        """A picture's; one that doesn't say it has those of its size, as players take it."""
        tags = ColourTags.of(picture)
        hd = tags.matrix == _UNSPECIFIED and picture.layout.height >= _HD_LINES
        red, blue = (0.299, 0.114)
        if tags.matrix == _BT709 or hd:
            red, blue = (0.2126, 0.0722)
        elif tags.matrix in _BT2020:
            red, blue = (0.2627, 0.0593)
        return cls(red, blue, tags.range == _FULL)

    def bgr(self, patch: Patch) -> Bgr:
        """A patch's colours."""
        seen = cv2.transform(patch.astype(np.float32), self._to_bgr[:3].astype(np.float32))
        return np.clip(seen, 0, 255)

    def patch(self, bgr: Bgr) -> Patch:
        """Colours as the picture's numbers."""
        back = np.linalg.inv(self._to_bgr)[:3].astype(np.float32)
        return np.clip(np.rint(cv2.transform(bgr, back)), 0, 255).astype(np.uint8)

    @cached_property
    def _to_bgr(self) -> NDArray[np.float64]:
        """(4, 4): from (Y, U, V, 1) to (B, G, R, 1)."""
        black, luma, chroma = (0, 255, 255) if self.full else (16, 219, 224)
        level = np.diag([255 / luma, 255 / chroma, 255 / chroma, 1.0])
        shift = np.eye(4)
        shift[:3, 3] = -black, -128, -128
        green = 1 - self.red - self.blue
        u, v = 2 * (1 - self.blue), 2 * (1 - self.red)
        mixed = np.eye(4)
        mixed[:3, :3] = [
            [1, u, 0],
            [1, -u * self.blue / green, -v * self.red / green],
            [1, 0, v],
        ]
        return mixed @ level @ shift
