"""A title through all stages without Airflow: the same runner, one process per stage, in order.

`python -m tests.chain VIDEO --from es --to en --store DIR` prints a line per stage and the results.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.engines import Environment, find_engine, load_engines, resolve_engine
from airdub.errors import AirdubError, error_class
from airdub.orders import DubOrder, choose_engine, find_files
from airdub.profiles import load_profile
from airdub.repair import RepairPlan, repair_parameters
from airdub.requests import StageRequest, StageResult, build_request
from airdub.results import read_result
from airdub.settings import PROJECT
from airdub.stages import STAGES
from airdub.transcript import Transcript
from model_images.common.programs import start_program
from model_images.runner.environment import detect

Watch = Callable[[int], None]
StageRunner = Callable[[str, str, str, Watch | None], None]
"""Runs a stage for the request of a key in the store of a URL, as `run_stage` does."""


@dataclass(frozen=True)
class StageRun:
    """A stage of a chain.

    Attributes:
        wall_s: seconds from the process's start to its end; 0 when the result was there.
    """

    request: StageRequest
    result: StageResult
    cached: bool
    wall_s: float


@dataclass
class Chain:
    """A title on its way: artifacts by name (a later stage's replaces an earlier's) and runs.

    Attributes:
        environment: what stages find where `runner` runs them.
    """

    order: DubOrder
    store: ArtifactStore
    environment: Environment
    runner: StageRunner
    artifacts: dict[str, ArtifactRef] = field(default_factory=dict)
    runs: dict[str, StageRun] = field(default_factory=dict)

    @classmethod
    def begin(
        cls,
        source: Path,
        languages: tuple[str, str],
        store: ArtifactStore,
        *,
        script: Path | None = None,
        environment: Environment | None = None,
        runner: StageRunner | None = None,
    ) -> Chain:
        """Store a video and what lies beside it.

        Args:
            languages: spoken language and language of the dub.
            environment, runner: by default stages are processes of this interpreter.
        """
        order = DubOrder.parse(
            {
                "source": str(source.absolute()),
                "source_language": languages[0],
                "target_language": languages[1],
                "script": str(script.absolute()) if script else None,
            }
        )
        found = environment or detect(load_engines().values())
        chain = cls(order, store, found, runner or run_stage)
        for name, location in find_files(order).items():
            path = Path(location)
            key = f"inputs/{order.title_id}/{name}{path.suffix}"
            chain.artifacts[name] = store.put(path, key, "application/octet-stream")
        return chain

    def request(self, stage: str, parameters: Mapping[str, Any] | None = None) -> StageRequest:
        """The request of a stage with the artifacts that are there, as the operator builds it."""
        spec = STAGES[stage]
        inputs = {
            port.name: self.artifacts[port.name]
            for port in spec.inputs
            if not port.optional or port.name in self.artifacts
        }
        rule = choose_engine(load_profile(self.order.profile), self.order, stage, inputs)
        spoken = self.order.language_parameters(spec.languages)
        return build_request(
            stage,
            resolve_engine(stage, rule.engine, self.environment),
            inputs,
            attempt_id=uuid.uuid4().hex,
            parameters={
                **rule.parameters,
                **spoken,
                **self._agreed(stage, rule.engine),
                **repair_parameters(
                    stage,
                    self.order.repair,
                    partial(resolve_engine, environment=self.environment),
                ),
                **(parameters or {}),
            },
        )

    def repaired(self, plan: RepairPlan) -> Chain:
        """The next attempt, from the same files."""
        order = self.order.model_copy(update={"attempt": plan.attempt, "repair": plan})
        ours = {name: self.artifacts[name] for name in self.present}
        return replace(self, order=order, artifacts=ours, runs={})

    @property
    def present(self) -> tuple[str, ...]:
        """Names of the files that lay beside the source."""
        return tuple(find_files(self.order))

    def _agreed(self, stage: str, engine: str) -> dict[str, dict[str, str]]:
        """Everybody's consent, for an engine that needs it."""
        if not find_engine(stage, engine).consent:
            return {}
        transcript = Transcript.model_validate_json(self.path("transcript").read_bytes())
        return {"consented": {one.speaker: one.speaker for one in transcript.segments}}

    def run(
        self, stage: str, parameters: Mapping[str, Any] | None = None, watch: Watch | None = None
    ) -> StageRun:
        """Run one stage, unless its result is in the store, and keep its outputs.

        Args:
            watch: called with the process's id once it has started.

        Raises:
            AirdubError: the stage failed; its class, words and exit code are the stage's.
        """
        request = self.request(stage, parameters)
        began, cached = time.monotonic(), True
        result = read_result(self.store, request)
        if result is None:
            cached = False
            self.store.write(request.request_key, request.to_json())
            self.runner(stage, request.request_key, self.store.url, watch)
            result = read_result(self.store, request)
            assert result is not None, f"{stage} ended well without a result"
        self.artifacts |= result.outputs
        wall_s = 0.0 if cached else time.monotonic() - began
        self.runs[stage] = StageRun(request, result, cached, wall_s)
        return self.runs[stage]

    def run_all(self, until: str = "evaluate") -> None:
        """Run all stages in order, up to one of them."""
        for stage in STAGES:
            self.run(stage)
            if stage == until:
                return

    def path(self, name: str) -> Path:
        """An artifact's file."""
        return self.store.local_path(self.artifacts[name].key)


