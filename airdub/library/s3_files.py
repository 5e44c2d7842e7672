"""Files in a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any

from airdub.errors import AirdubError, InvalidInput
from airdub.library.files import BLOCK, Entry, Unlisted, begin_of, has_changed, is_relevant
from airdub.library.served import served
from airdub.s3 import (
    ABSENT,
    CHANGED,
    SCHEME,
    TRIES,
    error_code,
    make_client,
    refused,
    split_address,
    unreachable,
)


class S3Files:
    """Objects below a prefix of a bucket; slashes in their keys make folders.

    Args:
        root: `s3://bucket/prefix`.
    """

    def __init__(self, root: str) -> None:
        self.root = root.rstrip("/") + "/"
        self._bucket, self._prefix = split_address(self.root)

    @cached_property
    def _client(self) -> Any:
        return make_client()

    def listed(self) -> Iterator[Entry | Unlisted]:
        """In the order of their keys, page by page."""
        return self._listed(self._prefix, deep=True)

    def beside(self, location: str) -> list[Entry | Unlisted]:
        """By one listing of what begins alike."""
        _, key = split_address(location)
        folder, slash, name = key.rpartition("/")
        return list(self._listed(f"{folder}{slash}{begin_of(name)}", deep=False))

    def _listed(self, prefix: str, *, deep: bool) -> Iterator[Entry | Unlisted]:
        """Objects whose keys begin with the prefix, those of inner folders too if `deep`.

        Raises:
            DependencyUnavailable: the listing breaks off: what it has told is true, and not all.
        """
        cut = prefix.rfind("/") + 1
        where = {"Prefix": prefix} | ({} if deep else {"Delimiter": "/"})
        while True:
            page = self._call("list_objects_v2", self.root, **where)
            for one in page.get("Contents", ()):
                parts = one["Key"][cut:].split("/")
                hidden = any(part.startswith(".") for part in parts)
                if not hidden and is_relevant(parts[-1]):
                    location = f"{SCHEME}{self._bucket}/{one['Key']}"
                    yield _entry(location, one["Size"], one["ETag"])
            if not page.get("IsTruncated"):
                return
            if not page.get("NextContinuationToken"):
                raise unreachable("its listing breaks off", self.root)
            where["ContinuationToken"] = page["NextContinuationToken"]

    def entry(self, location: str) -> Entry | None:
        """The object there now."""
        _, key = split_address(location)
        try:
            head = self._call("head_object", location, Key=key)
        except FileNotFoundError:
            return None
        return _entry(location, head["ContentLength"], head["ETag"])

    def blocks(self, entry: Entry) -> Iterator[bytes]:
        """All of the object."""
        return self._read(entry, 0, entry.bytes - 1)

    def _read(self, entry: Entry, first: int, last: int) -> Iterator[bytes]:
        """Some of an object's bytes, both ends included.

        A connection that breaks off is taken up where it was.
        """
        failures = 0
        while first <= last:
            before = first
            for block in self._connection(entry, first, last):
                first += len(block)
                yield block
            failures = failures + 1 if first == before else 0
            if failures == TRIES:
                raise unreachable("it stops sending", entry.location)

    def _connection(self, entry: Entry, first: int, last: int) -> Iterator[bytes]:
        """What one connection gives.

        Raises:
            InvalidInput: it isn't the object that was listed any more.
        """
        from botocore.exceptions import BotoCoreError, HTTPClientError

        _, key = split_address(entry.location)
        tag = entry.stamp.partition(":")[2]
        fields = {"Key": key, "Range": f"bytes={first}-{last}", "IfMatch": tag}
        try:
            answer = self._call("get_object", entry.location, **fields)
        except FileNotFoundError:
            raise has_changed(entry) from None
        with answer["Body"] as body:
            try:
                yield from iter(lambda: body.read(BLOCK), b"")
            except (BotoCoreError, HTTPClientError):
                return

    @contextmanager
    def probed(self, entry: Entry) -> Iterator[str]:
        """A server on this machine that hands out this object alone: ffprobe reads no more of it
        than it needs, and a signed address, which others could see, isn't needed.
        """
        with served(entry.bytes, partial(self._read, entry)) as address:
            yield address

    def _call(self, operation: str, where: str, **values: Any) -> Any:
        """A request.

        Raises:
            FileNotFoundError: there is no such object, or not with these bytes.
            AirdubError: any other failure.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        bucket, _ = split_address(where)
        try:
            return getattr(self._client, operation)(Bucket=bucket, **values)
        except ClientError as error:
            code = error_code(error)
            if code in (*ABSENT, *CHANGED):
                raise FileNotFoundError(where) from None
            raise _refused(code, operation, where, bucket) from None
        except BotoCoreError as error:
            raise unreachable(type(error).__name__, where) from None


def _entry(location: str, size: int, tag: str) -> Entry:
    return Entry(location, size, f"{size}:{tag}")


def _refused(code: str, operation: str, where: str, bucket: str) -> AirdubError:
    if code == "InvalidObjectState":
        return InvalidInput(
            "the object is archived", where=where, remedy="restore it, then try again"
        )
    return refused(code, operation, where, bucket)
