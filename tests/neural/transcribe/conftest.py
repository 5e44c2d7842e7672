"""Spoken sound, and transcribing it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from airdub.transcript import Transcript
from model_images.common.vad import detect_speech
from model_images.runner.context import StageContext
from model_images.transcribe.stage import run
from tests.builders import film_facts, stage_context
from tests.neural.whisper_checkpoints import model_that_says, said

SENTENCE = "It was a great day for the country."


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds with one sentence that begins at 1.0 s."""
    folder = tmp_path_factory.mktemp("spoken")
    spoken, padded = folder / "said.wav", folder / "mono.wav"
    subprocess.run(["flite", "-voice", "rms", "-t", SENTENCE, "-o", str(spoken)], check=True)
    filters = "adelay=1000,aresample=16000,apad=whole_len=80000,atrim=end_sample=80000"
    command = ["ffmpeg", "-v", "error", "-i", str(spoken), "-af", filters, "-ac", "1", str(padded)]
    subprocess.run(command, check=True)
    return padded


class Transcribing:
    """The stage with one engine.

    Attributes:
        stage: of the latest call.
    """

    def __init__(self, folder: Path, engine: str) -> None:
        self._folder, self._engine = folder, engine
        self.stage: StageContext | None = None
        self._calls = 0

    def __call__(self, audio: Path, language: str = "en") -> Transcript:
        """What the whole stage writes down."""
        self._calls += 1
        inputs = {"mono_16k": audio, "speech": detect_speech(audio), "facts": film_facts()}
        folder = self._folder / str(self._calls)
        self.stage = stage_context(
            folder, "transcribe", self._engine, {"source_language": language}, inputs
        )
        run(self.stage)
        return Transcript.model_validate_json(self.stage.output("transcript", ".json").read_bytes())


@pytest.fixture(scope="session")
def sentence_model() -> object:
    """A model that says the sentence."""
    return model_that_says(said(f" {SENTENCE}", 2.0))
