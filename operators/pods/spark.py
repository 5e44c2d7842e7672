"""The pod of a chunked stage, as a Spark driver, and the pods of its executors. Pure.

The driver is the stage's own pod. It may make pods, which it owns: they go when it goes.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from airdub.settings import Settings
from airdub.spark import driver_environment
from airdub.stages import Resources
from operators.pods.identity import FINGERPRINT, NUMBER, TASK

Pod = dict[str, Any]

DRIVER = {"airdub/spark": "driver"}
EXECUTOR = {"app.kubernetes.io/name": "airdub", "app.kubernetes.io/component": "executor"}
"""Labels by which network policies know them; the sweeper knows no executor: its driver owns it."""

_ENTRY = ["python", "-m", "model_images.runner.executor"]


def told_of_spark(pod: Pod, resources: Resources, settings: Settings) -> Pod:
    """The pod of a stage that spreads its chunks over its own cores."""
    return _with_variables(pod, driver_environment(settings.spark, resources))


def spark_driver(driver: Pod, alone: Pod, resources: Resources, settings: Settings) -> Pod:
    """The pod of a stage that has its chunks made by other pods.

    Args:
        driver: the stage's pod without GPUs.
        alone: the pod in which the stage would do all its work itself.
        resources: of that one.
    """
    pod = deepcopy(driver)
    pod["metadata"]["labels"] |= DRIVER
    pod["spec"]["serviceAccountName"] = settings.pods.spark_service_account
    pod["spec"]["automountServiceAccountToken"] = True
    variables = driver_environment(
        settings.spark,
        resources,
        _properties(pod, alone, resources, settings),
        json.dumps(executor_template(alone), sort_keys=True),
    )
    return _with_variables(pod, variables)


def executor_template(alone: Pod) -> Pod:
    """What Spark makes executors' pods of: the stage's pod, as locked up, without whose it is."""
    pod = deepcopy(alone)
    labels = pod["metadata"]["labels"]
    own = {name: labels[name] for name in labels if name not in (TASK, FINGERPRINT, NUMBER)}
    container = pod["spec"]["containers"][0]
    storage = container["resources"]["requests"]["ephemeral-storage"]
    container |= {"command": _ENTRY, "resources": {"requests": {"ephemeral-storage": storage}}}
    del container["args"], pod["spec"]["restartPolicy"]
    scratch = "spark-local-dir-1"  # by this name Spark takes the volume for its own files
    for one in (*container["volumeMounts"], *pod["spec"]["volumes"]):
        if one["name"] == "scratch":
            one["name"] = scratch
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"labels": own | EXECUTOR},
        "spec": pod["spec"],
    }


def _properties(pod: Pod, alone: Pod, resources: Resources, settings: Settings) -> dict[str, str]:
    """Spark's properties for its pods, beside those of every cluster."""
    kubernetes = {
        "namespace": settings.pods.namespace,
        "driver.pod.name": pod["metadata"]["name"],
        "container.image": alone["spec"]["containers"][0]["image"],
        "authenticate.executor.serviceAccountName": settings.pods.service_account,
        "executor.podTemplateContainerName": alone["spec"]["containers"][0]["name"],
        "executor.request.cores": f"{resources.cpus / max(1, resources.gpus):g}",
        # what Spark would otherwise make and delete beside pods
        "executor.disableConfigMap": "true",
        "driver.service.deleteOnTermination": "false",
        "driver.ownPersistentVolumeClaim": "false",
        "driver.reusePersistentVolumeClaim": "false",
    }
    found = {f"spark.kubernetes.{name}": value for name, value in kubernetes.items()}
    if resources.gpus:
        vendor = settings.pods.node_class(resources).gpu_resource.partition("/")[0]
        found["spark.executor.resource.gpu.vendor"] = vendor
    return found


def _with_variables(pod: Pod, variables: dict[str, str]) -> Pod:
    pod = deepcopy(pod)
    own = [{"name": name, "value": value} for name, value in variables.items()]
    pod["spec"]["containers"][0]["env"] += own
    return pod
