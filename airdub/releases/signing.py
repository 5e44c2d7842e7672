"""Signed provenance in the deliverable: a C2PA manifest (https://c2pa.org), where one signs.

The private key is read by the C2PA library's caller alone: neither it nor its path gets into
messages, logs or releases.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airdub import __version__
from airdub.disclosure import DIGITAL_SOURCE_TYPE
from airdub.errors import Conflict, EngineFailed, InvalidInput
from airdub.releases.documents import Disclosure, Signature, SyntheticPart

if TYPE_CHECKING:
    from airdub.judgements import DubRun
    from airdub.settings import Settings

LABEL = "org.airdub.release"
"""Of the assertion that ties the signed file to the one that was judged."""

_FORMATS = {".mp4": "video/mp4", ".mov": "video/quicktime"}
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_IN_MEMORY_MB = 16
_CHUNK_KB = 1024  # of a hash tree: with a single hash the library reads the whole film at once
_GOOD = ("Valid", "Trusted")
_WHERE = "AIRDUB_C2PA_CERT, AIRDUB_C2PA_KEY"


class C2paSigning:
    """Signs deliverables with one key.

    Args:
        certificates: PEM, the signing certificate first.
        key: PEM, without a passphrase.
        manifest: of C2PA, as its builder reads it.

    Raises:
        InvalidInput: the files can't be used.
    """

    def __init__(self, certificates: Path, key: Path, manifest: dict[str, Any], suffix: str):
        self._chain = _read(certificates, "AIRDUB_C2PA_CERT")
        self._key = _read(key, "AIRDUB_C2PA_KEY")
        self._algorithm = _algorithm(self._key)
        self._manifest = manifest
        self._format = _FORMATS[suffix]
        self.certificate_sha256 = _fingerprint(self._chain)

    def sign(self, unsigned: Path, signed: Path) -> None:
        """Write a signed copy, and read it back.

        Raises:
            EngineFailed: it can't be signed, or the copy doesn't verify.
        """
        import c2pa

        info = c2pa.C2paSignerInfo(self._algorithm, self._chain, self._key, None)
        try:
            with (
                c2pa.Context(_settings()) as context,
                c2pa.Signer.from_info(info) as signer,
                c2pa.Builder(json.dumps(self._manifest), context) as builder,
                unsigned.open("rb") as source,
                signed.open("w+b") as copy,
            ):
                builder.sign(signer, self._format, source, copy)
        except c2pa.C2paError as error:
            raise EngineFailed(
                f"the release can't be signed: {_kind(error)}",
                where=_WHERE,
                remedy="use a certificate for C2PA claims that is valid now, with its own key",
            ) from None
        problem = self._problem(signed, self._manifest["assertions"][-1]["data"]["sha256"])
        if problem:
            raise EngineFailed(f"what was signed doesn't verify: {problem}", where=_WHERE)

    def check(self, signed: Path, unsigned_sha256: str) -> None:
        """Make sure that a file is a signed copy of the one with that digest.

        Raises:
            Conflict: it isn't.
        """
        if problem := self._problem(signed, unsigned_sha256):
            raise Conflict(
                f"another file lies where the signed one belongs: {problem}",
                remedy="find out who wrote it; then remove that folder, or dub the title anew",
            )

    def _problem(self, signed: Path, unsigned_sha256: str) -> str:
        """Why a file isn't a signed copy; "" when it is."""
        import c2pa

        try:
            with (
                c2pa.Context(_settings()) as context,
                signed.open("rb") as stream,
                c2pa.Reader(self._format, stream, context=context) as reader,
            ):
                said, state = json.loads(reader.json()), reader.get_validation_state()
        except c2pa.C2paError as error:
            return f"it has no C2PA manifest that can be read ({_kind(error)})"
        if state not in _GOOD:
            return "its signature or its bytes don't verify"
        assertions = said["manifests"][said["active_manifest"]]["assertions"]
        ours = [one["data"] for one in assertions if one["label"] == LABEL]
        if [one.get("sha256") for one in ours] != [unsigned_sha256]:
            return "it was made from another file"
        return ""


