"""The pod that runs a stage: a pure function of the request, its resources and the settings.

It passes Pod Security `restricted` and holds no credential: pods reach the store by their service
account, or by a secret that the cluster puts into their environment.
"""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import urlsplit

from airdub.engines import find_engine
from airdub.errors import InvalidInput
from airdub.pods import NodeClass
from airdub.requests import StageRequest
from airdub.settings import Settings
from airdub.stages import STAGES, Resources
from operators.pods.identity import TaskIdentity, pod_labels, pod_name
from operators.pods.spark import spark_driver, told_of_spark

CONTAINER = "stage"
_USER = 10001
_GRACE_S = 30
_DEADLINE_MARGIN_S = 600
"""The cluster ends a pod that outlives its task by so much, should Airflow be gone for good."""

_SCRATCH = "/tmp"  # noqa: S108 - the pod's own volume
_MODELS = "/models"


def grown(resources: Resources, node_class: NodeClass, exhausted: int) -> Resources:
    """Resources after a task ran out of them `exhausted` times, within what such a node gives."""
    factor = resources.growth**exhausted
    most = max(node_class.most_memory_mb, resources.memory_mb)
    return resources.model_copy(
        update={
            "memory_mb": min(most, math.ceil(resources.memory_mb * factor)),
            "shm_mb": min(most, math.ceil(resources.shm_mb * factor)),
            "scratch_mb": math.ceil(resources.scratch_mb * factor),
        }
    )


def refuse_unreachable_store(url: str) -> None:
    """Make sure that pods on other machines can use the store, and that its URL is no secret.

    Raises:
        InvalidInput: they can't, or it holds a password.
    """
    parts = urlsplit(url)
    if parts.scheme in ("", "file"):
        raise InvalidInput(
            "pods can't reach a store of local files",
            where="AIRDUB_STORE",
            remedy="use s3://BUCKET/PREFIX, or AIRDUB_RUNTIME=embedded",
        )
    if "@" in parts.netloc:
        raise InvalidInput(
            "the store's URL holds credentials, which every pod spec would show",
            where="AIRDUB_STORE",
            remedy="give them by AIRDUB_POD_SERVICE_ACCOUNT or AIRDUB_POD_SECRET",
        )


def pod_manifest(
    request: StageRequest,
    task: TaskIdentity,
    resources: Resources,
    settings: Settings,
    number: int = 1,
) -> dict[str, Any]:
    """The pod as the Kubernetes API takes it.

    Args:
        resources: see `grown`.
        number: of the pod among those that the task started for this fingerprint, from 1.

    Raises:
        InvalidInput: see `refuse_unreachable_store` and `PodSettings.node_class`.
    """
    refuse_unreachable_store(settings.store_url)
    pod = _pod(request, task, resources, settings, number)
    if not STAGES[request.stage].chunked:
        return pod
    if not settings.spark.starts_pods:
        return told_of_spark(pod, resources, settings)
    alone = resources.model_copy(update={"gpus": 0})  # executors work, the driver plans
    return spark_driver(_pod(request, task, alone, settings, number), pod, resources, settings)


def _pod(
    request: StageRequest,
    task: TaskIdentity,
    resources: Resources,
    settings: Settings,
    number: int,
) -> dict[str, Any]:
    """The pod of a stage that does all its work in it."""
    pods = settings.pods
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod_name(request, task, number),
            "namespace": pods.namespace,
            "labels": pod_labels(request, task, number),
            "annotations": task.annotations(request),
        },
        "spec": {
            "restartPolicy": "Never",
            "serviceAccountName": pods.service_account,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": _GRACE_S,
            "activeDeadlineSeconds": resources.timeout_s + _DEADLINE_MARGIN_S,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": _USER,
                "runAsGroup": _USER,
                "fsGroup": _USER,
                "fsGroupChangePolicy": "OnRootMismatch",
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            **_place(pods.node_class(resources)),
            "containers": [_container(request, resources, settings)],
            "volumes": _volumes(resources, settings),
        },
    }


def _place(node_class: NodeClass) -> dict[str, Any]:
    """Where the pod may run; what the class doesn't say is left out."""
    said = {
        "nodeSelector": node_class.node_selector,
        "tolerations": [dict(one) for one in node_class.tolerations],
        "priorityClassName": node_class.priority_class,
    }
    return {name: value for name, value in said.items() if value}


def _container(request: StageRequest, resources: Resources, settings: Settings) -> dict[str, Any]:
    pods = settings.pods
    image = pods.image(find_engine(request.stage, request.engine.name).image)
    variables = {
        "AIRDUB_STORE": settings.store_url,
        "AIRDUB_IMAGE": image,
        "HOME": _SCRATCH,
        "TMPDIR": _SCRATCH,
        "XDG_CACHE_HOME": f"{_SCRATCH}/cache",
        "NUMBA_CACHE_DIR": f"{_SCRATCH}/numba",
        "OMP_NUM_THREADS": str(math.ceil(resources.cpus)),
        "PYTHONUNBUFFERED": "1",
    }
    mounts: list[dict[str, Any]] = [
        {"name": "scratch", "mountPath": _SCRATCH},
        {"name": "shm", "mountPath": "/dev/shm"},  # noqa: S108 - the pod's own volume
    ]
    if pods.model_cache:
        variables["AIRDUB_MODEL_CACHE"] = _MODELS
        mounts.append({"name": "models", "mountPath": _MODELS, "readOnly": True})
    container = {
        "name": CONTAINER,
        "image": image,
        "command": ["python", "-m", "model_images.runner"],
        "args": list(request.arguments),
        "env": [{"name": name, "value": value} for name, value in variables.items()],
        "resources": _resources(resources, settings),
        "volumeMounts": mounts,
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    if pods.secret:
        container["envFrom"] = [{"secretRef": {"name": pods.secret}}]
    return container


def _resources(resources: Resources, settings: Settings) -> dict[str, Any]:
    """Requests and limits: memory is promised in full, processors may be borrowed."""
    fixed = {"memory": f"{resources.memory_mb + resources.shm_mb}Mi"}  # /dev/shm counts as memory
    if resources.gpus:
        fixed[settings.pods.node_class(resources).gpu_resource] = str(resources.gpus)
    asked = {"cpu": f"{resources.cpus:g}", "ephemeral-storage": f"{resources.scratch_mb}Mi"}
    return {"requests": asked | fixed, "limits": fixed}


def _volumes(resources: Resources, settings: Settings) -> list[dict[str, Any]]:
    shm = {"medium": "Memory", "sizeLimit": f"{resources.shm_mb}Mi"}
    volumes: list[dict[str, Any]] = [
        {"name": "scratch", "emptyDir": {"sizeLimit": f"{resources.scratch_mb}Mi"}},
        {"name": "shm", "emptyDir": shm},
    ]
    if settings.pods.model_cache:
        claim = {"claimName": settings.pods.model_cache, "readOnly": True}
        volumes.append({"name": "models", "persistentVolumeClaim": claim})
    return volumes
