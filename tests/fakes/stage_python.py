"""A stages' interpreter that makes small results at once, told by the environment how to fail.

Called as `python -m model_images.runner STAGE --request KEY`, or `--batch KEY`, would be.
FAKE_<STAGE> may hold, one per try and separated by `;` (the last one stays):

    ok            the result is committed
    ok N          likewise, and yet exit code N
    slow N        likewise, after N seconds
    torn          likewise, but an output of it is missing
    exit N        an error line, then exit code N
    silent N      exit code N without a word
    nothing       exit code 0 without a result
    hang          starts a child, ignores TERM and never ends
    hang apart    the same with a child in a session of its own

FAKE_METRICS, or the file TITLE.metrics in FAKE_FOLDER, may hold values that `evaluate` gives
otherwise than its gate likes best, one JSON object for each attempt and separated by `;` (the last
one stays): {"word_error_rate": {"title": 0.9, "s0002": 1.0}}.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.batches import BatchOutcome, BatchRequest
from airdub.engines import Environment, load_engines
from airdub.errors import error_class
from airdub.gates import load_gates
from airdub.leases import Lease
from airdub.lips import Lips
from airdub.media import AudioFacts, MediaFacts, VideoFacts
from airdub.metrics import MetricTable
from airdub.model import Document
from airdub.requests import Provenance, StageRequest, StageResult
from airdub.results import read_result
from airdub.stages import SRT, STAGES, VIDEO, VTT, WAV
from airdub.timing import FitPlan
from airdub.units import CLOCK_HZ
from tests.fakes.metrics import passing_table

FACTS = MediaFacts(
    container="mov,mp4",
    duration="2",
    video=VideoFacts(
        index=0,
        codec="h264",
        width=512,
        height=512,
        frame_rate="25",
        time_base="1/12800",
        frames=50,
        pixel_format="yuv420p",
    ),
    audio=(AudioFacts(index=1, codec="aac", sample_rate_hz=48000, channels=1, layout="mono"),),
)

DOCUMENTS: dict[str, Document] = {
    "facts": FACTS,
    "placements": FitPlan(duration=2 * CLOCK_HZ),
    "lips": Lips(engine="none", frames=50, reason="nobody is seen"),
}


def install(folder: Path) -> Path:
    """Make an executable that behaves as a stages' interpreter; returns its path."""
    python = folder / "environment" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.fakes.stage_python "$@"\n')
    python.chmod(0o755)
    (folder / "environment" / "airdub-environment.json").write_bytes(complete().to_json())
    return python


def complete() -> Environment:
    """An environment that has all that any engine needs."""
    specs = load_engines().values()
    return Environment(
        programs={name: "1" for spec in specs for name in spec.programs},
        packages={name: "1" for spec in specs for name in spec.packages},
        weights={name: file.sha256 for spec in specs for name, file in spec.weights.items()},
    )


def behaviour(stage: str) -> str:
    """What this try is to do."""
    steps = os.environ.get(f"FAKE_{stage.upper()}", "ok").split(";")
    counter = Path(os.environ["FAKE_FOLDER"]) / f"{stage}.tries"
    with counter.open("a") as stream:
        stream.write(f"{os.getpid()}\n")
    tries = len(counter.read_text().splitlines())
    return steps[min(tries, len(steps)) - 1].strip()


def say(event: str, **fields: object) -> None:
    """One line of the runner's protocol."""
    print(json.dumps({"event": event, **fields}), flush=True)


SUFFIXES = {VIDEO: ".mp4", SRT: ".srt", VTT: ".vtt", WAV: ".wav"}


