"""What a dub takes along beside its files: the words of its series, and its approved lines.

Both are inputs of translate, made when an order is taken up and stored by their content, so that
the same words and lines are the same input whenever they are asked for.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.continuity.documents import ApprovedLine, ApprovedLines
from airdub.errors import IncompleteResult, InvalidInput
from airdub.glossary import write_glossary
from airdub.transcript import Lines, Transcript

if TYPE_CHECKING:
    from airdub.catalog import Catalog
    from airdub.judgements import Judgement
    from airdub.orders import DubOrder
    from airdub.releases.dossier import RunReader
    from airdub.requests import EngineRef

log = logging.getLogger(__name__)

SERIES_GLOSSARY, APPROVED = "series_glossary", "approved"
"""Names of the inputs."""

CARRIED = {
    SERIES_GLOSSARY: ("series-glossary.csv", "text/csv"),
    APPROVED: ("approved-lines.json", "application/json"),
}
"""File name and media type of each."""

_A_PERSONS = "script"
"""The method of lines that a person wrote: they come from a script beside the video."""


def carried_inputs(
    catalog: Catalog,
    store: ArtifactStore,
    order: DubOrder,
    files: Mapping[str, ArtifactRef],
    translator: EngineRef,
) -> dict[str, ArtifactRef]:
    """What is carried into a dub, stored, by input name; what there isn't is left out.

    Args:
        files: what lies beside the source, and the source.
        translator: the engine that would translate now.
    """
    approved = approved_lines(catalog, store, order, files, translator)
    found = {
        SERIES_GLOSSARY: series_glossary(catalog, order),
        APPROVED: approved.to_json() if approved else b"",
    }
    return {name: _stored(store, name, content) for name, content in found.items() if content}


def series_glossary(catalog: Catalog, order: DubOrder) -> bytes:
    """The terms of the title's series between the order's languages; empty when it has none."""
    title = catalog.title(order.title_id)
    if title is None or title.series_id is None:
        return b""
    terms = catalog.terms_between(title.series_id, order.source_language, order.target_language)
    return write_glossary(terms).encode() if terms else b""


def approved_lines(
    catalog: Catalog,
    store: ArtifactStore,
    order: DubOrder,
    files: Mapping[str, ArtifactRef],
    translator: EngineRef,
) -> ApprovedLines | None:
    """Lines that may keep the translation that they have in the title's current release.

    Where the source, or what lies beside it, has changed: all of the release's lines. Where it
    hasn't: what the release itself was given, so that doing it again changes nothing; of that, a
    translation engine that is another one by now leaves only what people wrote. Where a script of
    the target language lies beside the video: none, for it is a newer word.
    """
    if "target_script" in files:
        return None
    judgement = _current(catalog, order)
    if judgement is None or judgement.run.source_language != order.source_language:
        return None
    from airdub.releases.dossier import RunReader

    try:
        return _of_release(RunReader(store, judgement), files, translator)
    except (IncompleteResult, InvalidInput) as gone:
        log.warning("No line keeps its approved translation: %s", gone)
        return None


def _current(catalog: Catalog, order: DubOrder) -> Judgement | None:
    """The run whose release is current."""
    releases = catalog.releases(order.title_id, order.target_language)
    run_id = next((one.run_id for one in releases if one.state == "current"), None)
    return catalog.judgement(run_id) if run_id else None


def _of_release(
    release: RunReader, files: Mapping[str, ArtifactRef], translator: EngineRef
) -> ApprovedLines | None:
    given = release.result("ingest").outputs
    before = {name: ref.sha256 for name, ref in given.items() if name not in CARRIED}
    if before != {name: ref.sha256 for name, ref in files.items()}:
        return _published(release)
    if APPROVED not in given:
        return None
    approved = release.document("ingest", APPROVED, ApprovedLines)
    if release.result("translate").provenance.engine == translator:
        return approved
    by_people = tuple(line for line in approved.lines if line.method == _A_PERSONS)
    return approved.model_copy(update={"lines": by_people}) if by_people else None


def _published(release: RunReader) -> ApprovedLines:
    """What a release says, line by line."""
    transcript = release.document("transcribe", "transcript", Transcript)
    lines = release.document("translate", "lines", Lines)
    said = {segment.id: segment.text for segment in transcript.segments}
    return ApprovedLines(
        source_language=lines.source_language,
        target_language=lines.target_language,
        lines=tuple(
            ApprovedLine(source=said[line.segment_id], target=line.text, method=line.method)
            for line in lines.lines
            if line.segment_id in said
        ),
    )


def _stored(store: ArtifactStore, name: str, content: bytes) -> ArtifactRef:
    file, media_type = CARRIED[name]
    digest = hashlib.sha256(content).hexdigest()
    key = f"sources/{digest[:2]}/{digest}/{file}"
    ref = ArtifactRef(key=key, sha256=digest, bytes=len(content), media_type=media_type)
    if not store.holds(ref):
        store.write(key, content)
    return ref
