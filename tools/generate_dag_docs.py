"""Writes docs/dags.md from the DAGs themselves; with `--check` only tells whether it is up to date.

Needs Airflow's environment: `.venv/bin/python tools/generate_dag_docs.py`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.sdk import DAG, BaseOperator, Param

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "dags.md"
_HEAD = ["# DAGs", "", "Generated from `dags/` by `make docs`.", ""]


def load_dags() -> list[DAG]:
    """Every DAG, by id."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(PROJECT / "dags")
    if bag.import_errors:
        raise SystemExit("\n".join(bag.import_errors.values()))
    return [bag.dags[name] for name in sorted(bag.dags)]


def page(dags: list[DAG]) -> str:
    """The whole page."""
    lines = [*_HEAD]
    for dag in dags:
        lines += _section(dag)
    return "\n".join(lines).rstrip() + "\n"


def _section(dag: DAG) -> Iterator[str]:
    yield from (f"## {dag.dag_id}", "", (dag.doc_md or "").strip(), "")
    yield from ("### Parameters", "", "| name | default | meaning |", "|---|---|---|")
    for name, param in dag.params.items():
        yield f"| `{name}` | {_default(param)} | {param.description} |"
    yield from ("", "### Tasks", "", "| task | after | pool | time limit |", "|---|---|---|---|")
    for task in dag.topological_sort():
        yield _row(task)
    yield ""


def _default(param: Param) -> str:
    if param.value is None:
        return "-"
    return f"`{param.value}`" if param.has_value else "required"


def _row(task: BaseOperator) -> str:
    after = ", ".join(f"`{name}`" for name in sorted(task.upstream_task_ids)) or "-"
    slots = f"{task.pool}, {task.pool_slots} slot{'s' if task.pool_slots > 1 else ''}"
    limit = task.execution_timeout
    hours = f"{limit.total_seconds() / 3600:g} h" if limit else "-"
    return f"| `{task.task_id}` | {after} | {slots} | {hours} |"


def main() -> int:
    """Write or check the page; 1 when a check finds it stale."""
    text = page(load_dags())
    if PAGE.is_file() and PAGE.read_text() == text:
        return 0
    if "--check" in sys.argv:
        print(f"{PAGE.relative_to(PROJECT)} is stale: run `make docs`")
        return 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"AIRFLOW_HOME": home, "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
        sys.exit(main())
