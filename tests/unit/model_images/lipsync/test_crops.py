"""Crops come back as they were put, and their file goes away."""

import numpy as np
import pytest

from model_images.lipsync.crops import CropStore
from model_images.lipsync.patches import Rectangle


def test_crops_of_several_faces(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "donors.yuv"
    kept = {}
    with CropStore(path) as store:
        for number in range(20):
            width, height = (int(v) * 2 for v in rng.integers(3, 12, 2))
            shapes = [(height, width), (height // 2, width // 2), (height // 2, width // 2)]
            parts = tuple(rng.integers(0, 256, shape, np.uint8) for shape in shapes)
            key = (number // 2, f"face_{number % 2}")
            kept[key] = (Rectangle(number, 0, number + width, height), parts)
            store.put(key, *kept[key])
        for key in reversed(kept):
            rectangle, parts = store.get(key)
            assert rectangle == kept[key][0]
            assert all(map(np.array_equal, parts, kept[key][1]))
        with pytest.raises(KeyError):
            store.get((99, "face_1"))
    assert not path.exists()
