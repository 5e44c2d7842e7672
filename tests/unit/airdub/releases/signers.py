"""Certificates for signing releases, made for one test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey

_USAGE = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


@dataclass(frozen=True)
class Signer:
    """Files of a signer.

    Attributes:
        environ: the settings that name them.
        root: PEM of the certificate that viewers are to trust.
        secret: the key as it stands in its file.
    """

    environ: dict[str, str]
    root: str
    secret: str


def make_key(kind: str) -> Key:
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    curves = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}
    return ec.generate_private_key({**curves, "k1": ec.SECP256K1()}[kind])


def make_signer(folder: Path, kind: str = "p256", *, days: int = 30, other: bool = False) -> Signer:
    """A chain of two certificates and the key of the first.

    Args:
        days: for which it is valid, from yesterday; negative: it has expired.
        other: the key is another one's.
    """
    root_key, key = make_key("p256"), make_key(kind)
    root = _certificate("Root", "Root", root_key.public_key(), root_key, days=400, ca=True)
    leaf = _certificate("Signer", "Root", key.public_key(), root_key, days=days, ca=False)
    folder.mkdir(parents=True, exist_ok=True)
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(leaf.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM))
    kept = make_key(kind) if other else key
    secret.write_bytes(kept.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return Signer(
        {"AIRDUB_C2PA_CERT": str(chain), "AIRDUB_C2PA_KEY": str(secret)},
        root.public_bytes(Encoding.PEM).decode(),
        secret.read_text(),
    )


def _name(text: str) -> x509.Name:
    names = {NameOID.ORGANIZATION_NAME: "Test", NameOID.COMMON_NAME: text}
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in names.items()])


def _certificate(  # type: ignore[no-untyped-def]
    subject: str, issuer: str, public, signed_by, *, days: int, ca: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    wanted = ("key_cert_sign", "crl_sign") if ca else ("digital_signature",)
    key_identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_by.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=max(1, 1 - days)))
        .not_valid_after(now + timedelta(days=days) if days > 0 else now - timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(x509.KeyUsage(**{name: name in wanted for name in _USAGE}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(key_identifier, critical=False)
    )
    if not ca:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(usage, critical=False)
    return builder.sign(signed_by, hashes.SHA256())
