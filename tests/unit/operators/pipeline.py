"""The tasks of a dub, run by hand one after the other."""

from __future__ import annotations

from airdub.stages import STAGES
from operators.deliver import DeliverDraftOperator
from operators.ingest import IngestOperator
from operators.references import Source
from operators.stage_process import StageProcessOperator

from .conftest import Flow

ORDER = ["ingest", *STAGES]
"""Task ids, which are the stages' names here, in the pipeline's order."""


def run_all(flow: Flow) -> None:
    """Run the pipeline by hand; each stage takes its inputs wherever they are made first."""
    flow.run(IngestOperator(task_id="ingest"))
    made = {"source": Source("ingest", "source")}
    made |= {name: Source("ingest", name) for name in ("script", "target_script")}
    order = [name for name in STAGES if name != "track_faces"]
    order.insert(order.index("mix"), "track_faces")
    for stage in order:
        spec = STAGES[stage]
        inputs = {port.name: made[port.name] for port in spec.inputs if port.name in made}
        flow.run(StageProcessOperator(task_id=stage, stage=stage, inputs=inputs))
        made |= {port.name: Source(stage, port.name) for port in spec.outputs}


def deliver(flow: Flow) -> dict[str, object]:
    """Place the draft."""
    files = {
        "deliverable": Source("mux", "deliverable"),
        "subtitles_srt": Source("mix", "subtitles_srt"),
        "subtitles_vtt": Source("mix", "subtitles_vtt"),
        "dialogue_stem": Source("mix", "dialogue_stem"),
    }
    return flow.run(DeliverDraftOperator(task_id="draft", files=files, stages=ORDER))
