"""Prepare: check the order, store its files, read what the video is, extract its sound."""

from __future__ import annotations

from dataclasses import dataclass

from airflow.sdk import TaskGroup

from operators.ingest import ingest_task
from operators.stage_task import stage_task
from operators.wiring import TaskOutputs


@dataclass(frozen=True)
class Media:
    """The video in the store, its facts and its sound."""

    ingest: TaskOutputs
    probe: TaskOutputs
    extract_audio: TaskOutputs


def prepare() -> Media:
    """The group's tasks and edges."""
    with TaskGroup("prepare", tooltip="Check the order and read the media"):
        ingest = ingest_task()
        probe = stage_task("probe", {"source": ingest["source"]})
        extract_audio = stage_task(
            "extract_audio", {"source": ingest["source"], "facts": probe["facts"]}
        )
    return Media(ingest, probe, extract_audio)
