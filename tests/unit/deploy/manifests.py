"""The files of deploy/, read as Kubernetes and the chart would."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from airdub.settings import PROJECT

KUBERNETES = PROJECT / "deploy" / "kubernetes"
Manifest = dict[str, Any]


@cache
def kustomized() -> list[Manifest]:
    """Every object of the kustomizations, in order."""
    found = []
    for folder in (KUBERNETES, KUBERNETES / "models"):
        listed = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
        for name in listed:
            found += yaml.safe_load_all((folder / name).read_text())
    return found


def objects(kind: str, namespace: str = "") -> dict[str, Manifest]:
    """Objects of a kind by name."""
    return {
        one["metadata"]["name"]: one
        for one in kustomized()
        if one["kind"] == kind and one["metadata"].get("namespace", "") == namespace
    }


@cache
def values() -> Manifest:
    """The chart's values."""
    read: Manifest = yaml.safe_load((PROJECT / "deploy/helm/values.yaml").read_text())
    return read


def environment() -> dict[str, str]:
    """Variables that the values give to every component."""
    return {one["name"]: one["value"] for one in values()["env"]}


def node_classes() -> str:
    """The file of node classes that the values bring."""
    data = yaml.safe_load(values()["extraConfigMaps"]["airdub-node-classes"]["data"])
    return str(data["node_classes.yaml"])
