"""The 18 numbers and lists by which an RVC checkpoint says how large its model is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

FRAME_RATE_HZ = 100
"""Frames of features and pitch a second."""


@dataclass(frozen=True)
class VoiceConfig:
    """Sizes of a synthesizer.

    Attributes:
        upsample_rates: their product is the number of samples of a frame.
        speaker_channels: of the vector that stands for a speaker.
    """

    channels: int
    hidden_channels: int
    filter_channels: int
    heads: int
    layers: int
    kernel_size: int
    block_kernels: tuple[int, ...]
    block_dilations: tuple[tuple[int, ...], ...]
    upsample_rates: tuple[int, ...]
    upsample_channels: int
    upsample_kernels: tuple[int, ...]
    speaker_channels: int
    sample_rate_hz: int

    @property
    def frame_samples(self) -> int:
        """Samples of a frame."""
        return math.prod(self.upsample_rates)

    @classmethod
    def parse(cls, listed: Any) -> VoiceConfig:
        """Read the list of a checkpoint, in the order of the official synthesizer's arguments.

        Raises:
            ValueError: it isn't such a list, or its sizes don't fit together; the message says why.
        """
        if not isinstance(listed, list) or len(listed) != 18:
            raise ValueError("its config is no list of 18 entries")
        (
            *_,  # size of the spectrum and of a training segment
            channels,
            hidden,
            filters,
            heads,
            layers,
            kernel,
            _dropout,
            block,
            kernels,
            dilations,
            rates,
            upsample_channels,
            upsample_kernels,
            _speakers,  # the official program counts the checkpoint's own
            speaker_channels,
            rate_hz,
        ) = listed
        if str(block) != "1":
            raise ValueError(f"its residual blocks are of kind {block!r}, not '1'")
        config = cls(
            *_counts(channels, hidden, filters, heads, layers, kernel),
            block_kernels=_counts(*kernels),
            block_dilations=tuple(_counts(*each) for each in dilations),
            upsample_rates=_counts(*rates),
            upsample_channels=_counts(upsample_channels)[0],
            upsample_kernels=_counts(*upsample_kernels),
            speaker_channels=_counts(speaker_channels)[0],
            sample_rate_hz=_counts(rate_hz)[0],
        )
        config._refuse_misfits()
        return config

    def _refuse_misfits(self) -> None:
        if self.frame_samples * FRAME_RATE_HZ != self.sample_rate_hz:
            raise ValueError(
                f"its upsampling by {list(self.upsample_rates)} doesn't make {FRAME_RATE_HZ} "
                f"frames a second at {self.sample_rate_hz} Hz"
            )
        if len(self.upsample_rates) != len(self.upsample_kernels):
            raise ValueError("it has not one upsampling kernel for each rate")
        if len(self.block_kernels) != len(self.block_dilations):
            raise ValueError("it has not one list of dilations for each kernel")
        upsampling = zip(self.upsample_rates, self.upsample_kernels, strict=True)
        if any(kernel < rate or (kernel - rate) % 2 for rate, kernel in upsampling):
            raise ValueError("an upsampling kernel doesn't suit its rate")
        if self.hidden_channels % self.heads or self.channels % 2:
            raise ValueError("its channels can't be divided among heads or halves")


def _counts(*values: Any) -> tuple[int, ...]:
    if not values or any(type(value) is not int or value < 1 for value in values):
        raise ValueError(f"{list(values)} of its config are no positive whole numbers")
    return values
