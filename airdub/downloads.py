"""One large file over HTTP: resumed where it broke off, checked while it arrives, never half there.

Whoever downloads the same file meanwhile, on this machine or on another that shares the folder,
waits at a lock and finds it done.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from airdub.errors import (
    AirdubError,
    DependencyUnavailable,
    InvalidInput,
    PolicyRefused,
    TemporaryFailure,
)

if TYPE_CHECKING:
    import httpx
    import tenacity

log = logging.getLogger(__name__)

Report = Callable[[int], None]
"""Told how many bytes of the file are there."""

TOKENS = {"huggingface.co": "HF_TOKEN"}
"""Variables of tokens by the host that alone gets them, and only over https."""

_TRIES = 6
_TIMEOUT_S = 60.0
_BLOCK = 1 << 20
_FALTERING = (408, 425, 429, 500, 502, 503, 504)


class _Again(Exception):
    """A try that broke off; the next one goes on where it was."""


@dataclass(frozen=True)
class Download:
    """What is to be fetched.

    Attributes:
        sha256: "" where it isn't known.
        parts: folder of unfinished files and locks, on the same file system as the target.
    """

    url: str
    sha256: str
    bytes: int
    parts: Path

    @property
    def name(self) -> str:
        """Of the file while it is unfinished: by its content, whatever the target is called."""
        return self.sha256 or "url-" + hashlib.sha256(self.url.encode()).hexdigest()

    @property
    def part(self) -> Path:
        """The unfinished file."""
        return self.parts / f"{self.name}.part"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Alone with this file among all processes; the kernel frees the lock of a killed one.

        Raises:
            DependencyUnavailable: the folder can't be written, or knows no locks.
        """
        with self._lock_file():
            yield

    def _lock_file(self) -> BinaryIO:
        try:
            self.parts.mkdir(parents=True, exist_ok=True)
            stream = (self.parts / f"{self.name}.lock").open("ab")
            fcntl.flock(stream, fcntl.LOCK_EX)
        except OSError as error:
            raise DependencyUnavailable(
                f"the folder can't be written, or locked: {error.strerror}",
                where=str(self.parts.parent),
                remedy="give this user the right to write there; NFS knows locks from version 4 on",
            ) from error
        return stream


def download(wanted: Download, target: Path, report: Report) -> str:
    """Fetch a file; hold its lock while you do. Returns its sha256.

    Raises:
        InvalidInput: there is no such file, or it isn't the one that was stated.
        PolicyRefused: the host wants a token, or a licence accepted.
        DependencyUnavailable: the host doesn't answer, again and again.
        TemporaryFailure: the disk is too small or full, or can't be written.
    """
    try:
        refuse_small_disk(wanted)
        digest = _fetch_part(wanted, report)
        move(wanted.part, target)
    except OSError as error:
        raise TemporaryFailure(
            f"the file can't be written: {error.strerror}",
            where=str(error.filename or target),
            remedy="make room, or see who may write there; what has arrived is kept",
        ) from error
    return digest


def size_of(url: str) -> int:
    """How many bytes a file has, as its host says.

    Raises:
        AirdubError: as `download`; DependencyUnavailable: the host doesn't say.
    """
    with _asking(url) as (client, attempts):
        return attempts(_ask_size, client, url)


def _ask_size(client: httpx.Client, url: str) -> int:
    headers = {"Accept-Encoding": "identity", **token_headers(url, os.environ)}
    answer = client.head(url, headers=headers)
    if answer.status_code in _FALTERING:
        raise _Again(f"{answer.status_code} {answer.reason_phrase}")
    if answer.status_code != 200:
        raise _refused(answer, url)
    length = answer.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) == 0:
        raise DependencyUnavailable(
            "the host doesn't say how large the file is",
            where=_place(url),
            remedy="get it by a browser, then run `airdub weights import FILE`",
        )
    return int(length)


def token_headers(url: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The header that shows the token of the URL's host, if there is one."""
    parts = urlsplit(url)
    token = environ.get(TOKENS.get(parts.hostname or "", ""))
    return {"Authorization": f"Bearer {token}"} if token and parts.scheme == "https" else {}


def refuse_small_disk(wanted: Download) -> None:
    """Make sure that what lacks of a file has room.

    Raises:
        TemporaryFailure: it hasn't.
    """
    here = wanted.part.stat().st_size if wanted.part.is_file() else 0
    free = shutil.disk_usage(wanted.parts).free
    if free < wanted.bytes - here:
        raise TemporaryFailure(
            f"{wanted.bytes - here} bytes are to come and {free} are free",
            where=str(wanted.parts.parent),
            remedy="make room, or take a larger volume",
        )


@contextmanager
def _asking(url: str) -> Iterator[tuple[httpx.Client, tenacity.Retrying]]:
    """A client, and what asks again where the host falters; giving up is a typed failure."""
    import httpx
    import tenacity

    attempts = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type((_Again, httpx.TransportError)),
        stop=tenacity.stop_after_attempt(_TRIES),
        wait=tenacity.wait_exponential_jitter(multiplier=0.5, max=60),
        before_sleep=tenacity.before_sleep_log(log, logging.WARNING),
        reraise=True,
    )
    try:
        with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=True) as client:
            yield client, attempts
    except (_Again, httpx.HTTPError) as error:
        raise DependencyUnavailable(
            f"the download breaks off: {str(error) or type(error).__name__}",
            where=_place(url),
            remedy="run it again: it goes on where it was",
        ) from error


