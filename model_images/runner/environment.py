"""What this environment has of what engines need: the other half of `airdub.engines`."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from airdub.artifacts import file_digest
from airdub.engines import EngineSpec, Environment, find_engine, resolve_engine
from airdub.errors import InvalidInput
from airdub.requests import EngineRef
from airdub.settings import load_settings
from airdub.weights import ModelCache
from model_images.common.carried import site_packages


def detect(specs: Iterable[EngineSpec]) -> Environment:
    """Find versions of the programs, packages and weights that the engines name."""
    specs = list(specs)
    executables = {package: exe for spec in specs for package, exe in spec.programs.items()}
    executables |= {package: "" for spec in specs for package in spec.optional_packages}
    return Environment(
        programs=_program_versions(executables),
        packages=_package_versions({name for spec in specs for name in spec.packages}),
        weights=_weights_digests(specs),
    )


def refuse_other_versions(stage: str, engine: EngineRef, where: str) -> None:
    """Make sure that this environment runs an engine as it was stated.

    Args:
        where: who states it, for the message.

    Raises:
        InvalidInput: there is no such engine, or it has other versions here.
        DependencyUnavailable: it lacks something here.
    """
    here = resolve_engine(stage, engine.name, detect([find_engine(stage, engine.name)]))
    if here != engine:
        raise InvalidInput(
            f"the request wants {engine!r}, this environment has {here!r}",
            where=where,
            remedy="run `make setup`, which writes down the versions of this environment",
        )


def _weights_digests(specs: Iterable[EngineSpec]) -> dict[str, str]:
    """sha256 by name, of the files that packages brought and of those in the model cache."""
    cache = ModelCache(load_settings().model_cache)
    found = {}
    for name, weights in ((name, one) for spec in specs for name, one in spec.weights.items()):
        if weights.package:
            path = site_packages() / weights.path
            digest = file_digest(path)[0] if path.is_file() else None
        else:
            digest = cache.accepted_digest(weights)
        if digest:
            found[name] = digest
    return found


def _program_versions(executables: dict[str, str]) -> dict[str, str]:
    """Versions by Debian package; an executable that no package brought is named by its digest."""
    found = _debian_versions(sorted(executables))
    for package, executable in executables.items():
        if package not in found and executable and (path := shutil.which(executable)):
            digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
            found[package] = f"unpackaged-{digest[:12]}"
    return found


def _debian_versions(packages: list[str]) -> dict[str, str]:
    if not packages or not shutil.which("dpkg-query"):
        return {}
    # status 1 only says that some of the packages are unknown; the others are printed
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package}\t${db:Status-Status}\t${Version}\n", *packages],
        capture_output=True,
        text=True,
        check=False,
    )
    rows = (line.split("\t") for line in answer.stdout.splitlines())
    return {name: number for name, status, number in rows if status == "installed"}


def _package_versions(names: Iterable[str]) -> dict[str, str]:
    found = {}
    for name in sorted(names):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
