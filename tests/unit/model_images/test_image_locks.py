"""Each image's lock holds what its stage imports, in the versions that stages are tested with."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from airdub.engines import EngineSpec
from airdub.settings import PROJECT
from airdub.stages import STAGES
from tools.images import stage_images

IMAGES = stage_images()
LOCKS = PROJECT / "requirements" / "images"


def normal(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def locked(lock: Path) -> dict[tuple[str, str], set[str]]:
    """Hashes by name and version."""
    found: dict[tuple[str, str], set[str]] = {}
    for block in re.split(r"\n(?=\w)", lock.read_text()):
        if pinned := re.match(r"([\w.-]+)==([^ \n]+)", block):
            found[normal(pinned[1]), pinned[2]] = set(re.findall(r"--hash=(\S+)", block))
    return found


@cache
def imported(file: Path) -> frozenset[str]:
    """Names of all modules, and of what is taken out of them, that a file imports anywhere."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


def third_party(specs: tuple[EngineSpec, ...]) -> Iterator[str]:
    """Modules from elsewhere that a stage with these engines, and the runner, import."""
    stage = PROJECT / "model_images" / specs[0].stage
    files = [*stage.glob("*.py"), *(PROJECT / "model_images" / "runner").rglob("*.py")]
    engines = (stage / "engines" / f"{spec.name}.py" for spec in specs)
    waiting = [*files, *filter(Path.is_file, engines)]
    chunked = STAGES[specs[0].stage].chunked  # others never load what knows Spark
    spark = (PROJECT / "model_images" / "runner").glob("spark*.py")
    seen = set() if chunked else set(spark)
    while waiting:
        if (file := waiting.pop()) in seen:
            continue
        seen.add(file)
        for name in imported(file):
            path = PROJECT.joinpath(*name.split("."))
            if name.startswith("model_images."):
                waiting += filter(Path.is_file, (path.with_suffix(".py"), path / "__init__.py"))
            elif (top := name.split(".")[0]) != "airdub" and top not in sys.stdlib_module_names:
                yield top


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_has_what_all_stages_are_tested_with(name: str) -> None:
    tested = locked(PROJECT / "requirements" / f"{IMAGES[name].specs[0].environment}.txt")
    ours = locked(LOCKS / f"{name}.txt")
    assert len(ours) > 20
    for pin, hashes in ours.items():
        assert hashes == tested[pin], pin


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_has_all_that_its_stage_imports(name: str) -> None:
    there = {name for name, _ in locked(LOCKS / f"{name}.txt")}
    stated = {normal(package) for spec in IMAGES[name].specs for package in spec.packages}
    assert stated <= there
    brought_by = packages_distributions()  # what no lock brings (torch) is optional everywhere
    needed = {
        normal(brought_by[module][0])
        for module in third_party(IMAGES[name].specs)
        if module in brought_by
    }
    assert needed
    assert needed <= there
