"""The hidden sound of anybody to that of one speaker: RVC's `flow`, run backwards.

Additive coupling layers (Dinh, Sohl-Dickstein, Bengio 2017) around WaveNets that know the speaker.
Names of modules are those of the official checkpoints, whose weight norms are folded
(`checkpoint.fold`). Tensors are (1, channels, frames).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from model_images.convert_voice.rvc.config import VoiceConfig

_COUPLINGS, _LAYERS, _KERNEL = 4, 3, 5


class Flow(nn.Module):
    """Four couplings; between them the channels are turned round."""

    def __init__(self, config: VoiceConfig) -> None:
        super().__init__()
        self.flows = nn.ModuleList()
        for _ in range(_COUPLINGS):
            self.flows += [_Coupling(config), nn.Identity()]  # where the official one turns

    def forward(self, hidden: Tensor, speaker: Tensor) -> Tensor:
        """Backwards; the speaker is (1, speaker channels, 1)."""
        for coupling in reversed(self.flows[::2]):
            hidden = coupling(hidden.flip(1), speaker)
        return hidden


class _Coupling(nn.Module):
    def __init__(self, config: VoiceConfig) -> None:
        super().__init__()
        half, width = config.channels // 2, config.hidden_channels
        self.pre = nn.Conv1d(half, width, 1)
        self.enc = _WaveNet(width, config.speaker_channels)
        self.post = nn.Conv1d(width, half, 1)

    def forward(self, hidden: Tensor, speaker: Tensor) -> Tensor:
        known, moved = hidden.chunk(2, dim=1)
        return torch.cat((known, moved - self.post(self.enc(self.pre(known), speaker))), dim=1)


class _WaveNet(nn.Module):
    def __init__(self, width: int, speaker_channels: int) -> None:
        super().__init__()
        last = _LAYERS - 1
        self.cond_layer = nn.Conv1d(speaker_channels, 2 * width * _LAYERS, 1)
        self.in_layers = nn.ModuleList(
            nn.Conv1d(width, 2 * width, _KERNEL, padding=_KERNEL // 2) for _ in range(_LAYERS)
        )
        self.res_skip_layers = nn.ModuleList(
            nn.Conv1d(width, width if n == last else 2 * width, 1) for n in range(_LAYERS)
        )

    def forward(self, hidden: Tensor, speaker: Tensor) -> Tensor:
        total = torch.zeros_like(hidden)
        conditions = self.cond_layer(speaker).chunk(_LAYERS, dim=1)
        for condition, enter, leave in zip(
            conditions, self.in_layers, self.res_skip_layers, strict=True
        ):
            level, gate = (enter(hidden) + condition).chunk(2, dim=1)
            out = leave(level.tanh() * gate.sigmoid())
            if out.shape[1] > hidden.shape[1]:  # all but the last
                step, out = out.chunk(2, dim=1)
                hidden = hidden + step
            total = total + out
        return total
