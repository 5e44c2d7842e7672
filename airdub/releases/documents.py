"""What a release says of itself: `release.json`, written last and never changed."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from airdub.consents import Use
from airdub.disclosure import DIGITAL_SOURCE_TYPE, Part
from airdub.gates.verdict import Verdict
from airdub.metrics import Metric
from airdub.model import Document
from airdub.requests import Provenance

DELIVERABLE = "deliverable"
"""The role of the video among a release's files."""


class ReleaseFile(Document):
    """A file of a release.

    Attributes:
        role: what it is: `DELIVERABLE`, `subtitles_srt`, `qc_csv`, ...
        name: in the release's folder.
    """

    role: str
    name: str
    media_type: str
    sha256: str
    bytes: int


class SyntheticPart(Document):
    """Something that machines made.

    Attributes:
        engines: names of the engines that made it, in the order of their work.
        spans: where, as half-open spans of milliseconds from the start of the picture.
    """

    part: Part
    engines: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


class Disclosure(Document):
    """What of the release is synthetic; the same stands in the deliverable's container."""

    text: str
    digital_source_type: str = DIGITAL_SOURCE_TYPE
    parts: tuple[SyntheticPart, ...]


class Signature(Document):
    """Whether the deliverable carries a signed C2PA manifest.

    Attributes:
        why_not: "" when it is signed.
        certificate_sha256: of the certificate that signed, in DER.
        unsigned_sha256: of the deliverable before it was signed: the file that was judged.
    """

    signed: bool
    why_not: str = ""
    certificate_sha256: str = ""
    unsigned_sha256: str = ""


class ReleasedStage(Document):
    """What made a part of the release."""

    stage: str
    fingerprint: str
    provenance: Provenance
    warnings: tuple[str, ...] = ()


class UsedConsent(Document):
    """What somebody agreed to whose voice or face the release holds; no name is published."""

    consent_id: str
    use: Use
    languages: tuple[str, ...]
    territories: tuple[str, ...]
    expires_at: str
    evidence_sha256: str


class GivenWaiver(Document):
    """Somebody's word that it may be published although its gate said no."""

    who: str
    why: str
    given_at: str
    review_id: str


class ReleaseManifest(Document):
    """`release.json`.

    Attributes:
        release_id: made from content and run (see `airdub.releases.assembling`).
        judged_at: when the run was judged; releases of later judgements are newer.
        metrics: title by title; lines are in the file of role `metrics`.
        not_measured: why, by metric.
        data_docs: key of the pages of Great Expectations in the artifact store.
    """

    format: Literal[1] = 1
    release_id: str = ""
    title_id: str
    language: str
    source_language: str
    source_sha256: str
    run_id: str
    attempt: int
    profile: str
    duration_s: float
    judged_at: str
    files: tuple[ReleaseFile, ...]
    disclosure: Disclosure
    signature: Signature
    decision: str
    verdict: Verdict
    waivers: tuple[GivenWaiver, ...]
    metrics: tuple[Metric, ...]
    not_measured: dict[str, str]
    consents: tuple[UsedConsent, ...]
    stages: tuple[ReleasedStage, ...]
    data_docs: str | None


class ReleaseHead(BaseModel):
    """What every version of airdub must understand of any release: which it is, and its files."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    release_id: str
    title_id: str
    language: str
    run_id: str
    attempt: int = 1
    judged_at: str
    files: tuple[ReleaseFile, ...]


class Tombstone(Document):
    """Why a release was withdrawn."""

    release_id: str
    title_id: str
    language: str
    who: str = Field(min_length=1)
    why: str = Field(min_length=1)
    withdrawn_at: str
