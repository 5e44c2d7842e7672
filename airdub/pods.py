"""Settings of the Kubernetes runtime: where pods go, and what kinds of nodes there are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from airdub import __version__
from airdub.errors import InvalidInput
from airdub.model import Document
from airdub.stages import Resources

NODE_CLASSES = Path(__file__).with_name("node_classes.yaml")

PODS_POOL = "airdub_pods"
GPU_POOL = "airdub_gpu"
"""Airflow's pools of this runtime; both count tasks that wait for their pod (include_deferred)."""

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


class NodeClass(Document):
    """A kind of node, as `node_classes.yaml` states it.

    Attributes:
        gpu_resource: name under which the cluster hands out GPUs.
        node_selector: labels that the node must have.
        tolerations: taints that keep other pods away, as Kubernetes writes them.
        priority_class: of the pods; "" the cluster's default.
        most_memory_mb: MiB beyond which no pod grows.
    """

    gpu_resource: str = "nvidia.com/gpu"
    node_selector: dict[str, str] = Field(default_factory=dict)
    tolerations: tuple[dict[str, str | int], ...] = ()
    priority_class: str = ""
    most_memory_mb: int = Field(gt=0)


@dataclass(frozen=True)
class PodSettings:
    """What an installation on Kubernetes may choose; no credential is among it.

    Attributes:
        connection: Airflow connection of the cluster; absent: the cluster that Airflow runs in
            (AIRDUB_POD_CONNECTION).
        namespace: of the pods (AIRDUB_POD_NAMESPACE).
        images: prefix of the images, registry included (AIRDUB_POD_IMAGES).
        image_tag: by default this version (AIRDUB_POD_IMAGE_TAG).
        service_account: under which pods reach the store (AIRDUB_POD_SERVICE_ACCOUNT).
        spark_service_account: of chunked stages that start pods of their own, with `k8s://` as
            Spark's master (AIRDUB_POD_SPARK_SERVICE_ACCOUNT).
        secret: secret whose entries become variables of the pods, where the service account alone
            does not open the store; "" none (AIRDUB_POD_SECRET).
        model_cache: claim of the volume that holds weights; "" none (AIRDUB_POD_MODEL_CACHE).
        node_classes: file of the kinds of nodes (AIRDUB_NODE_CLASSES).
        deferrable: wait without a worker's slot (AIRDUB_POD_DEFERRABLE).
        keep_failed: leave failed pods to be looked at (AIRDUB_POD_KEEP_FAILED).
        keep_hours: after which the sweeper removes those too (AIRDUB_POD_KEEP_HOURS).
        start_minutes: that a pod may wait for a node and its image (AIRDUB_POD_START_MINUTES).
        poll_s: pause between two looks at a pod (AIRDUB_POD_POLL_S).
        pod_slots, gpu_slots: pods without a GPU, and GPUs, in use at once (AIRDUB_POD_SLOTS,
            AIRDUB_GPU_SLOTS).
    """

    connection: str = "kubernetes_default"
    namespace: str = "airdub"
    images: str = "airdub"
    image_tag: str = __version__
    service_account: str = "airdub-stage"
    spark_service_account: str = "airdub-spark"
    secret: str = ""
    model_cache: str = ""
    node_classes: Path = NODE_CLASSES
    deferrable: bool = True
    keep_failed: bool = False
    keep_hours: int = 24
    start_minutes: float = 30.0
    poll_s: float = 5.0
    pod_slots: int = 32
    gpu_slots: int = 8

    @property
    def pools(self) -> dict[str, int]:
        """Slots by pool."""
        return {PODS_POOL: self.pod_slots, GPU_POOL: self.gpu_slots}

    def image(self, name: str) -> str:
        """Where an image of `EngineSpec.image` is pulled from: `PREFIX/STAGE-ENVIRONMENT:TAG`."""
        return f"{self.images}/{name}:{self.image_tag}"

    def node_class(self, resources: Resources) -> NodeClass:
        """The kind of node that resources ask for.

        Raises:
            InvalidInput: it is not in the file, or the file can't be read.
        """
        name = resources.node_class or ("gpu" if resources.gpus else "cpu")
        known = _node_classes(self.node_classes)
        if name not in known:
            raise InvalidInput(
                f"there is no node class {name!r}",
                where=str(self.node_classes),
                remedy=f"add it, or use one of: {', '.join(known)}",
            )
        return known[name]


