"""Trained voices: files below the model cache, held to the digests by which they are named."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from airdub.artifacts import file_digest
from airdub.errors import DependencyUnavailable, InvalidInput
from airdub.settings import load_settings
from model_images.common.torch_runtime import device, precision
from model_images.convert_voice.protocol import TrainedVoice
from model_images.convert_voice.rvc.checkpoint import read_voice
from model_images.convert_voice.rvc.contentvec import ContentVec
from model_images.convert_voice.rvc.conversion import Voice
from model_images.convert_voice.rvc.retrieval import Retrieval

_AT_ONCE = 4  # a title has few main speakers; a voice takes 110 MB, its index often more


@lru_cache(maxsize=_AT_ONCE)
def load(trained: TrainedVoice, content: ContentVec) -> Voice:
    """A voice on the device.

    Raises:
        DependencyUnavailable: a file isn't there.
        InvalidInput: a file isn't the one that is named, or of no use.
    """
    path = _named(trained.model, trained.model_sha256)
    config, model = read_voice(path)
    size, speakers = model.enc_p.emb_phone.in_features, model.emb_g.num_embeddings
    if size != content.size:
        raise InvalidInput(
            f"the voice was trained on features of {size} numbers, not {content.size}",
            where=str(path),
            remedy="use a voice of RVC version 2",
        )
    if trained.speaker >= speakers:
        raise InvalidInput(
            f"the voice has {speakers} speakers, none of number {trained.speaker}",
            where=str(path),
            remedy=f"say a speaker from 0 to {speakers - 1}",
        )
    index = _named(trained.index, trained.index_sha256) if trained.index else None
    return Voice(
        config,
        model.to(device(), precision()),
        content,
        Retrieval(index, content.size) if index else None,
    )


def _named(name: str, sha256: str) -> Path:
    path = load_settings().model_cache / name
    if not path.is_file():
        raise DependencyUnavailable(
            "a trained voice is not in the model cache",
            where=str(path),
            remedy="copy it there, readable for whoever runs stages",
        )
    found, _ = file_digest(path)
    if found != sha256:
        raise InvalidInput(
            f"the file has the sha256 {found}, not {sha256}",
            where=str(path),
            remedy="name the voice by the digest it has: another model is another voice",
        )
    return path
