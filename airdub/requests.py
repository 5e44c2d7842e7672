"""What a stage is asked and what it answers, and the fingerprint that tells whether it is done."""

from __future__ import annotations

import hashlib
from typing import Any

from pydantic import Field, JsonValue

from airdub import CONTRACT_VERSION
from airdub.artifacts import ArtifactRef
from airdub.model import Document, canonical_json


class EngineRef(Document):
    """An engine with everything that may change what it gives.

    Attributes:
        version: revision of our engine code, as `engines.yaml` states it.
        programs: version of each program and package that it runs.
        weights: sha256 of each weights file by its name.
    """

    name: str
    version: str
    programs: dict[str, str] = Field(default_factory=dict)
    weights: dict[str, str] = Field(default_factory=dict)
    precision: str = "fp32"


class AskedBy(Document):
    """Who asked: for logs and labels; never part of a fingerprint."""

    title_id: str = ""
    language: str = ""
    run_id: str = ""
    attempt: int = 1


class StageRequest(Document):
    """One call of a stage.

    Attributes:
        parameters: the stage's parameters, JSON values only.
        inputs: artifacts by input port; absent optional inputs are left out.
        output_key: folder of this fingerprint, relative to the store's root.
        attempt_key: folder of this attempt below it.
    """

    contract: str = CONTRACT_VERSION
    stage: str
    engine: EngineRef
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    seed: int = 0
    inputs: dict[str, ArtifactRef] = Field(default_factory=dict)
    fingerprint: str
    output_key: str
    attempt_key: str
    asked_by: AskedBy = AskedBy()

    @property
    def result_key(self) -> str:
        """Where the only proof of completion lies."""
        return f"{self.output_key}/result.json"

    @property
    def request_key(self) -> str:
        """Where the request itself is written for the runner to read."""
        folder, _, attempt_id = self.attempt_key.rpartition("/")
        return f"{folder}/requests/{attempt_id}.json"

    @property
    def adopted_key(self) -> str:
        """What is written to whenever a run finds the result there: its work isn't old then."""
        return f"{self.output_key}/requests/adopted.json"

    @property
    def application_key(self) -> str:
        """Where a chunked stage writes which Spark application works for it."""
        return f"{self.output_key}/requests/application.json"

    @property
    def arguments(self) -> tuple[str, ...]:
        """What the runner is called with."""
        return self.stage, "--request", self.request_key


class Provenance(Document):
    """What made a result."""

    engine: EngineRef
    device: str = "cpu"
    image: str = ""
    licence: str = ""
    commercial_use: bool = True


class StageResult(Document):
    """A stage's answer: written once per fingerprint, after every output is in the store.

    Attributes:
        outputs: artifacts by output port; members of a family are named `take/s0001`.
        measurements: what the stage measured, unit in the name (`loudness_lufs`).
        n_scored, n_skipped: items worked on and items left out, where the stage has items.
    """

    contract: str = CONTRACT_VERSION
    stage: str
    fingerprint: str
    outputs: dict[str, ArtifactRef]
    measurements: dict[str, JsonValue] = Field(default_factory=dict)
    provenance: Provenance
    n_scored: int = 0
    n_skipped: int = 0
    wall_s: float
    gpu_s: float = 0.0
    peak_memory_mb: float = 0.0
    warnings: tuple[str, ...] = ()


def fingerprint(
    stage: str,
    engine: EngineRef,
    parameters: dict[str, Any],
    input_hashes: dict[str, str],
    seed: int,
) -> str:
    """sha256 (hex) of the canonical JSON of all that may change a stage's output.

    Who asked, batch size and resources are not in it: they may not change the output.
    """
    return hashlib.sha256(
        canonical_json(
            {
                "contract": CONTRACT_VERSION,
                "stage": stage,
                "engine": engine.model_dump(mode="json"),
                "parameters": parameters,
                "inputs": input_hashes,
                "seed": seed,
            }
        )
    ).hexdigest()


def output_key(stage: str, print_: str) -> str:
    """Folder of a fingerprint's results: `work/<stage>/<fp[:2]>/<fp>`."""
    return f"work/{stage}/{print_[:2]}/{print_}"


def build_request(
    stage: str,
    engine: EngineRef,
    inputs: dict[str, ArtifactRef],
    *,
    attempt_id: str,
    parameters: dict[str, Any] | None = None,
    seed: int = 0,
    asked_by: AskedBy | None = None,
) -> StageRequest:
    """Assemble a request; everything in it but `attempt_id` and `asked_by` is fingerprinted."""
    chosen = parameters or {}
    hashes = {name: ref.sha256 for name, ref in inputs.items()}
    print_ = fingerprint(stage, engine, chosen, hashes, seed)
    folder = output_key(stage, print_)
    return StageRequest(
        stage=stage,
        engine=engine,
        parameters=chosen,
        seed=seed,
        inputs=inputs,
        fingerprint=print_,
        output_key=folder,
        attempt_key=f"{folder}/{attempt_id}",
        asked_by=asked_by or AskedBy(),
    )
