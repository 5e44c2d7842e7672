"""Objects in S3 or whatever speaks its protocol: conditional puts, and uploads in parts.

Nothing of the address or the credentials gets into messages: an endpoint may hold a password.
"""

from __future__ import annotations

import hashlib
import mimetypes
import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from airdub.artifacts import checked_key
from airdub.errors import DependencyUnavailable, InvalidInput, TemporaryFailure
from airdub.releases.objects import (
    BLOCK,
    LARGEST_DOCUMENT,
    Content,
    Stored,
    checked,
    refuse_other,
)
from airdub.s3 import ABSENT, CHANGED, TRIES, error_code, make_client, refused, unreachable

PART_BYTES = 16 << 20
"""Of an upload in parts; also what it holds in memory."""

_MOST_PARTS = 10_000
_NO_UPLOAD = "NoSuchUpload"
_RACING = ("ConditionalRequestConflict", "409")
_PROBE = ".conditional-writes"


class S3Objects:
    """Objects below a prefix of a bucket.

    Args:
        url: `s3://bucket/prefix`.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._bucket = parts.hostname or ""
        self._prefix = parts.path.strip("/")
        self.name = f"s3://{self._bucket}/{self._prefix}".rstrip("/")
        if not self._bucket or parts.username or (self._prefix and not checked_key(self._prefix)):
            raise InvalidInput(
                "no s3://bucket/prefix", where="AIRDUB_RELEASES", remedy="correct the address"
            )

    @cached_property
    def _client(self) -> Any:
        return make_client()

    def _key(self, key: str) -> str:
        return f"{self._prefix}/{checked_key(key)}".lstrip("/")

    def _call(self, operation: str, key: str, **values: Any) -> Any:
        """A request.

        Raises:
            S3Refusal: the server answers with an error that somebody here may expect.
            AirdubError: any other failure.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        call = getattr(self._client, operation)
        try:
            return call(Bucket=self._bucket, **values)
        except ClientError as error:
            code = error_code(error)
            if code in (*ABSENT, *CHANGED, *_RACING, _NO_UPLOAD):
                raise S3Refusal(code) from None
            raise refused(code, operation, f"{self.name}/{key}", self._bucket) from None
        except BotoCoreError as error:
            raise unreachable(type(error).__name__, f"{self.name}/{key}") from None

    def read(self, key: str) -> Stored | None:
        """A small object; None when there is none."""
        try:
            answer = self._call("get_object", key, Key=self._key(key))
        except S3Refusal as refusal:
            refusal.unless(ABSENT)
            return None
        if answer["ContentLength"] > LARGEST_DOCUMENT:
            raise InvalidInput("it is too large for a document", where=f"{self.name}/{key}")
        return Stored(b"".join(self._blocks(answer, key)), answer["ETag"])

    def put(self, key: str, data: bytes, before: Stored | None) -> bool:
        """Write a small object if it is still what it was `before` (None: absent)."""
        self._keeps_conditions  # noqa: B018 - asked once
        media_type, _ = mimetypes.guess_type(key)
        return self._put(
            key, data, before.tag if before else None, media_type or "application/octet-stream"
        )

    def _put(self, key: str, data: bytes, tag: str | None, media_type: str) -> bool:
        condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        fields = {"Key": self._key(key), "Body": data, "ContentType": media_type}
        for number in range(TRIES):
            try:
                self._call("put_object", key, **fields, **condition)
            except S3Refusal as refusal:
                refusal.unless((*CHANGED, *_RACING, *ABSENT))
                # a request that was sent again finds what it wrote itself
                now = self.read(key)
                if now is not None and now.data == data:
                    return True
                if refusal.code not in _RACING:
                    return False
                time.sleep(0.1 * 2**number)
            else:
                return True
        return False

    def upload(self, key: str, content: Content) -> None:
        """Create an object, streamed; it appears once all of its bytes are there and checked."""
        self._keeps_conditions  # noqa: B018 - asked once
        if self._exists(key) or not self._created(key, content):
            refuse_other(self, key, content)
        if content.bytes > PART_BYTES:
            self._forget_uploads(key)

    def _created(self, key: str, content: Content) -> bool:
        """Whether this call made the object; False when somebody else was faster."""
        if content.bytes <= PART_BYTES:
            return self._put(key, b"".join(checked(content)), None, content.media_type)
        fields = {"Key": self._key(key), "ContentType": content.media_type}
        upload_id = self._call("create_multipart_upload", key, **fields)["UploadId"]
        try:
            self._send(key, upload_id, content)
        except S3Refusal as refusal:
            refusal.unless((*CHANGED, *_RACING, _NO_UPLOAD))
            if not self._exists(key):
                raise TemporaryFailure(
                    "another upload got in the way", where=f"{self.name}/{key}"
                ) from None
            return False
        except DependencyUnavailable:
            # some servers fail without a word when a faster publisher has removed this upload
            if not self._exists(key):
                raise
            return False
        return True

    def _send(self, key: str, upload_id: str, content: Content) -> None:
        """Send the parts; the last request makes them an object, if there is none yet."""
        of = {"Key": self._key(key), "UploadId": upload_id}
        size = max(PART_BYTES, -(-content.bytes // _MOST_PARTS))
        try:
            parts = []
            for number, part in enumerate(_parts(checked(content), size), start=1):
                answer = self._call("upload_part", key, **of, PartNumber=number, Body=part)
                parts.append({"PartNumber": number, "ETag": answer["ETag"]})
            whole = {"MultipartUpload": {"Parts": parts}, "IfNoneMatch": "*"}
            self._call("complete_multipart_upload", key, **of, **whole)
        except BaseException:
            self._abort(key, upload_id)
            raise

    def _abort(self, key: str, upload_id: str) -> None:
        try:
            self._call("abort_multipart_upload", key, Key=self._key(key), UploadId=upload_id)
        except S3Refusal as refusal:
            refusal.unless((_NO_UPLOAD, *ABSENT))

    def _forget_uploads(self, key: str) -> None:
        """Remove what killed uploads of the key have left."""
        wanted = self._key(key)
        answer = self._call("list_multipart_uploads", key, Prefix=wanted)
        for upload in answer.get("Uploads", ()):
            if upload["Key"] == wanted:
                self._abort(key, upload["UploadId"])

    def _exists(self, key: str) -> bool:
        try:
            self._call("head_object", key, Key=self._key(key))
        except S3Refusal as refusal:
            refusal.unless(ABSENT)
            return False
        return True

    def stream(self, key: str) -> Iterator[bytes]:
        """An object's bytes in blocks."""
        try:
            answer = self._call("get_object", key, Key=self._key(key))
        except S3Refusal as refusal:
            refusal.unless(ABSENT)
            raise FileNotFoundError(key) from None
        yield from self._blocks(answer, key)

    def _blocks(self, answer: Any, key: str) -> Iterator[bytes]:
        from botocore.exceptions import BotoCoreError

        with answer["Body"] as body:
            try:
                yield from iter(lambda: body.read(BLOCK), b"")
            except BotoCoreError as error:  # a connection that broke off
                raise unreachable(type(error).__name__, f"{self.name}/{key}") from None

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Key and size of every object below a folder."""
        cut = len(self._key("x")) - 1
        fields = {"Prefix": f"{self._key(prefix)}/"}
        while True:
            page = self._call("list_objects_v2", prefix, **fields)
            for one in page.get("Contents", ()):
                yield one["Key"][cut:], one["Size"]
            if not page.get("IsTruncated"):
                return
            fields["ContinuationToken"] = page["NextContinuationToken"]

    @cached_property
    def _keeps_conditions(self) -> bool:
        """Make sure, once, that the server keeps to conditions: some pass over them in silence.

        Raises:
            DependencyUnavailable: it doesn't.
        """
        self._put(_PROBE, b"1", None, "text/plain")
        never = '"' + hashlib.md5(b"2", usedforsecurity=False).hexdigest() + '"'
        if self._put(_PROBE, b"2", None, "text/plain") or self._put(
            _PROBE, b"2", never, "text/plain"
        ):
            raise DependencyUnavailable(
                "the storage ignores If-None-Match or If-Match: two publishers could overwrite "
                "each other",
                where=self.name,
                remedy="use a version of it that knows conditional writes, or another storage",
            )
        return True


class S3Refusal(Exception):
    """An error of the server that the caller may expect."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def unless(self, codes: tuple[str, ...]) -> None:
        """Raise what isn't among the codes."""
        if self.code not in codes:
            raise self


def _parts(blocks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The blocks put together to parts of a size; the last one is smaller, and there is one."""
    part = bytearray()
    for block in blocks:
        part += block
        while len(part) > size:
            yield bytes(part[:size])
            del part[:size]
    yield bytes(part)
