"""A character's voice over the episodes of a series: kept from the first that was published.

What counts is what viewers heard: only a published episode decides on a voice, drafts and dubs that
were held back don't. A person's choice (`airdub series voice`) goes before it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from airdub.continuity.characters import characters_of
from airdub.errors import IncompleteResult
from airdub.requests import StageRequest, StageResult, build_request
from airdub.results import read_result
from airdub.transcript import Transcript

if TYPE_CHECKING:
    from airdub.artifacts import ArtifactRef, ArtifactStore
    from airdub.catalog import Catalog, Release
    from airdub.orders import DubOrder

log = logging.getLogger(__name__)

SPEAKER_VOICES = "speaker_voices"
"""The measurement by which synthesize says which of its engine's voices each speaker has."""

SPEAKING_STAGE = "synthesize"


def voiced(
    catalog: Catalog, store: ArtifactStore, order: DubOrder, request: StageRequest
) -> StageRequest:
    """A request of synthesize that is told which voices its speakers keep from their series.

    Where its result is in the store and has those voices anyway, it stays as it is: dubbing
    the episode that decided on a voice again computes nothing.
    """
    kept = kept_voices(catalog, store, order, request.engine.name, request.inputs["transcript"])
    if not kept or _has_voices(read_result(store, request), kept):
        return request
    for speaker, voice in kept.items():
        log.info("%s keeps the voice %s", speaker, voice)
    stated: Any = request.parameters.get("voices") or {}
    return build_request(
        request.stage,
        request.engine,
        request.inputs,
        attempt_id=request.attempt_key.rpartition("/")[2],
        parameters=request.parameters | {"voices": {**stated, **kept}},
        seed=request.seed,
        asked_by=request.asked_by,
    )


def kept_voices(
    catalog: Catalog, store: ArtifactStore, order: DubOrder, engine: str, transcript: ArtifactRef
) -> dict[str, str]:
    """The voices that a title's speakers keep from their series, by speaker.

    Args:
        engine: that will speak.
        transcript: who speaks; not read where the series keeps no voice.

    Raises:
        IncompleteResult: the transcript can't be read.
    """
    series_id = _series_of(catalog, order.title_id)
    kept = catalog.character_voices(series_id, order.target_language, engine) if series_id else {}
    if not kept:
        return {}
    labels = catalog.labels_of_title(series_id, order.title_id)
    characters = characters_of(_speakers(store, transcript), labels)
    return {speaker: kept[who] for speaker, who in characters.items() if who in kept}


def _speakers(store: ArtifactStore, transcript: ArtifactRef) -> set[str]:
    try:
        segments = Transcript.model_validate_json(store.read(transcript.key)).segments
    except (FileNotFoundError, ValidationError) as error:
        raise IncompleteResult(
            "the transcript isn't in the store, or can't be read",
            where=transcript.key,
            remedy="clear transcribe",
        ) from error
    return {segment.speaker for segment in segments}


def _has_voices(result: StageResult | None, kept: Mapping[str, str]) -> bool:
    """Whether everybody who speaks in a result, and keeps a voice, has it."""
    found = result.measurements.get(SPEAKER_VOICES) if result else None
    return isinstance(found, dict) and all(
        kept.get(speaker, voice) == voice for speaker, voice in found.items()
    )


def record_voices(catalog: Catalog, store: ArtifactStore, release: Release) -> dict[str, str]:
    """Record the voices of an episode that was published; doing it again is fine.

    Returns:
        The voices by speaker; empty outside any series.
    """
    series_id = _series_of(catalog, release.title_id)
    judgement = catalog.judgement(release.run_id)
    if not series_id or judgement is None or release.state != "current":
        return {}
    from airdub.releases.dossier import RunReader

    try:
        result = RunReader(store, judgement).result(SPEAKING_STAGE)
    except IncompleteResult as gone:
        log.warning("Its voices are not kept for the series: %s", gone)
        return {}
    found = result.measurements.get(SPEAKER_VOICES)
    voices = {who: str(voice) for who, voice in found.items()} if isinstance(found, dict) else {}
    catalog.keep_voices(
        series_id,
        release.title_id,
        voices,
        language=release.language,
        engine=result.provenance.engine.name,
        run_id=release.run_id,
    )
    return voices


def _series_of(catalog: Catalog, title_id: str) -> str:
    """The series of a title; "" for one that has none, or isn't in the library."""
    title = catalog.title(title_id)
    return (title.series_id or "") if title else ""
