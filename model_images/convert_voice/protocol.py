"""What a voice conversion engine is to the stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, model_validator

from airdub.artifacts import checked_key
from airdub.errors import InvalidInput
from airdub.model import Document
from model_images.common.pitch import PitchStatistics


@dataclass(frozen=True)
class Limits:
    """How far a take's pitch may be moved.

    Attributes:
        lowest_ratio, highest_ratio: of the mean F0.
        deviation_ratio: the intonation's range grows or shrinks by this factor at most.
    """

    lowest_ratio: float = 0.5
    highest_ratio: float = 2.0
    deviation_ratio: float = 2.0


def _inside(path: str) -> str:
    try:
        return checked_key(path)
    except InvalidInput as error:
        raise ValueError(str(error)) from error


class TrainedVoice(Document):
    """A person's voice as a model learned it from his recordings: files below the model cache.

    Attributes:
        model: path, `voices/hana.pth`.
        index: path of the features it was trained on, "" none.
        speaker: which one, of a model that was trained for several.
        index_rate: how far features are drawn to the index, 0 not at all.
        protect: how far those of unvoiced sounds are (breath and hiss); 0.5 as all others.
        pitch: how F0 is found.
    """

    model: Annotated[str, AfterValidator(_inside)]
    model_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    index: str = ""
    index_sha256: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    speaker: int = Field(0, ge=0)
    index_rate: float = Field(0.75, ge=0, le=1)
    protect: float = Field(0.33, ge=0, le=0.5)
    pitch: Literal["rmvpe", "harvest"] = "rmvpe"

    @model_validator(mode="after")
    def _names_the_bytes_of_its_index(self) -> TrainedVoice:
        if self.index:
            _inside(self.index)
        if bool(self.index) != bool(self.index_sha256):
            raise ValueError("an index has a path and a sha256, or neither")
        return self


class VoiceConverter(Protocol):
    """An engine. Its module has `create(limits: Limits, seed: int = 0) -> VoiceConverter`.

    A model is loaded once for all of them in a process (`functools.cache`).
    """

    uses_reference: bool
    """Whether takes are to be converted; otherwise they stay as they are, unread."""

    uses_trained_voice: bool
    """Whether it needs a model of the speaker's own; takes of all others stay as they are."""

    def convert(
        self,
        samples: NDArray[np.float64],
        sample_rate_hz: int,
        target: PitchStatistics,
        trained: TrainedVoice | None = None,
    ) -> NDArray[np.float64] | None:
        """The take in the target's voice, sample for sample in time with the given one.

        Args:
            samples: (n,), mono, full scale +-1.
            target: of the source's speaker.
            trained: his model, for an engine that uses one.

        Returns:
            (n,), or None when there is no voiced sound in the take to be converted.

        Raises:
            InvalidInput: the trained voice is of no use.
            DependencyUnavailable: a file that is needed isn't in the model cache.
        """
        ...
