"""Model files that wheels carry. The file alone is enough: images have it without its wheel."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from airdub.errors import DependencyUnavailable


def site_packages() -> Path:
    """Where this interpreter's packages lie."""
    return Path(sysconfig.get_path("purelib"))


def carried_file(path: str) -> Path:
    """A model file by its path below site-packages, as `engines.yaml` states it.

    Raises:
        DependencyUnavailable: it isn't there.
    """
    file = site_packages() / path
    if not file.is_file():
        raise DependencyUnavailable(
            "a model file that a wheel carries is not installed",
            where=path,
            remedy="run `make setup`",
        )
    return file
