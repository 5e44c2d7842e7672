"""Do the lips follow the sound? Measured on a finished file, by a method that drives no lips.

    python -m tests.media.lip_check VIDEO [SOUND.wav]

How open the mouth is comes from optical flow: how far the lower lip and the chin move away from
the upper lip, summed up over time. Faces are only aligned by the eyes (BlazeFace); the mesh
network, from which lip-sync takes its openings, is not used. Against that network's opening the
flow's correlates with 0.79 - 0.88 on real clips.

The sound is the log loudness of 200 - 3400 Hz. Both are freed of what is slower than a second and
correlated at every lag. The answer, as JSON:

* `peak`, `peak_lag_ms`: greatest correlation within 250 ms, and where (positive: lips come later);
* `null`: greatest correlation at any shift of 0.3 - 1 s either way; `margin` is peak minus null.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from model_images.common.face_mesh import FaceMesh
from tests.media.pictures import frames

Series = NDArray[np.float64]

STEP_HZ = 100
_EYES_APART, _SIZE = 80, (160, 180)  # of the aligned face, pixels
_UPPER_LIP = (slice(60, 84), slice(60, 100))
_LOWER_LIP = (slice(100, 120), slice(62, 98))
_CHIN = (slice(120, 150), slice(62, 98))
_LEAK = 0.95  # per frame at 30 fps: forgets what the flow's errors add up to
_RANGE_DB = 45.0  # below the loudest is silence
_SLOW_S = 1.2


def lip_check(video: Path, sound: Path | None = None) -> dict[str, float]:
    """Peak, lag and margin of mouth opening against the sound (default: the file's first track).

    Raises:
        ValueError: no face is seen, or less than 2.5 s.
    """
    times, opening = mouth_opening(video)
    loudness = log_envelope(sound or video)
    clock = np.arange(times[0], times[-1], 1 / STEP_HZ)
    if len(clock) < 2.5 * STEP_HZ:
        raise ValueError(f"{video}: {len(clock) / STEP_HZ:.1f} s are too short to tell")
    heard = np.interp(clock, np.arange(len(loudness)) / STEP_HZ, loudness)
    return compare(np.interp(clock, times, opening), heard)


def compare(opening: Series, loudness: Series) -> dict[str, float]:
    """The check's answer for two series at 100 Hz of equal length."""
    a, b = _fast_part(opening), _fast_part(loudness)
    lags = np.arange(-STEP_HZ, STEP_HZ + 1)
    found = np.array([_correlation(a, b, int(lag)) for lag in lags])
    near, far = np.abs(lags) <= STEP_HZ // 4, np.abs(lags) >= 3 * STEP_HZ // 10
    best = int(np.flatnonzero(near)[found[near].argmax()])
    null = float(found[far].max())
    return {
        "peak_lag_ms": int(lags[best]) * 1000 // STEP_HZ,
        "peak": round(float(found[best]), 3),
        "null": round(null, 3),
        "margin": round(float(found[best]) - null, 3),
    }


def mouth_opening(video: Path) -> tuple[Series, Series]:
    """Seconds since the first frame, and how open the mouth is (arbitrary unit), (frames,)."""
    eyes = _eyes(picture for _, picture in frames(video))
    times, faces = [], []
    for (time_s, picture), pair in zip(frames(video), eyes, strict=True):
        times.append(time_s)
        faces.append(_aligned(picture, pair))
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    opening = [0.0]
    for before, after in pairwise(faces):
        down = flow.calc(before, after, None)[..., 1]
        apart = (down[_LOWER_LIP].mean() + down[_CHIN].mean()) / 2 - down[_UPPER_LIP].mean()
        opening.append(_LEAK * opening[-1] + float(apart))
    return np.array(times) - times[0], np.array(opening)


def log_envelope(path: Path) -> Series:
    """Loudness of the speech band in dB at 100 Hz, from the start of the file's picture."""
    samples = np.concatenate(list(_mono_16k(path)))
    band = signal.butter(2, (200, 3400), "bandpass", fs=16_000, output="sos")
    filtered = signal.sosfiltfilt(band, samples)
    blocks = filtered[: len(filtered) // 160 * 160].reshape(-1, 160)
    level = 10 * np.log10((blocks**2).mean(axis=1) + 1e-12)
    return np.maximum(level, level.max() - _RANGE_DB)


def _mono_16k(path: Path) -> Iterator[Series]:
    with av.open(str(path)) as container:
        pictures = container.streams.video
        start = float(pictures[0].start_time * pictures[0].time_base) if pictures else 0.0
        resampler = av.AudioResampler("flt", "mono", 16_000)
        first = True
        for frame in container.decode(audio=0):
            for piece in resampler.resample(frame):
                samples = piece.to_ndarray()[0].astype(np.float64)
                if first:  # the picture's first frame is time 0
                    early = round((start - frame.time) * 16_000)
                    samples = samples[early:] if early > 0 else np.pad(samples, (-early, 0))
                    first = False
                yield samples


def _eyes(pictures: Iterable[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """Right and left eye of the best face of each picture, (frames, 2, 2), smoothed."""
    detector, found = FaceMesh(), []
    for picture in pictures:
        hits = detector.detect(picture)
        found.append([hits[0].right_eye, hits[0].left_eye] if hits else None)
    known = [pair for pair in found if pair]
    if not known:
        raise ValueError("no face is seen")
    last, filled = known[0], []
    for pair in found:
        last = pair or last
        filled.append(last)
    return ndimage.gaussian_filter1d(np.array(filled, np.float64), 1.0, axis=0)


def _aligned(picture: NDArray[np.uint8], eyes: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The face in grey, eyes level and in the same places."""
    apart = eyes[1] - eyes[0]
    distance = max(float(np.hypot(*apart)), 1e-6)
    cos, sin = _EYES_APART / distance * apart / distance
    turn = np.array([[cos, sin], [-sin, cos]])
    matrix = np.column_stack([turn, np.array([80.0, 20.0]) - turn @ eyes.mean(axis=0)])
    face = cv2.warpAffine(picture, matrix, _SIZE, borderMode=cv2.BORDER_REPLICATE)
    return cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)


def _fast_part(values: Series) -> Series:
    return values - ndimage.uniform_filter1d(values, round(_SLOW_S * STEP_HZ))


def _correlation(a: Series, b: Series, lag: int) -> float:
    """Correlation of a with b moved later by `lag`."""
    x, y = (a[lag:], b[: len(b) - lag]) if lag >= 0 else (a[:lag], b[-lag:])
    return float(np.corrcoef(x, y)[0, 1])


if __name__ == "__main__":
    paths = [Path(argument) for argument in sys.argv[1:]]
    print(json.dumps(lip_check(*paths)))
