"""Comparing signals: level-free distance, alignment, speech envelope, lagged correlation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, correlate, sosfiltfilt

Series = NDArray[np.float64]

_LAG_STEP_S = 0.01
_ENVELOPE_HZ = 100


def si_sdr_db(estimate: Series, reference: Series) -> float:
    """Scale-invariant signal-to-distortion ratio (Le Roux et al. 2019, arXiv:1811.02508), dB.

    Args:
        estimate, reference: the same shape, (n,) or (n, channels); channels are scaled together.
    """
    a, b = estimate.ravel(), reference.ravel()
    scaled = b * (a @ b) / (b @ b)
    return float(10 * np.log10((scaled @ scaled) / max(float(np.sum((a - scaled) ** 2)), 1e-20)))


def best_lag(signal: Series, reference: Series, max_lag: int) -> int:
    """Samples by which `signal` is later than `reference` (both (n,)), within +-max_lag."""
    size = min(len(signal), len(reference))
    full = correlate(signal[:size], reference[:size], method="fft")
    middle = size - 1
    window = full[middle - max_lag : middle + max_lag + 1]
    return int(np.argmax(window)) - max_lag


def shifted(signal: Series, lag: int, length: int) -> Series:
    """`signal` (n, channels) moved `lag` samples later, cut or padded with zeros to `length`."""
    moved = np.zeros((length, *signal.shape[1:]))
    start, skip = max(lag, 0), max(-lag, 0)
    part = signal[skip : skip + length - start]
    moved[start : start + len(part)] = part
    return moved


def background_si_sdr_db(mix: Series, dialogue: Series, bed: Series) -> float:
    """How well a mix minus its dialogue matches a background, dB.

    The dialogue's gain is found per channel by least squares beside the bed's, so neither a static
    delivery gain nor a pan counts as a fault; what is in neither does.

    Args:
        mix, bed: (n, channels).
        dialogue: (n, channels) or (n, 1).
    """
    rest = np.empty_like(mix)
    for channel in range(mix.shape[1]):
        voice = dialogue[:, min(channel, dialogue.shape[1] - 1)]
        both = np.stack([voice, bed[:, channel]], axis=1)
        gains, *_ = np.linalg.lstsq(both, mix[:, channel], rcond=None)
        rest[:, channel] = mix[:, channel] - gains[0] * voice
    return si_sdr_db(rest, bed)


def speech_envelope(samples: Series, rate_hz: int) -> Series:
    """Log energy of the telephone band (200-3400 Hz) at 100 Hz, dB above a floor of -60 dB.

    Args:
        samples: (n,) mono.
    """
    band = butter(4, (200, 3400), btype="band", fs=rate_hz, output="sos")
    energy = sosfiltfilt(band, samples) ** 2
    step = rate_hz // _ENVELOPE_HZ
    window = np.ones(4 * step) / (4 * step)  # 40 ms
    smooth = correlate(energy, window, mode="same", method="fft")[::step]
    level = 10 * np.log10(np.maximum(smooth, 1e-12))
    return np.maximum(level - level.max(), -60.0) + 60.0


@dataclass(frozen=True)
class LaggedCorrelation:
    """Correlation of lips with sound over shifts of the sound.

    Attributes:
        peak_lag_ms: shift at which it is greatest; positive: the lips are late.
        peak: correlation there.
        null: greatest correlation at shifts of 0.3..1 s either way.
        frames: video frames that were used.
    """

    peak_lag_ms: float
    peak: float
    null: float
    frames: int

    @property
    def margin(self) -> float:
        """What the peak has over every wrong shift."""
        return self.peak - self.null


def without_drift(series: Series, window: int) -> Series:
    """A series minus its moving mean over `window` values; NaN stays NaN and counts nowhere."""
    seen = np.isfinite(series)
    ones = np.ones(min(window, len(series)))
    total = np.convolve(np.where(seen, series, 0.0), ones, mode="same")
    count = np.convolve(seen.astype(np.float64), ones, mode="same")
    return np.asarray(series - total / np.maximum(count, 1.0))


def lagged_correlation(
    opening: Series,
    times_s: Series,
    envelope: Series,
    *,
    max_lag_s: float = 1.0,
    drift_s: float | None = None,
) -> LaggedCorrelation:
    """Correlate a mouth's opening with a 100 Hz envelope shifted by -1..1 s.

    Args:
        opening: per frame; NaN where no mouth is seen.
        times_s: presentation time of each frame, on the envelope's clock.
        drift_s: what changes more slowly than this is taken from both: a measure that reads light
            drifts as a head turns.
    """
    if drift_s is not None:
        frames = round(drift_s * len(times_s) / max(float(times_s[-1] - times_s[0]), drift_s))
        opening = without_drift(opening, frames)
        envelope = without_drift(envelope, round(drift_s * _ENVELOPE_HZ))
    seen = np.isfinite(opening)
    lags = np.arange(-max_lag_s, max_lag_s + 1e-9, _LAG_STEP_S)
    clock = np.arange(len(envelope)) / _ENVELOPE_HZ
    values = [
        _correlation(opening[seen], np.interp(times_s[seen] - lag, clock, envelope)) for lag in lags
    ]
    at = int(np.argmax(values))
    wrong = np.abs(lags) >= 0.3 - 1e-9
    return LaggedCorrelation(
        peak_lag_ms=round(1000 * float(lags[at])),
        peak=float(values[at]),
        null=float(np.max(np.array(values)[wrong])),
        frames=int(seen.sum()),
    )


def _correlation(a: Series, b: Series) -> float:
    if len(a) < 3 or a.std() < 1e-9 or b.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])