def commit(store: ArtifactStore, request: StageRequest) -> None:
    """Write every output and the result."""
    outputs = {}
    for port in STAGES[request.stage].outputs:
        if port.optional:
            continue
        key = f"{request.attempt_key}/outputs/{port.name}{SUFFIXES.get(port.media_type, '')}"
        data = content(request, port.name)
        store.write(key, data)
        outputs[port.name] = ArtifactRef(
            key=key,
            sha256=hashlib.sha256(data).hexdigest(),
            bytes=len(data),
            media_type=port.media_type,
        )
    result = StageResult(
        stage=request.stage,
        fingerprint=request.fingerprint,
        outputs=outputs,
        provenance=Provenance(engine=request.engine),
        wall_s=0.01,
        warnings=("a warning",) if request.stage == "mix" else (),
    )
    if not store.create(request.result_key, result.to_json()) and not read_result(store, request):
        store.write(request.result_key, result.to_json())  # its outputs were swept


def content(request: StageRequest, port: str) -> bytes:
    """What an output holds: a document that operators read, or some bytes."""
    if port == "metrics":
        return metrics(request).to_json()
    if port in DOCUMENTS:
        return DOCUMENTS[port].to_json()
    return f"{request.fingerprint} {port}".encode()


def metrics(request: StageRequest) -> MetricTable:
    """A table that the embedded gates pass, but for FAKE_METRICS."""
    own = Path(os.environ["FAKE_FOLDER"]) / f"{request.asked_by.title_id}.metrics"
    steps = (own.read_text() if own.exists() else os.environ.get("FAKE_METRICS", "{}")).split(";")
    asked: dict[str, dict[str, Any]] = json.loads(
        steps[min(request.asked_by.attempt, len(steps)) - 1]
    )
    gates = load_gates("embedded", str(request.parameters["target_language"]))
    deliverable = request.inputs["deliverable"].sha256
    return passing_table(gates, request.fingerprint, deliverable, asked)


def commit_batch(store: ArtifactStore, batch: BatchRequest) -> None:
    """Commit each request, but those of titles named in FAKE_BAD; then the batch's own result."""
    bad = os.environ.get("FAKE_BAD", "").split()
    failed = {one.fingerprint: "bad" for one in batch.requests if one.asked_by.title_id in bad}
    made = [one for one in batch.requests if one.fingerprint not in failed]
    for request in made:
        commit(store, request)
    result = StageResult(
        stage=batch.stage,
        fingerprint=batch.fingerprint,
        outputs={},
        measurements=BatchOutcome(failed=failed).model_dump(mode="json"),
        provenance=Provenance(engine=batch.engine),
        wall_s=0.01,
    )
    store.write(batch.result_key, result.to_json())


def run(stage: str, option: str, key: str) -> int:
    """Play the runner."""
    store = ArtifactStore(os.environ["AIRDUB_STORE"])
    model = BatchRequest if option == "--batch" else StageRequest
    request = model.model_validate_json(store.read(key))
    verb, _, number = behaviour(stage).partition(" ")
    say("log", level="info", message=f"{stage} {verb}")
    say("progress", fraction=0.5, done=1, total=2, unit="frames", eta_s=1.5)
    with Lease(store, request.output_key) as lease:
        lease.acquire()
        if verb == "hang":
            child = subprocess.Popen(["sleep", "600"], start_new_session=number == "apart")
            (Path(os.environ["FAKE_FOLDER"]) / f"{stage}.child").write_text(str(child.pid))
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(600)
        if verb == "slow":
            time.sleep(float(number))
        if verb == "exit":
            kind = error_class(int(number))
            say("error", **{"class": kind.__name__}, what="bad", where="here", remedy="mend it")
        if verb in ("exit", "silent"):
            return int(number)
        if verb in ("ok", "slow", "torn"):
            if isinstance(request, BatchRequest):
                commit_batch(store, request)
            else:
                commit(store, request)
        if verb == "torn":
            store.delete(f"{request.attempt_key}/outputs")
    return int(number) if verb == "ok" and number else 0


def main(arguments: list[str]) -> int:
    """What follows `python`."""
    if arguments[:3] == ["-m", "model_images.runner", "describe"]:
        sys.stdout.buffer.write(complete().to_json())
        return 0
    return run(*arguments[2:5])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
