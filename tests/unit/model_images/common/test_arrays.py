"""Arrays come back, in bytes that depend on them alone."""

import numpy as np

from model_images.common.arrays import write_arrays


def test_arrays_come_back_in_the_same_bytes_whenever_they_are_written(tmp_path):
    arrays = {"b": np.arange(6, dtype=np.int16).reshape(2, 3), "a/points": np.array(0.5)}
    for name in ("one.npz", "two.npz"):
        write_arrays(tmp_path / name, arrays)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with np.load(tmp_path / "one.npz", allow_pickle=False) as archive:
        assert archive.files == ["b", "a/points"]
        for name, values in arrays.items():
            assert archive[name].dtype == values.dtype
            assert (archive[name] == values).all()
