"""`stage_task(...)`: what DAG authors call. It picks the runtime and knows each stage's needs."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airdub.batches import LONGEST_S
from airdub.pods import GPU_POOL, PODS_POOL
from airdub.profiles import load_profile, profile_names
from airdub.settings import load_settings
from airdub.stages import STAGES, Resources
from operators.references import Source
from operators.stage_process import StageProcessOperator
from operators.stage_spark import StageSparkOperator
from operators.warm_stage import WarmProcessOperator
from operators.wiring import TaskOutputs, task_defaults, wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow.sdk import BaseOperator


def stage_task(stage: str, inputs: Mapping[str, Source], **task: Any) -> TaskOutputs:
    """A task that runs a stage, downstream of all that it reads.

    Args:
        stage: name of the stage; also the task's id.
        inputs: for each input port, an output of another task. Those that upstream may not make
            (`ingest["script"]`, `lipsync["video"]`) must be optional for the stage.
        task: arguments for the Airflow operator.

    Raises:
        ValueError: a port is unknown, or a required one isn't wired.
    """
    spec = STAGES[stage]
    known = {port.name for port in spec.inputs}
    required = {port.name for port in spec.inputs if not port.optional}
    if wrong := (set(inputs) - known) | (required - set(inputs)):
        raise ValueError(f"{stage}: inputs that are unknown or not wired: {sorted(wrong)}")
    runs_pods = load_settings().runtime == "kubernetes"
    operator = _operator(runs_pods, chunked=spec.chunked)(
        task_id=stage,
        stage=stage,
        inputs=inputs,
        **{
            **task_defaults(),
            **(pod_pool_of(stage) if runs_pods else pool_of(spec.resources)),
            "execution_timeout": longest(stage),
            **task,
        },
    )
    wire(operator, inputs.values())
    return TaskOutputs(operator, frozenset(port.name for port in spec.outputs))


def warm_task(chosen: BaseOperator, **task: Any) -> BaseOperator:
    """A task that makes the requests that another one has chosen, of whichever stage.

    Args:
        chosen: the other one, a `ChooseRequestsOperator`.
        task: arguments for the Airflow operator.
    """
    runs_pods = load_settings().runtime == "kubernetes"
    pools = [pod_pool_of(name) if runs_pods else pool_of(STAGES[name].resources) for name in STAGES]
    operator = _warm_operator(runs_pods)(
        task_id="warm",
        chosen=chosen.task_id,
        **{
            **task_defaults(),
            **max(pools, key=lambda pool: (pool["pool"] == GPU_POOL, pool["pool_slots"])),
            "execution_timeout": timedelta(seconds=LONGEST_S),
            **task,
        },
    )
    chosen.set_downstream(operator)
    return operator


def _warm_operator(runs_pods: bool) -> Callable[..., BaseOperator]:
    if not runs_pods:
        return WarmProcessOperator
    from operators.warm_pod import WarmPodOperator

    return WarmPodOperator


def _operator(runs_pods: bool, *, chunked: bool) -> Callable[..., BaseOperator]:
    """The runtime's operator; the provider of pods is loaded only where pods are run."""
    if not runs_pods:
        return StageSparkOperator if chunked else StageProcessOperator
    from operators.stage_pod import StagePodOperator

    return StagePodOperator


def pod_pool_of(stage: str) -> dict[str, Any]:
    """The pool for a stage's pods: with GPUs, one slot for each that any profile gives it."""
    gpus = max(load_profile(name).resources_of(stage).gpus for name in profile_names())
    return {"pool": GPU_POOL if gpus else PODS_POOL, "pool_slots": max(1, gpus)}


def longest(stage: str) -> timedelta:
    """How long a stage may take under any profile."""
    profiles = (load_profile(name) for name in profile_names())
    return timedelta(seconds=max(one.resources_of(stage).timeout_s for one in profiles))


def pool_of(resources: Resources) -> dict[str, Any]:
    """The pool for a stage, with one slot for each core that it uses."""
    return {"pool": "airdub_cpu", "pool_slots": math.ceil(resources.cpus)}
