"""Every DAG: parsed without the catalogue, so that the library's size can't matter to Airflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.airflow_home import PROJECT

SERIALIZE = """
import json
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization

bag = DagBag("dags")
assert bag.import_errors == {}, bag.import_errors
print(json.dumps({
    name: DagSerialization.to_dict(dag)["dag"] for name, dag in bag.dags.items()
}, sort_keys=True, default=str))
"""


def serialized(**environment: str) -> dict[str, object]:
    """Every DAG as Airflow stores it, parsed in a process of its own."""
    answer = subprocess.run(
        [sys.executable, "-c", SERIALIZE],
        env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(answer.stdout.splitlines()[-1])
    return found


def test_no_dag_asks_the_catalogue_while_it_is_parsed(tmp_path: Path) -> None:
    broken = tmp_path / "catalog.db"
    broken.write_text("not a database")
    dags = serialized(AIRDUB_CATALOG=f"sqlite://{broken}")
    names = {path.stem for path in (PROJECT / "dags").glob("*.py")} - {"__init__"}
    assert set(dags) == names
    assert broken.read_text() == "not a database"
    assert dags == serialized(AIRDUB_CATALOG="postgresql://nobody@127.0.0.1:9/nothing")