def run_stage(stage: str, request_key: str, store_url: str, watch: Watch | None = None) -> None:
    """Run the runner's process to its end.

    Raises:
        AirdubError: of the class and with the words that the stage gave.
    """
    command = [sys.executable, "-m", "model_images.runner", stage, "--request", request_key]
    run_to_its_end(command, {"AIRDUB_STORE": store_url}, watch)


def run_to_its_end(
    command: list[str], variables: Mapping[str, str], watch: Watch | None = None
) -> None:
    """Run a command that ends as the runner does.

    Raises:
        AirdubError: see `run_stage`.
    """
    with start_program(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=PROJECT,
        env=os.environ | variables,
    ) as process:
        if watch:
            watch(process.pid)
        assert process.stdout is not None
        lines = process.stdout.read().decode("utf-8", "replace").splitlines()
    if process.returncode:
        raise _failure(process.returncode, lines)


def _failure(exit_code: int, lines: list[str]) -> AirdubError:
    """The error that a stage's last JSON line tells of."""
    for line in reversed(lines):
        if line.startswith("{"):
            event = json.loads(line)
            if event["event"] == "error":
                return error_class(exit_code)(
                    event["what"], where=event["where"], remedy=event["remedy"]
                )
    return error_class(exit_code)(f"ended with {exit_code}: " + " | ".join(lines[-5:]))


def main() -> None:
    """Dub one video and print what each stage did."""
    parser = argparse.ArgumentParser(prog="python -m tests.chain", description=__doc__)
    parser.add_argument("video", type=Path)
    parser.add_argument("--from", dest="source", required=True)
    parser.add_argument("--to", dest="target", required=True)
    parser.add_argument("--script", type=Path)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--until", default="evaluate", choices=STAGES)
    chosen = parser.parse_args()
    store = ArtifactStore(str(chosen.store.absolute()))
    chain = Chain.begin(chosen.video, (chosen.source, chosen.target), store, script=chosen.script)
    for stage in STAGES:
        run = chain.run(stage)
        state = "cached" if run.cached else f"{run.wall_s:6.2f} s"
        print(f"{stage:14} {state:>9} {run.result.peak_memory_mb:7.0f} MB", flush=True)
        for warning in run.result.warnings:
            print(f"  warning: {warning}")
        if stage == chosen.until:
            break
    for name in chain.artifacts:
        print(f"{name:22} {chain.path(name)}")


if __name__ == "__main__":
    main()
