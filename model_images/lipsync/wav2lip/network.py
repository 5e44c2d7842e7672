"""The generator of Wav2Lip (Prajwal et al., A Lip Sync Expert Is All You Need, ACM MM 2020).

A face and a fifth of a second of sound go in, the face that says it comes out. Names of its parts
are those of public checkpoints.
"""

from __future__ import annotations

import torch
from torch import nn

WIDTH = 16
"""Channels of the first layer in public checkpoints; all others are multiples of them."""

SIZE = 96
"""Pixels of a face's side."""

Steps = int | tuple[int, int]


class Block(nn.Module):
    """Convolution, normalization, ReLU; the input may be added before it."""

    def __init__(
        self, given: int, made: int, kernel: int = 3, stride: Steps = 1, padding: int = 1
    ) -> None:
        super().__init__()
        convolution = nn.Conv2d(given, made, kernel, stride, padding)
        self.conv_block = nn.Sequential(convolution, nn.BatchNorm2d(made))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, given, rows, columns) to (batch, made, ...)."""
        return torch.relu(self.conv_block(x))


class Residual(Block):
    """A block that adds what it was given."""

    def __init__(self, width: int) -> None:
        super().__init__(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Shape stays."""
        return torch.relu(self.conv_block(x) + x)


class Wider(nn.Module):
    """A transposed convolution, normalization, ReLU: from a single place to 3 x 3, else doubled."""

    def __init__(self, given: int, made: int, *, first: bool) -> None:
        super().__init__()
        convolution = (
            nn.ConvTranspose2d(given, made, 3)
            if first
            else nn.ConvTranspose2d(given, made, 3, 2, 1, output_padding=1)
        )
        self.conv_block = nn.Sequential(convolution, nn.BatchNorm2d(made))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, given, rows, columns) to (batch, made, ...)."""
        return torch.relu(self.conv_block(x))


class Wav2LipNetwork(nn.Module):
    """The generator.

    Args:
        width: channels of the first layer; tests take fewer than public checkpoints have.
    """

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.face_encoder_blocks = nn.ModuleList(_face_encoder(width))
        self.audio_encoder = nn.Sequential(*_audio_encoder(width))
        self.face_decoder_blocks = nn.ModuleList(_face_decoder(width))
        self.output_block = nn.Sequential(
            Block(5 * width, 2 * width), nn.Conv2d(2 * width, 3, 1), nn.Sigmoid()
        )

    def forward(self, mel: torch.Tensor, faces: torch.Tensor) -> torch.Tensor:
        """New faces.

        Args:
            mel: (batch, 1, 80, 16), -4..4.
            faces: (batch, 6, 96, 96), 0..1: BGR with the lower half black, then BGR as it is.

        Returns:
            (batch, 3, 96, 96), 0..1, BGR.
        """
        seen = []
        x = faces
        for block in self.face_encoder_blocks:
            x = block(x)
            seen.append(x)
        x = self.audio_encoder(mel)
        for block in self.face_decoder_blocks:
            x = torch.cat((block(x), seen.pop()), dim=1)
        made: torch.Tensor = self.output_block(x)
        return made


def _face_encoder(width: int) -> list[nn.Sequential]:
    """96 x 96 pixels to a single place."""
    blocks = [nn.Sequential(Block(6, width, 7, 1, 3))]
    for level, residuals in enumerate((2, 3, 2, 2, 1)):
        given, made = width << level, width << level + 1
        more = (Residual(made) for _ in range(residuals))
        blocks.append(nn.Sequential(Block(given, made, stride=2), *more))
    deep = 32 * width
    return [*blocks, nn.Sequential(Block(deep, deep, padding=0), Block(deep, deep, 1, padding=0))]


def _audio_encoder(width: int) -> list[Block]:
    """80 bands x 16 steps to a single place."""
    blocks: list[Block] = [Block(1, 2 * width), Residual(2 * width), Residual(2 * width)]
    strides: tuple[tuple[Steps, int], ...] = (((3, 1), 2), (3, 2), ((3, 2), 1))
    for level, (stride, residuals) in enumerate(strides, 1):
        given, made = width << level, width << level + 1
        blocks.append(Block(given, made, stride=stride))
        blocks += [Residual(made) for _ in range(residuals)]
    deep = 32 * width
    return [*blocks, Block(deep // 2, deep, padding=0), Block(deep, deep, 1, padding=0)]


def _face_decoder(width: int) -> list[nn.Sequential]:
    """A single place to 96 x 96; each block but the first sees what the encoder saw there."""
    seen, made = (32, 32, 16, 8, 4, 2), (32, 32, 32, 24, 16, 8, 4)
    blocks = [nn.Sequential(Block(made[0] * width, made[0] * width, 1, padding=0))]
    for level, beside in enumerate(seen):
        given, wide = (made[level] + beside) * width, made[level + 1] * width
        more = (Residual(wide) for _ in range(1 if level == 0 else 2))
        blocks.append(nn.Sequential(Wider(given, wide, first=level == 0), *more))
    return blocks
