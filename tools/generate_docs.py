"""Writes what is derived from the code: schemas, the table of engines, the packages of each image.

`python tools/generate_docs.py` writes; with `--check` it only tells whether they are up to date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from airdub.batches import BatchRequest
from airdub.engines import EngineSpec, load_engines
from airdub.model import Document
from airdub.requests import StageRequest, StageResult
from airdub.stages import STAGES
from airdub.timing import FitPlan
from airdub.transcript import Lines, Takes, Transcript

PROJECT = Path(__file__).parent.parent
DOCS = PROJECT / "docs"
UNDECLARED = {"pyworld": "setuptools"}
"""What a package imports when it runs and does not declare."""

_SPARK = ("pyspark",)
"""What every engine of a chunked stage runs on, and none depends on."""

DOCUMENTS: tuple[type[Document], ...] = (
    StageRequest,
    BatchRequest,
    StageResult,
    Transcript,
    Lines,
    Takes,
    FitPlan,
)


def schemas() -> Iterator[tuple[Path, str]]:
    """JSON schemas of the documents that stages exchange."""
    for document in DOCUMENTS:
        schema = json.dumps(document.model_json_schema(), indent=2, sort_keys=True)
        yield DOCS / "schema" / f"{document.__name__}.json", schema + "\n"


def _row(spec: EngineSpec) -> str:
    files = dict.fromkeys(name.rpartition("/")[0] or name for name in spec.weights)
    needs = [*spec.programs, *spec.packages, *spec.optional_packages, *files]
    use = "yes" if spec.commercial_use else "no"
    return (
        f"| {spec.stage} | `{spec.name}` {spec.version} | {spec.summary} "
        f"| {', '.join(needs) or '-'} | {spec.licence} | {use} | {spec.consent or '-'} |"
    )


def engines() -> tuple[Path, str]:
    """The table of engines."""
    head = [
        "# Engines",
        "",
        "Generated from `airdub/engines.yaml` by `make docs`.",
        "",
        "| stage | engine and version | what it is | needs | licence | commercial use | consent |",
        "|---|---|---|---|---|---|---|",
    ]
    return DOCS / "engines.md", "\n".join([*head, *map(_row, load_engines().values())]) + "\n"


def image_packages() -> Iterator[tuple[Path, str]]:
    """What each image installs, to be locked to the versions of its environment's lock."""
    images: dict[tuple[str, str], set[str]] = {}
    for spec in load_engines().values():
        undeclared = {UNDECLARED[name] for name in spec.packages if name in UNDECLARED}
        packages = images.setdefault((spec.image, spec.environment), set())
        packages.update(spec.packages, undeclared, _SPARK if STAGES[spec.stage].chunked else ())
    for (image, environment), packages in images.items():
        head = [
            "# Generated from `airdub/engines.yaml` by `make docs`, compiled by `make lock`.",
            "-r ../airdub.in",
            f"-c ../{environment}.txt",
        ]
        lines = [*head, *sorted(packages, key=str.lower)]
        yield PROJECT / "requirements" / "images" / f"{image}.in", "\n".join(lines) + "\n"


def main() -> int:
    """Write or check every generated file; 1 when a check finds a stale one."""
    stale = [
        (path, text)
        for path, text in [*schemas(), engines(), *image_packages()]
        if not path.is_file() or path.read_text() != text
    ]
    if "--check" in sys.argv:
        for path, _ in stale:
            print(f"{path.relative_to(PROJECT)} is stale: run `make docs`")
        return 1 if stale else 0
    for path, text in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
