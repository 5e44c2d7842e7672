"""A dub whose every long stage is killed half-way ends with the bytes of an undisturbed one."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from airdub.artifacts import ArtifactStore
from airdub.errors import AirdubError, ResourceExhausted
from airdub.stages import STAGES
from tests.builders import local_store
from tests.chain import Chain
from tests.media.make import make

KILLED = (
    *("track_faces", "separate", "synthesize", "convert_voice", "mix", "lipsync", "mux"),
    "evaluate",
)


def kill_at_work(store: ArtifactStore, stage: str, pid: int) -> None:
    """Kill -9 a runner as soon as its attempt has a folder."""

    def kill() -> None:
        while not list(store.local_path(f"work/{stage}").glob("??/*/????????????????*/*")):
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()


def test_a_killed_dub_ends_with_the_same_bytes(tmp_path: Path) -> None:
    make(tmp_path / "samples", lambda line: None, ("short",))
    video = tmp_path / "samples" / "short.mp4"
    calm = Chain.begin(video, ("es", "en"), local_store(tmp_path / "calm"))
    calm.run_all()
    store = local_store(tmp_path / "killed")
    killed = Chain.begin(video, ("es", "en"), store)
    for stage in STAGES:
        if stage in KILLED:
            with pytest.raises(AirdubError) as caught:
                killed.run(stage, watch=lambda pid, stage=stage: kill_at_work(store, stage, pid))
            assert isinstance(caught.value, ResourceExhausted), stage  # what SIGKILL stands for
        killed.run(stage)
    assert {name: ref.sha256 for name, ref in killed.artifacts.items()} == {
        name: ref.sha256 for name, ref in calm.artifacts.items()
    }