def choose_signing(
    settings: Settings, run: DubRun, disclosure: Disclosure, *, suffix: str, sha256: str
) -> tuple[Signature, C2paSigning | None]:
    """Whether and how a deliverable is signed.

    Args:
        suffix: of its name.
        sha256: of the file that was judged.

    Raises:
        InvalidInput: the configured certificate or key can't be used.
    """
    if settings.c2pa_certificates is None or settings.c2pa_key is None:
        return Signature(signed=False, why_not="no certificate and key are configured"), None
    if suffix not in _FORMATS:
        why = f"a C2PA manifest can't be put into {suffix} files: no place for one is specified"
        return Signature(signed=False, why_not=why), None
    manifest = c2pa_manifest(run, disclosure, suffix, sha256)
    signing = C2paSigning(settings.c2pa_certificates, settings.c2pa_key, manifest, suffix)
    signature = Signature(
        signed=True, certificate_sha256=signing.certificate_sha256, unsigned_sha256=sha256
    )
    return signature, signing


def c2pa_manifest(run: DubRun, disclosure: Disclosure, suffix: str, sha256: str) -> dict[str, Any]:
    """What is signed: the dub was created as a composite, then edited part by part; and which
    judged run it is."""
    created = {
        "action": "c2pa.created",
        "digitalSourceType": DIGITAL_SOURCE_TYPE,
        "description": disclosure.text,
    }
    edits = [_edit(part, run.language) for part in disclosure.parts]
    release = {"title": run.title_id, "language": run.language, "run": run.run_id, "sha256": sha256}
    return {
        "claim_generator_info": [{"name": "airdub", "version": __version__}],
        "title": f"{run.title_id}.{run.language}{suffix}",
        "format": _FORMATS[suffix],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [created, *edits]}},
            {"label": LABEL, "data": release},
        ],
    }


def _edit(part: SyntheticPart, language: str) -> dict[str, Any]:
    return {
        "action": "c2pa.edited",
        "digitalSourceType": DIGITAL_SOURCE_TYPE,
        "description": f"synthetic {part.part} ({language}) by {', '.join(part.engines)}",
    }


def _settings() -> Any:
    """Memory that doesn't grow with the film, no thumbnails, no requests to anywhere; whom to trust
    is for the viewers to say."""
    import c2pa

    return c2pa.Settings.from_dict(
        {
            "core": {
                "backing_store_memory_threshold_in_mb": _IN_MEMORY_MB,
                "merkle_tree_chunk_size_in_kb": _CHUNK_KB,
            },
            "builder": {"thumbnail": {"enabled": False}},
            "verify": {
                "verify_trust": False,
                "remote_manifest_fetch": False,
                "ocsp_fetch": False,
            },
        }
    )


def _read(file: Path, setting: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"the file can't be read: {error.strerror}",
            where=setting,
            remedy="correct the path, and give Airflow's user the right to read it",
        ) from None


def _algorithm(key: bytes) -> str:
    """C2PA's name of the signature algorithm for a private key."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        loaded = load_pem_private_key(key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidInput(
            "it is no private key in PEM without a passphrase",
            where="AIRDUB_C2PA_KEY",
            remedy="convert it: openssl pkcs8 -topk8 -nocrypt",
        ) from None
    if isinstance(loaded, ec.EllipticCurvePrivateKey) and loaded.curve.name in _CURVES:
        return _CURVES[loaded.curve.name]
    if isinstance(loaded, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(loaded, rsa.RSAPrivateKey):
        return "ps256"
    raise InvalidInput(
        "C2PA has no signatures by this kind of key",
        where="AIRDUB_C2PA_KEY",
        remedy="use an elliptic curve (P-256, P-384, P-521), Ed25519 or RSA key",
    )


def _fingerprint(chain: bytes) -> str:
    """sha256 of the signing certificate in DER."""
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_pem_x509_certificates

    try:
        first = load_pem_x509_certificates(chain)[0]
    except ValueError:
        raise InvalidInput(
            "it is no certificate chain in PEM", where="AIRDUB_C2PA_CERT", remedy="convert it"
        ) from None
    return hashlib.sha256(first.public_bytes(Encoding.DER)).hexdigest()


def _kind(error: Exception) -> str:
    """The library's class of an error: its words might quote what it was given."""
    return type(error).__name__.removeprefix("_C2pa")
