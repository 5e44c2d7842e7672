"""From a judged run to all that its release consists of. Pure but for reading the store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from airdub.consents import USED_SPEAKERS
from airdub.disclosure import Part, disclosure_text
from airdub.drafts import StageRecord
from airdub.metrics import TITLE
from airdub.model import canonical_json
from airdub.releases.documents import (
    DELIVERABLE,
    Disclosure,
    GivenWaiver,
    ReleasedStage,
    ReleaseManifest,
    Signature,
    SyntheticPart,
    UsedConsent,
)
from airdub.releases.dossier import Dossier
from airdub.releases.objects import Content
from airdub.releases.quality import quality_report
from airdub.releases.writing import Prepared, Signing
from airdub.units import ticks_to_ms

if TYPE_CHECKING:
    from airdub.artifacts import ArtifactRef, ArtifactStore

_CONTENTS = (DELIVERABLE, "subtitles_srt", "subtitles_vtt")
_DOCUMENTS = {
    "qc_json": ("qc.json", "application/json"),
    "qc_csv": ("qc.csv", "text/csv"),
    "verdict": ("verdict.json", "application/json"),
    "metrics": ("metrics.json", "application/json"),
}


def prepare(
    dossier: Dossier, store: ArtifactStore, signature: Signature, signing: Signing | None
) -> Prepared:
    """The release of a run.

    Its id is made from the run, the files that were judged, the verdict on them, and who signs: a
    retry makes the same one, and never writes into the folder of another.
    """
    draft, verdict = dossier.draft, dossier.judgement.verdict
    refs = {role: draft.files[role] for role in _CONTENTS}
    stem = f"{dossier.judgement.run.title_id}.{dossier.judgement.run.language}"
    report = quality_report(dossier)
    documents = {
        "qc_json": report.to_json(),
        "qc_csv": report.to_csv(),
        "verdict": verdict.to_json(),
        "metrics": dossier.table.to_json(),
    }
    return Prepared(
        manifest=_manifest(dossier, signature, _release_id(dossier, refs, signature)),
        contents={
            (role, f"{stem}{PurePosixPath(ref.key).suffix}"): _content(store, ref)
            for role, ref in refs.items()
        },
        documents={(role, _DOCUMENTS[role][0]): data for role, data in documents.items()},
        media_types={role: ref.media_type for role, ref in refs.items()}
        | {role: media_type for role, (_, media_type) in _DOCUMENTS.items()},
        signing=signing,
    )


def _release_id(dossier: Dossier, refs: dict[str, ArtifactRef], signature: Signature) -> str:
    made_of = {
        "run": dossier.judgement.run.run_id,
        "files": {role: ref.sha256 for role, ref in refs.items()},
        "judgement": dossier.judgement.digest,
        "certificate": signature.certificate_sha256,
    }
    return hashlib.sha256(canonical_json(made_of)).hexdigest()[:16]


def _content(store: ArtifactStore, ref: ArtifactRef) -> Content:
    return Content(lambda: store.stream(ref), ref.sha256, ref.bytes, ref.media_type)


def _manifest(dossier: Dossier, signature: Signature, release_id: str) -> ReleaseManifest:
    judgement, run = dossier.judgement, dossier.judgement.run
    rows = [row for row in judgement.table if row.scope == TITLE]
    return ReleaseManifest(
        release_id=release_id,
        title_id=run.title_id,
        language=run.language,
        source_language=run.source_language,
        source_sha256=run.source_sha256,
        run_id=run.run_id,
        attempt=run.attempt,
        profile=run.profile,
        duration_s=dossier.draft.duration_s,
        judged_at=dossier.judged_at,
        files=(),
        disclosure=disclosure(dossier),
        signature=signature,
        decision=judgement.verdict.decision,
        verdict=judgement.verdict,
        waivers=tuple(
            GivenWaiver(who=one.who, why=one.why, given_at=one.given_at, review_id=one.review_id)
            for one in dossier.waivers
        ),
        metrics=tuple(row for row in rows if row.value is not None),
        not_measured={row.metric: row.absent for row in rows if row.value is None},
        consents=tuple(
            UsedConsent(
                consent_id=consent.consent_id,
                use=use,
                languages=consent.languages,
                territories=consent.territories,
                expires_at=consent.expires_at,
                evidence_sha256=consent.evidence_sha256,
            )
            for consent, use in dossier.consents
        ),
        stages=tuple(_stages(dossier)),
        data_docs=judgement.data_docs,
    )


def _stages(dossier: Dossier) -> Iterator[ReleasedStage]:
    """What made the release, in the order of work; `evaluate` comes last."""
    records = {**dossier.draft.stages, "evaluate": StageRecord.of(dossier.evaluation)}
    for name, record in records.items():
        yield ReleasedStage(
            stage=name,
            fingerprint=record.fingerprint,
            provenance=record.provenance,
            warnings=record.warnings,
        )


def disclosure(dossier: Dossier) -> Disclosure:
    """What of the dub is synthetic: every dubbed line, and the frames whose lips were changed."""
    lips = _lips(dossier)
    parts = [_speech(dossier), *([lips] if lips.spans else [])]
    language = dossier.judgement.run.language
    return Disclosure(
        text=disclosure_text([part.part for part in parts], language), parts=tuple(parts)
    )


def _speech(dossier: Dossier) -> SyntheticPart:
    """Every dubbed line, by the engines that spoke one, and the one that gave voices to them."""
    stages, lines = dossier.draft.stages, dossier.plan.lines if dossier.plan else ()
    engines = [stages["synthesize"].provenance.engine.name, *sorted(line.engine for line in lines)]
    cloning = stages["convert_voice"]
    if cloning.measurements.get(USED_SPEAKERS) != []:
        engines.append(cloning.provenance.engine.name)
    return SyntheticPart(
        part=Part.SPEECH,
        engines=tuple(dict.fromkeys(one for one in engines if one not in ("", "none"))),
        spans=tuple(
            (ticks_to_ms(one.start), ticks_to_ms(one.end)) for one in dossier.placements.placements
        ),
    )


def _lips(dossier: Dossier) -> SyntheticPart:
    rate = dossier.facts.video.rate
    return SyntheticPart(
        part=Part.LIPS,
        engines=(dossier.lips.engine,),
        spans=tuple(
            (int(Fraction(first * 1000) / rate), -int(-Fraction(after * 1000) / rate // 1))
            for first, after in dossier.lips.changed
        ),
    )
