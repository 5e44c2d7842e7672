"""Requests and settings that pods are built from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from airdub.artifacts import ArtifactRef
from airdub.engines import load_engines
from airdub.profiles import load_profile
from airdub.requests import AskedBy, EngineRef, StageRequest, build_request
from airdub.settings import Settings, load_settings
from airdub.stages import STAGES
from operators.pods.identity import TaskIdentity

TASK = TaskIdentity("dub_video", "dub-film-es-1", "voice.mix")

SITE = {
    "AIRDUB_RUNTIME": "kubernetes",
    "AIRDUB_STORE": "s3://dubs/library",
    "AIRDUB_POD_IMAGES": "registry.example/airdub",
    "AIRDUB_POD_IMAGE_TAG": "1.2.3",
    "AIRDUB_POD_SECRET": "airdub-s3",
    "AIRDUB_POD_MODEL_CACHE": "airdub-models",
}

CLUSTER = """
cpu: {most_memory_mb: 16384}
gpu:
  gpu_resource: amd.com/gpu
  most_memory_mb: 65536
  priority_class: dubs
  node_selector: {accelerator: mi300}
  tolerations: [{key: amd.com/gpu, operator: Exists, effect: NoSchedule}]
"""


def site(**more: str) -> Settings:
    """Settings of an installation."""
    return load_settings({**SITE, **more})


def gpu_site(folder: Path, **more: str) -> Settings:
    """Settings of one whose nodes differ from the usual ones."""
    file = folder / "nodes.yaml"
    file.write_text(CLUSTER)
    return site(AIRDUB_NODE_CLASSES=str(file), **more)


def request(stage: str, profile: str = "embedded", **asked: object) -> StageRequest:
    """A request of the stage for the best engine of a profile."""
    engine = load_profile(profile).stages[stage][0].engine
    version = load_engines()[stage, engine].version
    inputs: Mapping[str, ArtifactRef] = {
        port.name: ArtifactRef(
            key=f"inputs/{port.name}", sha256="0" * 64, bytes=1, media_type=port.media_type
        )
        for port in STAGES[stage].inputs
        if not port.optional
    }
    who = {"title_id": "film", "language": "es", "run_id": TASK.run_id, **asked}
    return build_request(
        stage,
        EngineRef(name=engine, version=version),
        dict(inputs),
        attempt_id="0" * 32,
        asked_by=AskedBy.model_validate(who),
    )
