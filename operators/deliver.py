"""The last task of a dub: a draft that people can open, beside the record of how it was made."""

from __future__ import annotations

import hashlib
import tempfile
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.drafts import Draft, RunSummary, StageRecord, summary_key
from airdub.errors import IncompleteResult
from airdub.media import MediaFacts
from airdub.model import canonical_json
from airdub.orders import DubOrder
from airdub.requests import StageResult
from airdub.settings import load_settings
from operators.consents import Trace
from operators.references import ResultReference, Source, pull_results
from operators.wiring import task_defaults, wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.sdk import Context

    from operators.wiring import TaskOutputs

FILES = {
    "deliverable": "",
    "subtitles_srt": "",
    "subtitles_vtt": "",
    "dialogue_stem": ".dialogue",
}
"""What a draft consists of, and what stands before the ending of its name."""


class DeliverDraftOperator(BaseOperator):
    """Places the finished files under `drafts/<title>/<language>/<digest>/`, the manifest last.

    The digest covers every stage's fingerprint: the same work gives the same folder with the same
    bytes, other work another one. A draft has passed no release gate.

    Args:
        files: where each of `FILES` comes from.
        stages: ids of the tasks that the manifest lists, in the pipeline's order.
    """

    ui_color = "#dcfce7"

    def __init__(
        self, *, files: Mapping[str, Source], stages: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.files = dict(files)
        self.stages = list(stages)

    def execute(self, context: Context) -> ResultReference:
        """Copy, verify, describe."""
        settings = load_settings()
        store = ArtifactStore(settings.store_url)
        order = DubOrder.parse(context["params"])
        upstream = pull_results(context, store, self.stages)
        results = {result.stage: result for _, result in upstream.values()}
        digest = draft_digest(results)
        folder = f"drafts/{order.title_id}/{order.target_language}/{digest[:12]}"
        manifest = f"{folder}/manifest.json"
        cached = store.exists(manifest)
        refs = {name: self._ref(name, upstream) for name in FILES}
        with Trace(settings, store, folder, refs.values()):
            stem = f"{folder}/{order.title_id}.{order.target_language}"
            files = {
                name: place(store, ref, f"{stem}{FILES[name]}{PurePosixPath(ref.key).suffix}")
                for name, ref in refs.items()
            }
            draft = Draft(
                order=order,
                digest=digest,
                duration_s=duration_s(store, results["probe"]),
                files=files,
                stages={name: StageRecord.of(result) for name, result in results.items()},
            )
            store.create(manifest, draft.to_json())  # the first run's: later ones only asked again
        summary = RunSummary(
            manifest=manifest,
            cached={result.stage: reference["cached"] for reference, result in upstream.values()},
        )
        store.write(summary_key(str(context["run_id"])), summary.to_json())
        self.log.info("Draft: %s", store.path(files["deliverable"].key))
        return ResultReference(result_key=manifest, fingerprint=digest, cached=cached)

    def _ref(self, name: str, upstream: dict[str, Any]) -> ArtifactRef:
        source = self.files[name]
        ref = upstream[source.task_id][1].outputs.get(source.output)
        if ref is None:
            raise IncompleteResult(f"{source.task_id} made no {source.output}", where=name)
        return ArtifactRef.model_validate(ref)


def duration_s(store: ArtifactStore, probe: StageResult) -> float:
    """Length of the picture in seconds."""
    facts = MediaFacts.model_validate_json(store.read(probe.outputs["facts"].key))
    return round(float(Fraction(facts.duration)), 3)


def draft_digest(results: Mapping[str, StageResult]) -> str:
    """sha256 over the stages' fingerprints: which work, done how, on which files."""
    prints = {stage: result.fingerprint for stage, result in results.items()}
    return hashlib.sha256(canonical_json(prints)).hexdigest()


def place(store: ArtifactStore, ref: ArtifactRef, key: str) -> ArtifactRef:
    """A verified copy of an artifact under another key; none is made when it is there.

    A copy, not a link: whoever edits a draft must not change what later runs are made from.
    """
    wanted = ref.model_copy(update={"key": key})
    if store.holds(wanted):
        return wanted
    with tempfile.TemporaryDirectory(prefix="airdub-") as folder:
        return store.put(store.fetch(ref, Path(folder)), key, ref.media_type)


def deliver_task(
    files: Mapping[str, Source], stages: Sequence[TaskOutputs], **task: Any
) -> BaseOperator:
    """The task that places the draft, downstream of every stage.

    Raises:
        ValueError: `files` are not exactly those of a draft.
    """
    if set(files) != set(FILES):
        raise ValueError(f"a draft's files are {sorted(FILES)}, not {sorted(files)}")
    operator = DeliverDraftOperator(
        task_id="draft",
        files=files,
        stages=[stage.operator.task_id for stage in stages],
        **{**task_defaults(), **task},
    )
    wire(operator, files.values())
    return operator
