"""What a request gives is the same alone and behind another one in the same process."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from airdub.batches import build_batch
from airdub.requests import StageRequest
from airdub.results import read_result
from airdub.stages import STAGES
from model_images.common.programs import run_program
from tests.benchmarks.warm_stage import WARMED, run
from tests.builders import local_store
from tests.chain import Chain
from tests.talking_clips import speech

BEFORE = {
    "transcribe": ("probe", "extract_audio", "separate"),
    "synthesize": ("translate",),
    "convert_voice": (),
}
TEXTS = ("Good morning. The weather is fine today.", "The old mill stands by the river.")


def talk(folder: Path, number: int) -> Path:
    """A clip without a face in which a sentence is said."""
    samples = speech(TEXTS[number], "en").samples
    wav, video = folder / f"talk-{number}.wav", folder / f"talk-{number}.mp4"
    soundfile.write(wav, samples, 48_000)
    picture = ["-f", "lavfi", "-i", "color=size=64x64:rate=5"]
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-shortest"]
    command = ["ffmpeg", "-v", "error", *picture, "-i", str(wav), *coding, str(video)]
    run_program(command, what="a clip", where=video.name)
    return video


@pytest.fixture(scope="module")
def chains(tmp_path_factory: pytest.TempPathFactory) -> list[Chain]:
    """Two talks in one store, nothing of them made yet."""
    folder = tmp_path_factory.mktemp("talks")
    store = local_store(folder)
    return [Chain.begin(talk(folder, number), ("en", "es"), store) for number in (0, 1)]


def hashes(chains: list[Chain], requests: list[StageRequest]) -> list[dict[str, str]]:
    """What the requests gave."""
    results = [read_result(chains[0].store, one) for one in requests]
    assert all(results)
    return [{name: ref.sha256 for name, ref in one.outputs.items()} for one in results if one]


@pytest.mark.parametrize("stage", WARMED)
def test_a_batch_gives_the_bytes_of_processes_of_their_own(chains: list[Chain], stage: str) -> None:
    for before in BEFORE[stage]:
        for chain in chains:
            chain.run(before)
    store, requests = chains[0].store, [chain.request(stage) for chain in chains]
    batch = build_batch(requests, STAGES[stage].resources, f"warm-{stage}")
    store.write(batch.request_key, batch.to_json())
    run(store, batch)
    together = hashes(chains, requests)
    assert together[0] != together[1]
    store.delete(f"work/{stage}")
    assert not any(chain.run(stage).cached for chain in chains)
    assert hashes(chains, requests) == together
