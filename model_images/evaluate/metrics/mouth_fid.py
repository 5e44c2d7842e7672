"""Do mouths look like the source's mouths, as a whole?

Method: Frechet distance of Inception features of mouth crops, 64 x 64 pixels, upright by the eyes.
Crops of the deliverable's even seconds against the source's odd ones, less the source's own even
against its odd seconds: what remains is the dub's. Fewer than 2,048 crops on each side say nothing
of 2,048 features; of more than 4,096 an even choice is taken. Absent where the network isn't
installed.
Source: Heusel et al. 2017 (arXiv:1706.08500); network and weights of pytorch-fid.
Version 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from airdub.units import CLOCK_HZ
from model_images.common.landmarks import Landmarks
from model_images.evaluate.analysis.face_crops import CropPlan, crop, tracked_eyes
from model_images.evaluate.analysis.inception import (
    HOW_TO_GET,
    Features,
    Inception,
    Moments,
    Rgb,
    find_weights,
    frechet_distance,
)
from model_images.evaluate.analysis.picture import compare_pictures, films, paired, pictures_key
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured, Value

METHOD = "FID (pytorch-fid) of mouth crops, less that of the source's halves"
VERSION = "1"

LEAST_CROPS, MOST_CROPS = 2048, 4096
_CROP = CropPlan(eyes=64, width=64, height=64, x=32, y=-19)  # the mouth lies 0.8 below the eyes


def measure(evidence: Evidence) -> Measured:
    """Distance; about 0 for the source's own mouths."""
    report = evidence.once(compare_pictures)
    if report.unlike:
        return Measured(Absent(report.unlike))
    crops = sum(len(mouth.source) for mouth in report.mouths.values()) // 2
    if crops < LEAST_CROPS:
        return Measured(Absent(f"{crops} mouths for each side are fewer than {LEAST_CROPS}"))
    if find_weights() is None:
        return Measured(Absent(f"the Inception network isn't here: {HOW_TO_GET}"))
    key: dict[str, Any] = {"metric": METHOD, "version": VERSION, **pictures_key(evidence)}
    every = max(1, crops // MOST_CROPS)
    found = evidence.remember(
        key, lambda: list(mouth_distance(evidence, Inception().features, every=every))
    )
    return Measured(Value(float(found[0]), int(found[1])))


def mouth_distance(
    evidence: Evidence, features: Callable[[list[Rgb]], Features], *, every: int = 1
) -> tuple[float, int]:
    """The distance beyond the source's own, and the crops of the deliverable behind it.

    Args:
        every: how many frames apart the crops are.
    """
    dub, even, odd = (Moments(features) for _ in range(3))
    for is_odd, ours, shown in _crops(evidence, every):
        if is_odd:
            odd.add(ours)
        else:
            even.add(ours)
            dub.add(shown)
    reference = odd.finish()
    beyond = frechet_distance(dub.finish(), reference) - frechet_distance(even.finish(), reference)
    return beyond, dub.count


def _crops(evidence: Evidence, every: int) -> Iterator[tuple[bool, Rgb, Rgb]]:
    """Whether the second is odd, then a mouth of the source and what is shown in its place."""
    with Landmarks(evidence.path("landmarks")) as landmarks:
        faces = tracked_eyes(evidence.faces, landmarks)
    large = [face for face in faces if face.is_large_enough]
    for pair in paired(*evidence.once(films)):
        if pair.shown is None or pair.source.index % every:
            continue
        for face in large:
            matrix = face.matrix(pair.source.index, _CROP)
            if matrix is not None:
                is_odd = bool(pair.source.tick // CLOCK_HZ % 2)
                yield (
                    is_odd,
                    crop(pair.source.rgb, matrix, _CROP),
                    crop(pair.shown.rgb, matrix, _CROP),
                )
