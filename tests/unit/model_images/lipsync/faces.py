"""A drawn face whose landmarks are known exactly."""

import cv2
import numpy as np

from model_images.common.landmarks import INNER_LIPS, KEPT, LOWER_FACE, OUTER_LIPS, RIGID, rows
from model_images.common.pictures import Layout, Planes

SIZE = 240
LAYOUT = Layout(SIZE, SIZE, "yuv420p")
MOUTH = np.array([120.0, 165.0])
HALF_WIDTH = 26.0
EYES_APART = 100.0


def _ring(count: int, half_width: float, up: float, down: float, start: float) -> np.ndarray:
    """Points round the mouth, from the right corner along the lower lip and back."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False) + start
    y = np.where(np.sin(angle) > 0, down, up) * np.sin(angle)
    return np.column_stack([-half_width * np.cos(angle), y]) + MOUTH


def points(gap: float, shift: tuple[float, float] = (0, 0)) -> np.ndarray:
    """Kept landmarks of a face with this distance of the inner lips, pixels."""
    kept = np.zeros((len(KEPT), 2))
    outline = np.linspace(0, 2 * np.pi, len(LOWER_FACE), endpoint=False) - np.pi / 2
    kept[rows(LOWER_FACE), 0] = 120 + 58 * np.cos(outline)
    kept[rows(LOWER_FACE), 1] = 175 + 45 * np.sin(outline)
    kept[rows(OUTER_LIPS)] = _ring(20, HALF_WIDTH, 8 + gap / 2, 8 + gap / 2, 0)
    kept[rows(INNER_LIPS)] = _ring(20, HALF_WIDTH - 4, gap / 2, gap / 2, 0)
    places = {33: (70, 90), 263: (170, 90), 133: (105, 90), 362: (135, 90), 168: (120, 88),
              6: (120, 96), 197: (120, 104), 195: (120, 112), 5: (120, 120), 4: (120, 128),
              127: (58, 100), 356: (182, 100), 9: (120, 78), 8: (120, 82)}  # fmt: skip
    assert set(places) == set(RIGID)
    for number, place in places.items():
        kept[rows((number,))[0]] = place
    kept[rows((2,))[0]] = (120, 135)
    kept[rows((152,))[0]] = (120, 222)
    return (kept + shift).astype(np.float32)


def picture(gap: float, shift: tuple[int, int] = (0, 0), brightness: int = 0) -> Planes:
    """The face's planes: skin with some texture, lips, teeth above and dark below."""
    y, x = np.mgrid[:SIZE, :SIZE]
    luma = 150 + 10 * np.sin(x / 9) * np.cos(y / 11)
    cb, cr = np.full((SIZE, SIZE), 115.0), np.full((SIZE, SIZE), 145.0)
    kept = points(gap)
    for numbers, tone in ((OUTER_LIPS, (105, 118, 165)), (INNER_LIPS, (40, 125, 135))):
        mask = np.zeros((SIZE, SIZE), np.uint8)
        outline = np.round(kept[rows(numbers)] * 16).astype(np.int32)
        cv2.fillPoly(mask, [outline], 255, cv2.LINE_AA, shift=4)
        share = mask / 255.0
        luma, cb, cr = (
            plane + share * (value - plane)
            for plane, value in zip((luma, cb, cr), tone, strict=True)
        )
    moved = [np.roll(plane, (shift[1], shift[0]), (0, 1)) for plane in (luma + brightness, cb, cr)]
    u, v = (cv2.resize(p, (SIZE // 2, SIZE // 2), interpolation=cv2.INTER_AREA) for p in moved[1:])
    first, second, third = (np.clip(np.round(p), 0, 255).astype(np.uint8) for p in (moved[0], u, v))
    return first, second, third


def dark_gap(luma: np.ndarray, shift: tuple[int, int] = (0, 0)) -> float:
    """Height in pixels of the dark between the lips, at the mouth's middle."""
    column = luma[130:210, 118 + shift[0] : 123 + shift[0]].astype(float).mean(axis=1)
    return float(np.clip((105 - column) / 65, 0, 1).sum())
