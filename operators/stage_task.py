"""`stage_task(...)`: what DAG authors call. It picks the runtime and knows each stage's needs."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airdub.stages import STAGES, Resources
from operators.references import Source
from operators.stage_process import StageProcessOperator
from operators.wiring import TaskOutputs, task_defaults, wire

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    operator = StageProcessOperator(
        task_id=stage,
        stage=stage,
        inputs=inputs,
        **{
            **task_defaults(),
            **pool_of(spec.resources),
            "execution_timeout": timedelta(seconds=spec.resources.timeout_s),
            **task,
        },
    )
    wire(operator, inputs.values())
    return TaskOutputs(operator, frozenset(port.name for port in spec.outputs))


def pool_of(resources: Resources) -> dict[str, Any]:
    """The pool for a stage, with one slot for each core that it uses."""
    return {"pool": "airdub_cpu", "pool_slots": math.ceil(resources.cpus)}
