"""An installation on a test cluster, with an S3 server as its store, and one run's orders."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.airflow_home import PROJECT, use_own_home

use_own_home()

from airdub.artifacts import ArtifactStore  # noqa: E402 - Airflow reads its home when imported
from airdub.settings import load_settings  # noqa: E402
from operators.ingest import IngestOperator  # noqa: E402
from operators.references import Source  # noqa: E402
from tests.kubernetes.containers import Image  # noqa: E402
from tests.kubernetes.driver import TaskInstance, TaskRun  # noqa: E402
from tests.kubernetes.kubelet import Node  # noqa: E402
from tests.kubernetes.server import Cluster  # noqa: E402

SECRET = "planted-XhZ7-never-to-be-seen"  # noqa: S105
NAMESPACE = "airdub"


class Site:
    """An installation on the test cluster: settings, store, cluster and one run's orders.

    Attributes:
        fakes: folder where the stages' interpreter counts its calls.
    """

    def __init__(
        self, folder: Path, cluster: Cluster, film: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.folder, self.cluster = folder, cluster
        self._patch = monkeypatch
        self.fakes = folder / "fakes"
        self.store = ArtifactStore(load_settings().store_url)
        self.params: dict[str, Any] = {
            "title_id": "film",
            "source": str(film),
            "source_language": "en",
            "target_language": "es",
            "profile": "embedded",
            "attempt": 1,
        }
        self.xcoms: dict[str, Any] = {}
        self.ingest()

    def ingest(self) -> None:
        """Take the film into the store, as it is now."""
        context: Any = {"ti": TaskInstance("ingest", "run-1", 1, {}), "run_id": "run-1"}
        context["params"] = self.params
        self.xcoms["ingest"] = IngestOperator(task_id="ingest").execute(context)

    def set(self, **variables: str) -> None:
        """Set variables of Airflow's processes."""
        for name, value in variables.items():
            self._patch.setenv(name, value)

    def steps(self, stage: str, steps: str) -> None:
        """What the stage's processes do, one after the other; see `tests.fakes.stage_python`."""
        self.cluster.node.environment[f"FAKE_{stage.upper()}"] = steps  # type: ignore[index]

    def task(self, **how: Any) -> TaskRun:
        """The probe of the run."""
        inputs = {"source": Source("ingest", "source")}
        return TaskRun("probe", inputs, self.params, self.xcoms, **how)

    @property
    def pods_created(self) -> int:
        return len(self.cluster.created)

    def orphans(self, limit_s: float = 5) -> list[str]:
        """Pods and processes that are left; those that are just leaving are waited for."""
        return [] if eventually(lambda: not self._left(), limit_s) else self._left()

    def _left(self) -> list[str]:
        running = [f"process of {pod.name}" for pod in self.cluster.created if not pod.over]
        return [*self.cluster.pods, *running]


@dataclass(frozen=True)
class Parts:
    """What an installation is made of.

    Attributes:
        s3_url: of the S3 server.
        image: what pods run.
        stages_python: the interpreter that tells Airflow which versions the images have.
        film: what is dubbed.
    """

    s3_url: str
    image: Image
    stages_python: Path
    film: Path


@contextmanager
def installed(folder: Path, parts: Parts, patch: pytest.MonkeyPatch) -> Iterator[Site]:
    """An installation; its cluster is stopped at the end."""
    fakes = folder / "fakes"
    fakes.mkdir()
    bucket = f"airdub-{uuid.uuid4().hex}"
    keys = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL": parts.s3_url,
    }
    inside = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "FAKE_FOLDER": str(fakes)}
    cluster = Cluster(NAMESPACE, Node(parts.image, inside), secrets={"airdub-s3": keys})
    config = cluster.kubeconfig(folder / "kubeconfig")
    variables = {
        **keys,
        "AIRDUB_RUNTIME": "kubernetes",
        "AIRDUB_VAR": str(folder / "var"),
        "AIRDUB_STORE": f"s3://{bucket}/library",
        "AIRDUB_STAGES_PYTHON": str(parts.stages_python),
        "AIRDUB_POD_SECRET": "airdub-s3",
        "AIRDUB_POD_POLL_S": "0.1",
        "AIRFLOW_CONN_KUBERNETES_DEFAULT": f"kubernetes://?kube_config_path={config}",
    }
    for name in ("AIRDUB_CATALOG", "AIRDUB_RELEASES", "AIRDUB_SOURCE_ROOTS"):
        patch.delenv(name, raising=False)
    for name, value in variables.items():
        patch.setenv(name, value)
    ArtifactStore(f"s3://{bucket}")._fs.mkdir(bucket)
    try:
        yield Site(folder, cluster, parts.film, patch)
    finally:
        cluster.stop()


def run_dag(dag_id: str, **params: Any) -> Any:
    """Run a DAG to its end in this process, by Airflow's own task runner and trigger code."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(PROJECT / "dags" / f"{dag_id}.py")
    assert bag.import_errors == {}
    dag = bag.dags[dag_id]
    dag.deadline = None  # `dag.test()` fails with deadlines
    return dag.test(run_conf=params)


def eventually(condition: Callable[[], object], limit_s: float = 15) -> bool:
    """Whether something comes true within a while."""
    limit = time.monotonic() + limit_s
    while not condition() and time.monotonic() < limit:
        time.sleep(0.05)
    return bool(condition())