def _fetch_part(wanted: Download, report: Report) -> str:
    """Make the part whole and right. Returns its sha256."""
    if not wanted.sha256:  # nobody could tell whether what an earlier process left is of this file
        wanted.part.unlink(missing_ok=True)
    resumed = wanted.part.exists()
    with _asking(wanted.url) as (client, attempts):
        digest = attempts(_try, client, wanted, report)
        if digest != wanted.sha256 and resumed:  # what an earlier process left may be damaged
            wanted.part.unlink()
            digest = attempts(_try, client, wanted, report)
    if wanted.sha256 and digest != wanted.sha256:
        wanted.part.unlink()
        raise InvalidInput(
            f"the file has sha256 {digest}, engines.yaml says {wanted.sha256}",
            where=_place(wanted.url),
            remedy="don't use it: it was changed at its source, or on its way",
        )
    return digest


def _try(client: httpx.Client, wanted: Download, report: Report) -> str:
    """Get what is missing in one answer. Returns the sha256 of the whole."""
    with wanted.part.open("a+b") as part:
        digest = _known(part, wanted.bytes)
        here = part.tell()
        if here < wanted.bytes:
            headers = {"Accept-Encoding": "identity", **token_headers(wanted.url, os.environ)}
            if here:
                headers["Range"] = f"bytes={here}-"
            with client.stream("GET", wanted.url, headers=headers) as answer:
                if answer.status_code == 200 and here:  # it knows no ranges
                    part.truncate(0)
                    digest, here = hashlib.sha256(), 0
                _check(answer, wanted, here)
                for block in answer.iter_raw(_BLOCK):
                    here += len(block)
                    if here > wanted.bytes:
                        raise _other_size(wanted, f"more than {wanted.bytes}")
                    part.write(block)
                    digest.update(block)
                    report(here)
        if here < wanted.bytes:
            raise _Again(f"{here} of {wanted.bytes} bytes arrived")
        part.flush()
        os.fsync(part.fileno())
    return str(digest.hexdigest())


def _known(part: BinaryIO, most: int) -> Any:
    """The running digest of what is there; a part that is too long can't be one of this file."""
    if part.seek(0, os.SEEK_END) > most:
        part.truncate(0)
    part.seek(0)
    digest = hashlib.sha256()
    while block := part.read(_BLOCK):
        digest.update(block)
    return digest


def _check(answer: httpx.Response, wanted: Download, here: int) -> None:
    """Refuse an answer that isn't the rest of the file."""
    status = answer.status_code
    if status in _FALTERING:
        raise _Again(f"{status} {answer.reason_phrase}")
    if status >= 400 or status not in (200, 206):
        raise _other_size(wanted, "fewer") if status == 416 else _refused(answer, wanted.url)
    if status == 206 and not answer.headers.get("Content-Range", "").startswith(f"bytes {here}-"):
        raise _Again("another range was answered than was asked for")
    length = answer.headers.get("Content-Length", "")
    if length.isdecimal() and here + int(length) != wanted.bytes:
        raise _other_size(wanted, str(here + int(length)))


def _refused(answer: httpx.Response, url: str) -> AirdubError:
    status, where = answer.status_code, _place(url)
    if status in (401, 403):
        token = TOKENS.get(urlsplit(url).hostname or "")
        remedy = "accept the licence there" + (f", and put a token into {token}" if token else "")
        return PolicyRefused(f"the host answers {status}", where=where, remedy=remedy)
    if status in (404, 410):
        remedy = "correct the url in engines.yaml, or take a newer airdub"
        return InvalidInput(
            f"the host answers {status}: it has no such file", where=where, remedy=remedy
        )
    remedy = "look whether the host works"
    return DependencyUnavailable(f"the host answers {status}", where=where, remedy=remedy)


def _other_size(wanted: Download, found: str) -> InvalidInput:
    return InvalidInput(
        f"the file has {found} bytes, engines.yaml says {wanted.bytes}",
        where=_place(wanted.url),
        remedy="don't use it: it was changed at its source",
    )


def _place(url: str) -> str:
    """A URL without its query, which may hold a signature."""
    return url.partition("?")[0]


def move(part: Path, target: Path) -> None:
    """Give a whole file its name."""
    part.chmod(0o644)  # pods of other users read it
    target.parent.mkdir(parents=True, exist_ok=True)
    part.replace(target)