def read_pod_settings(env: Mapping[str, str]) -> PodSettings:
    """Read the settings of pods from environment variables.

    Raises:
        InvalidInput: a value can't be used.
    """
    return PodSettings(
        connection=env.get("AIRDUB_POD_CONNECTION") or PodSettings.connection,
        namespace=_name(env, "AIRDUB_POD_NAMESPACE", PodSettings.namespace),
        images=(env.get("AIRDUB_POD_IMAGES") or PodSettings.images).rstrip("/"),
        image_tag=env.get("AIRDUB_POD_IMAGE_TAG") or PodSettings.image_tag,
        service_account=_name(env, "AIRDUB_POD_SERVICE_ACCOUNT", PodSettings.service_account),
        spark_service_account=_name(
            env, "AIRDUB_POD_SPARK_SERVICE_ACCOUNT", PodSettings.spark_service_account
        ),
        secret=_name(env, "AIRDUB_POD_SECRET", ""),
        model_cache=_name(env, "AIRDUB_POD_MODEL_CACHE", ""),
        node_classes=Path(env.get("AIRDUB_NODE_CLASSES") or NODE_CLASSES).absolute(),
        deferrable=_switch(env, "AIRDUB_POD_DEFERRABLE", PodSettings.deferrable),
        keep_failed=_switch(env, "AIRDUB_POD_KEEP_FAILED", PodSettings.keep_failed),
        keep_hours=int(_number(env, "AIRDUB_POD_KEEP_HOURS", 24, least=1, most=8760)),
        start_minutes=_number(env, "AIRDUB_POD_START_MINUTES", 30, least=0.01, most=10_080),
        poll_s=_number(env, "AIRDUB_POD_POLL_S", 5.0, least=0.1, most=300),
        pod_slots=int(_number(env, "AIRDUB_POD_SLOTS", 32, least=1, most=100_000)),
        gpu_slots=int(_number(env, "AIRDUB_GPU_SLOTS", 8, least=1, most=100_000)),
    )


@cache
def _node_classes(file: Path) -> dict[str, NodeClass]:
    import yaml

    try:
        written: dict[str, Any] = yaml.safe_load(file.read_text())
        return {name: NodeClass.model_validate(fields) for name, fields in written.items()}
    except (OSError, AttributeError, yaml.YAMLError, ValidationError) as error:
        raise InvalidInput(
            f"the kinds of nodes can't be read: {error}",
            where=str(file),
            remedy=f"compare it with {NODE_CLASSES.name} of the airdub package",
        ) from error


def _name(env: Mapping[str, str], variable: str, default: str) -> str:
    text = env.get(variable) or default
    if not text or _NAME.fullmatch(text):
        return text
    raise InvalidInput(
        f"{text!r} is no name of a Kubernetes object",
        where=variable,
        remedy="use small letters, digits, '-' and '.'",
    )


def _switch(env: Mapping[str, str], variable: str, default: bool) -> bool:
    text = (env.get(variable) or str(int(default))).lower()
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text in known:
        return known[text]
    raise InvalidInput(f"{text!r} is neither yes nor no", where=variable, remedy="use 1 or 0")


def _number(
    env: Mapping[str, str], variable: str, default: float, *, least: float, most: float
) -> float:
    text = env.get(variable) or str(default)
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if least <= number <= most:
        return number
    raise InvalidInput(
        f"{text!r} is no number from {least:g} to {most:g}",
        where=variable,
        remedy="correct it, or leave it out",
    )
