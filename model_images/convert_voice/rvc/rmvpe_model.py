"""The network of RMVPE (Wei, Cao, Dan, Chen, Interspeech 2023): mel spectrogram to pitch salience.

A residual U-Net over time and frequency, then a recurrent layer. Names of modules are those of the
official checkpoint. Tensors are (1, channels, frames, bands).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

BANDS = 128
CLASSES = 360
FRAMES_MULTIPLE = 32
"""The U-Net halves the frames five times."""

_OUT = 3


@dataclass(frozen=True)
class Sizes:
    """How large the network is; the defaults are the official one's.

    Attributes:
        width: channels of the first level; each further one has twice as many.
    """

    blocks: int = 4
    levels: int = 5
    between: int = 4
    width: int = 16
    recurrent: int = 256

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor]) -> Sizes:
        """Those of a checkpoint.

        Raises:
            LookupError: it is of another network.
        """

        def count(prefix: str, place: int) -> int:
            names = [name for name in tensors if name.startswith(prefix)]
            return len({name.split(".")[place] for name in names})

        return cls(
            blocks=count("unet.encoder.layers.0.conv.", 5),
            levels=count("unet.encoder.layers.", 3),
            between=count("unet.intermediate.layers.", 3),
            width=tensors["cnn.weight"].shape[1],
            recurrent=tensors["fc.1.weight"].shape[1] // 2,
        )


class Network(nn.Module):
    """Salience of 360 pitches, 20 cents apart, in each frame."""

    def __init__(self, sizes: Sizes | None = None) -> None:
        super().__init__()
        sizes = sizes or Sizes()
        self.unet = _UNet(sizes)
        self.cnn = nn.Conv2d(sizes.width, _OUT, 3, padding=1)
        recurrent = _Recurrent(_OUT * BANDS, sizes.recurrent)
        self.fc = nn.Sequential(recurrent, nn.Linear(2 * sizes.recurrent, CLASSES))

    def forward(self, mel: Tensor) -> Tensor:
        """From (1, 128, frames), a multiple of 32 of them, to (1, frames, 360), 0..1."""
        seen = self.cnn(self.unet(mel.transpose(1, 2).unsqueeze(1)))
        return self.fc(seen.transpose(1, 2).flatten(2)).sigmoid()


class _Recurrent(nn.Module):
    def __init__(self, inner: int, width: int) -> None:
        super().__init__()
        self.gru = nn.GRU(inner, width, batch_first=True, bidirectional=True)

    def forward(self, rows: Tensor) -> Tensor:
        return self.gru(rows)[0]


class _UNet(nn.Module):
    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        widths = [sizes.width << n for n in range(sizes.levels)]
        self.encoder = _Encoder(widths, sizes.blocks)
        self.intermediate = _Intermediate(widths[-1], sizes)
        self.decoder = _Decoder(widths, sizes.blocks)

    def forward(self, seen: Tensor) -> Tensor:
        deepest, levels = self.encoder(seen)
        return self.decoder(self.intermediate(deepest), levels)


class _Encoder(nn.Module):
    def __init__(self, widths: list[int], blocks: int) -> None:
        super().__init__()
        self.bn = nn.BatchNorm2d(1)
        self.layers = nn.ModuleList(
            _Level(inner, outer, blocks)
            for inner, outer in zip([1, *widths[:-1]], widths, strict=True)
        )
        self._halve = nn.AvgPool2d(2)

    def forward(self, seen: Tensor) -> tuple[Tensor, list[Tensor]]:
        seen, levels = self.bn(seen), []
        for layer in self.layers:
            levels.append(layer(seen))
            seen = self._halve(levels[-1])
        return seen, levels


class _Level(nn.Module):
    def __init__(self, inner: int, outer: int, blocks: int) -> None:
        super().__init__()
        self.conv = _chain(inner, outer, blocks)

    def forward(self, seen: Tensor) -> Tensor:
        for block in self.conv:
            seen = block(seen)
        return seen


class _Intermediate(nn.Module):
    def __init__(self, deepest: int, sizes: Sizes) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            _Level(deepest if n == 0 else 2 * deepest, 2 * deepest, sizes.blocks)
            for n in range(sizes.between)
        )

    def forward(self, seen: Tensor) -> Tensor:
        for layer in self.layers:
            seen = layer(seen)
        return seen


class _Decoder(nn.Module):
    def __init__(self, widths: list[int], blocks: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Up(width, blocks) for width in reversed(widths))

    def forward(self, seen: Tensor, levels: list[Tensor]) -> Tensor:
        for layer, level in zip(self.layers, reversed(levels), strict=True):
            seen = layer(seen, level)
        return seen


class _Up(nn.Module):
    def __init__(self, width: int, blocks: int) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(
            nn.ConvTranspose2d(2 * width, width, 3, 2, padding=1, output_padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
        )
        self.conv2 = _chain(2 * width, width, blocks)

    def forward(self, seen: Tensor, level: Tensor) -> Tensor:
        seen = torch.cat((self.conv1(seen), level), dim=1)
        for block in self.conv2:
            seen = block(seen)
        return seen


class _Residual(nn.Module):
    def __init__(self, inner: int, outer: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(inner, outer, 3, padding=1, bias=False),
            nn.BatchNorm2d(outer),
            nn.ReLU(),
            nn.Conv2d(outer, outer, 3, padding=1, bias=False),
            nn.BatchNorm2d(outer),
            nn.ReLU(),
        )
        if inner != outer:
            self.shortcut = nn.Conv2d(inner, outer, 1)

    def forward(self, seen: Tensor) -> Tensor:
        return self.conv(seen) + (self.shortcut(seen) if hasattr(self, "shortcut") else seen)


def _chain(inner: int, outer: int, blocks: int) -> nn.ModuleList:
    return nn.ModuleList(_Residual(inner if n == 0 else outer, outer) for n in range(blocks))
