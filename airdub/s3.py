"""S3 and whatever speaks its protocol: the client, addresses, and its errors in our own words.

Nothing of the endpoint or the credentials gets into messages: an endpoint may hold a password.
"""

from __future__ import annotations

from typing import Any

from airdub.errors import AirdubError, DependencyUnavailable, InvalidInput

SCHEME = "s3://"

ABSENT = ("NoSuchKey", "404", "NotFound")
"""Codes of an answer for a key that holds no object."""

CHANGED = ("PreconditionFailed", "412")
"""Codes of an answer for an object that isn't the expected one any more."""

TRIES = 5

_THREADS = 32


def make_client() -> Any:
    """A client for any number of threads; endpoint and credentials are where boto3 looks for them
    (AWS_ENDPOINT_URL, AWS_PROFILE, ...).
    """
    import boto3
    from botocore.config import Config

    patience = {"mode": "standard", "total_max_attempts": TRIES}
    config = Config(
        retries=patience, connect_timeout=10, read_timeout=60, max_pool_connections=_THREADS
    )
    return boto3.session.Session().client("s3", config=config)


def is_s3(location: str) -> bool:
    """Whether a location is an object's address."""
    return location.startswith(SCHEME)


def split_address(location: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`; keys hold any sign, `?` and `#` too.

    Raises:
        InvalidInput: there is no bucket.
    """
    bucket, _, key = location.removeprefix(SCHEME).partition("/")
    if not is_s3(location) or not bucket or "@" in bucket or "\0" in key:
        raise InvalidInput(
            "no s3://bucket/key", where="address of an object", remedy="correct the address"
        )
    return bucket, key


def error_code(error: Any) -> str:
    """The code in botocore's ClientError."""
    return str(error.response.get("Error", {}).get("Code", ""))


def refused(code: str, operation: str, where: str, bucket: str) -> AirdubError:
    """The server answers with an error that nobody expects."""
    if code == "NoSuchBucket":
        what, remedy = f"there is no bucket {bucket}", "make it, or correct the address"
    elif code in ("AccessDenied", "403"):
        what = f"the storage refuses {operation} on {bucket}"
        remedy = "correct the bucket's rules, or the credentials"
    else:
        what, remedy = f"the storage answers {operation} with {code}", "see what that means"
    return DependencyUnavailable(what, where=where, remedy=remedy)


def unreachable(why: str, where: str) -> AirdubError:
    """The server doesn't answer, or stops in the middle."""
    return DependencyUnavailable(
        f"the storage can't be reached: {why}",
        where=where,
        remedy="correct AWS_ENDPOINT_URL and the credentials (see boto3), or start the storage",
    )
