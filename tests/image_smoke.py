"""`make images-smoke`: a sample goes through every image, each as locked up as its pod is.

Every stage gets what the ones before it made in their images. A container has no network, no
capability, a read-only root and a user without rights; what it left must be a result that verifies.
Chunked stages are told of Spark as their pods are, and must have used it. Before that, Airflow's
images import all DAGs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from airdub.artifacts import ArtifactStore
from airdub.engines import Environment, find_engine
from airdub.errors import AirdubError
from airdub.requests import StageRequest
from airdub.results import read_result
from airdub.settings import PROJECT, Settings, load_settings
from airdub.spark import SparkSettings, driver_environment
from airdub.stages import STAGES
from tests.chain import Chain, StageRunner, Watch, run_to_its_end
from tests.media.make import make
from tools.images import find_tool

_STORE = "/store"
_LOCKED_UP = (
    "--network=none", "--read-only", "--tmpfs=/tmp:rw,mode=1777", "--user=10001:10001",
    "--cap-drop=ALL", "--security-opt=no-new-privileges",
)  # fmt: skip
"""What `operators/pods/spec.py` says of a pod."""

_IMPORT = """
from pathlib import Path
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(Path("dags"))
print(bag.import_errors or "", *sorted(bag.dags))
"""

SAMPLES = {"maria": ("es", "en"), "apollo": ("en", "es")}
"""With a script and without one: between them they use every program."""


def in_containers(tool: str, settings: Settings) -> StageRunner:
    """Runs a stage in its image, with the store mounted."""

    def run(stage: str, key: str, store_url: str, watch: Watch | None = None) -> None:
        request = StageRequest.model_validate_json(ArtifactStore(store_url).read(key))
        image = find_engine(stage, request.engine.name).image
        folder = Path(urlsplit(store_url).path)
        open_to_everybody(folder)
        command = [tool, "run", "--rm", *_LOCKED_UP, f"--volume={folder}:{_STORE}"]
        variables = {"AIRDUB_STORE": f"file://{_STORE}", **told_of_spark(stage)}
        command += [f"--env={name}={value}" for name, value in variables.items()]
        command.append(settings.pods.image(image))
        run_to_its_end([*command, stage, "--request", key], {}, watch)

    return run


def told_of_spark(stage: str) -> dict[str, str]:
    """What a chunked stage's pod is told, so that it makes its chunks by Spark."""
    spec = STAGES[stage]
    return driver_environment(SparkSettings(), spec.resources) if spec.chunked else {}


def open_to_everybody(folder: Path) -> None:
    """Let the containers' user write where we do."""
    for path in [folder, *folder.rglob("*")]:
        if path.stat().st_uid == os.getuid():
            path.chmod(0o777 if path.is_dir() else 0o666)


def smoke(folder: Path, name: str, tool: str, settings: Settings, environment: Environment) -> None:
    """Dub one sample and say how long each stage took.

    Raises:
        AirdubError: a stage failed, or left no result that verifies.
    """
    store = ArtifactStore(str(folder / "store"))
    chain = Chain.begin(
        folder / f"{name}.mp4",
        SAMPLES[name],
        store,
        environment=environment,
        runner=in_containers(tool, settings),
    )
    for stage in STAGES:
        began = time.monotonic()
        run = chain.run(stage)
        assert read_result(store, run.request) == run.result
        assert store.exists(run.request.application_key) == STAGES[stage].chunked, stage
        engine, seconds = run.request.engine.name, time.monotonic() - began
        print(f"images-smoke: {name:7}{stage:14}{engine:12}{seconds:6.1f} s", flush=True)


def import_dags(tool: str, settings: Settings) -> None:
    """Let each of Airflow's images import every DAG.

    Raises:
        SystemExit: one doesn't.
    """
    wanted = sorted(file.stem for file in (PROJECT / "dags").glob("[!_]*.py"))
    for name in ("airflow", "airflow-worker"):
        image = settings.pods.image(name)
        command = [tool, "run", "--rm", *_LOCKED_UP, image, "python", "-c", _IMPORT]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
        if done.returncode or done.stdout.split()[-len(wanted) :] != wanted:
            raise SystemExit(f"images-smoke: {image} imports not all of {wanted}: {done.stdout}")
        print(f"images-smoke: {name:15}{len(wanted)} DAGs", flush=True)


def main() -> int:
    """Dub the samples; 1 when one fails, 69 before `make images`."""
    settings, tool = load_settings(), find_tool()
    file = settings.var / "images.json"
    if not file.is_file():
        print(f"images-smoke: {file} is missing; run `make images`, which writes it")
        return 69
    environment = Environment.model_validate_json(file.read_bytes())
    import_dags(tool, settings)
    with tempfile.TemporaryDirectory(prefix="airdub-images-") as temporary:
        folder = Path(temporary)
        make(folder, lambda line: None, tuple(SAMPLES))
        try:
            for name in SAMPLES:
                smoke(folder, name, tool, settings, environment)
        except AirdubError as error:
            print(f"images-smoke: failed: {error}")
            return 1
    print("images-smoke: every image made its results")
    return 0


if __name__ == "__main__":
    sys.exit(main())
