"""What is said and how high, to the distribution of a hidden sound: RVC's `enc_p`.

A transformer with relative positions (Shaw, Uszkoreit, Vaswani 2018, as in VITS: Kim, Kong, Son
2021). Names of modules are those of the official checkpoints. Tensors are (1, channels, frames).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from model_images.convert_voice.rvc.config import VoiceConfig

COARSE_PITCHES = 256
_WINDOW = 10  # frames to either side that have a position of their own
_SLOPE = 0.1


class ContentEncoder(nn.Module):
    """Mean and log deviation of the hidden sound, for features and coarse pitch."""

    def __init__(self, config: VoiceConfig, features: int) -> None:
        super().__init__()
        self.emb_phone = nn.Linear(features, config.hidden_channels)
        self.emb_pitch = nn.Embedding(COARSE_PITCHES, config.hidden_channels)
        self.encoder = _Transformer(config)
        self.proj = nn.Conv1d(config.hidden_channels, 2 * config.channels, 1)
        self._scale = math.sqrt(config.hidden_channels)

    def forward(self, features: Tensor, pitch: Tensor) -> tuple[Tensor, Tensor]:
        """From (1, frames, features) and (1, frames) of 1..255."""
        hidden = (self.emb_phone(features) + self.emb_pitch(pitch)) * self._scale
        hidden = functional.leaky_relu(hidden, _SLOPE).transpose(1, 2)
        mean, log_deviation = self.proj(self.encoder(hidden)).chunk(2, dim=1)
        return mean, log_deviation


class _Transformer(nn.Module):
    def __init__(self, config: VoiceConfig) -> None:
        super().__init__()
        width, layers = config.hidden_channels, range(config.layers)
        self.attn_layers = nn.ModuleList(_Attention(width, config.heads) for _ in layers)
        self.norm_layers_1 = nn.ModuleList(_ChannelNorm(width) for _ in layers)
        self.ffn_layers = nn.ModuleList(
            _FeedForward(width, config.filter_channels, config.kernel_size) for _ in layers
        )
        self.norm_layers_2 = nn.ModuleList(_ChannelNorm(width) for _ in layers)

    def forward(self, hidden: Tensor) -> Tensor:
        layers = zip(
            self.attn_layers, self.norm_layers_1, self.ffn_layers, self.norm_layers_2, strict=True
        )
        for attend, norm_1, feed, norm_2 in layers:
            hidden = norm_1(hidden + attend(hidden))
            hidden = norm_2(hidden + feed(hidden))
        return hidden


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self._heads = heads
        self.conv_q, self.conv_k, self.conv_v, self.conv_o = (
            nn.Conv1d(width, width, 1) for _ in range(4)
        )
        positions = (1, 2 * _WINDOW + 1, width // heads)  # one for all heads
        self.emb_rel_k = nn.Parameter(torch.empty(positions))
        self.emb_rel_v = nn.Parameter(torch.empty(positions))

    def forward(self, hidden: Tensor) -> Tensor:
        query, key, value = (
            conv(hidden).unflatten(1, (self._heads, -1)).transpose(2, 3)
            for conv in (self.conv_q, self.conv_k, self.conv_v)
        )  # (1, heads, frames, width of a head)
        query = query / math.sqrt(query.shape[-1])
        scores = query @ key.transpose(-2, -1)
        near = query @ self.emb_rel_k.transpose(-2, -1)  # (1, heads, frames, positions)
        for offset, rows in _offsets(scores.shape[-1]):
            scores.diagonal(offset, -2, -1).add_(near[..., rows, offset + _WINDOW])
        weights = scores.softmax(dim=-1)
        near = torch.zeros_like(near)
        for offset, rows in _offsets(scores.shape[-1]):
            near[..., rows, offset + _WINDOW] = weights.diagonal(offset, -2, -1)
        found = weights @ value + near @ self.emb_rel_v
        return self.conv_o(found.transpose(2, 3).flatten(1, 2))


def _offsets(frames: int) -> list[tuple[int, slice]]:
    """Relative positions that some frames have, and which frames have them."""
    reach = min(_WINDOW, frames - 1)
    return [(n, slice(max(0, -n), frames - max(0, n))) for n in range(-reach, reach + 1)]


class _FeedForward(nn.Module):
    def __init__(self, width: int, inner: int, kernel: int) -> None:
        super().__init__()
        self._padding = ((kernel - 1) // 2, kernel // 2)
        self.conv_1 = nn.Conv1d(width, inner, kernel)
        self.conv_2 = nn.Conv1d(inner, width, kernel)

    def forward(self, hidden: Tensor) -> Tensor:
        inner = functional.relu(self.conv_1(functional.pad(hidden, self._padding)))
        return self.conv_2(functional.pad(inner, self._padding))


class _ChannelNorm(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.empty(channels))
        self.beta = nn.Parameter(torch.empty(channels))

    def forward(self, hidden: Tensor) -> Tensor:
        rows = hidden.transpose(1, 2)
        normed = functional.layer_norm(rows, self.gamma.shape, self.gamma, self.beta)
        return normed.transpose(1, 2)
