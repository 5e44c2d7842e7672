"""RVC's synthesizer: features, pitch and a speaker to sound."""

from __future__ import annotations

from torch import Tensor, nn

from model_images.convert_voice.rvc.config import VoiceConfig
from model_images.convert_voice.rvc.encoder import ContentEncoder
from model_images.convert_voice.rvc.flow import Flow
from model_images.convert_voice.rvc.generator import Generator

_TEMPERATURE = 0.66666


class Synthesizer(nn.Module):
    """The model as official checkpoints hold it, without what training alone needs.

    Args:
        features: size of a feature vector: 768 for version 2.
        speakers: how many it was trained for.
    """

    def __init__(self, config: VoiceConfig, features: int, speakers: int) -> None:
        super().__init__()
        self.enc_p = ContentEncoder(config, features)
        self.flow = Flow(config)
        self.dec = Generator(config)
        self.emb_g = nn.Embedding(speakers, config.speaker_channels)

    def forward(
        self, features: Tensor, pitch: Tensor, speaker: Tensor, noise: Tensor, excitation: Tensor
    ) -> Tensor:
        """Sound, full scale +-1.

        Args:
            features: (1, frames, features).
            pitch: (1, frames), coarse, 1..255.
            speaker: (1,).
            noise: (1, channels, frames), standard normal.
            excitation: (1, 1, samples): see `source`.

        Returns:
            (1, 1, samples).
        """
        who = self.emb_g(speaker).unsqueeze(-1)
        mean, log_deviation = self.enc_p(features, pitch)
        hidden = mean + log_deviation.exp() * noise * _TEMPERATURE
        return self.dec(self.flow(hidden, who), excitation, who)
