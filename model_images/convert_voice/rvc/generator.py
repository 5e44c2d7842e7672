"""The hidden sound and an excitation to sound: RVC's `dec`.

A HiFi-GAN generator (Kong, Kim, Bae 2020) with a harmonic source (NSF: Wang, Takaki, Yamagishi
2019). Names of modules are those of the official checkpoints, whose weight norms are folded
(`checkpoint.fold`). Tensors are (1, channels, frames or samples).
"""

from __future__ import annotations

import math

from torch import Tensor, nn
from torch.nn import functional

from model_images.convert_voice.rvc.config import VoiceConfig

_SLOPE, _LAST_SLOPE = 0.1, 0.01
_EDGE_KERNEL = 7


class Generator(nn.Module):
    """Upsamples frames to samples, stage by stage, adding the excitation at each."""

    def __init__(self, config: VoiceConfig) -> None:
        super().__init__()
        widths = [config.upsample_channels >> n for n in range(len(config.upsample_rates) + 1)]
        self._kinds = len(config.block_kernels)
        self.m_source = _Source()
        self.conv_pre = _same(config.channels, widths[0], _EDGE_KERNEL)
        self.cond = nn.Conv1d(config.speaker_channels, widths[0], 1)
        self.ups, self.noise_convs, self.resblocks = (nn.ModuleList() for _ in range(3))
        stages = zip(config.upsample_rates, config.upsample_kernels, strict=True)
        for n, (rate, kernel) in enumerate(stages):
            self.ups.append(
                nn.ConvTranspose1d(
                    widths[n], widths[n + 1], kernel, rate, padding=(kernel - rate) // 2
                )
            )
            self.noise_convs.append(_down(widths[n + 1], config.upsample_rates[n + 1 :]))
            for size, dilations in zip(config.block_kernels, config.block_dilations, strict=True):
                self.resblocks.append(_Residual(widths[n + 1], size, dilations))
        self.conv_post = _same(widths[-1], 1, _EDGE_KERNEL, bias=False)

    def forward(self, hidden: Tensor, excitation: Tensor, speaker: Tensor) -> Tensor:
        """From (1, channels, frames), (1, 1, samples), (1, speaker channels, 1) to (1, 1, samples).

        Returns:
            Full scale +-1.
        """
        source = self.m_source(excitation)
        sound = self.conv_pre(hidden) + self.cond(speaker)
        for n, (up, down) in enumerate(zip(self.ups, self.noise_convs, strict=True)):
            sound = up(functional.leaky_relu(sound, _SLOPE)) + down(source)
            blocks = self.resblocks[n * self._kinds : (n + 1) * self._kinds]
            total = blocks[0](sound)
            for block in blocks[1:]:
                total += block(sound)
            sound = total / self._kinds
        return self.conv_post(functional.leaky_relu(sound, _LAST_SLOPE)).tanh()


class _Source(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.l_linear = nn.Linear(1, 1)  # of one harmonic

    def forward(self, excitation: Tensor) -> Tensor:
        return self.l_linear(excitation.transpose(1, 2)).tanh().transpose(1, 2)


class _Residual(nn.Module):
    def __init__(self, width: int, kernel: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(_same(width, width, kernel, by) for by in dilations)
        self.convs2 = nn.ModuleList(_same(width, width, kernel) for _ in dilations)

    def forward(self, sound: Tensor) -> Tensor:
        for first, second in zip(self.convs1, self.convs2, strict=True):
            inner = first(functional.leaky_relu(sound, _SLOPE))
            sound = sound + second(functional.leaky_relu(inner, _SLOPE))
        return sound


def _same(
    inner: int, outer: int, kernel: int, dilation: int = 1, *, bias: bool = True
) -> nn.Conv1d:
    padding = (kernel - 1) * dilation // 2
    return nn.Conv1d(inner, outer, kernel, padding=padding, dilation=dilation, bias=bias)


def _down(width: int, rates: tuple[int, ...]) -> nn.Conv1d:
    """The excitation at the rate of a stage that so many upsamplings follow."""
    stride = math.prod(rates)
    if stride == 1:
        return nn.Conv1d(1, width, 1)
    return nn.Conv1d(1, width, 2 * stride, stride, padding=stride // 2)
