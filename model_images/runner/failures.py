"""What an exception stands for: one answer, wherever it is raised."""

from __future__ import annotations

import errno
import logging
import traceback

from airdub.errors import (
    AirdubError,
    DependencyUnavailable,
    EngineFailed,
    ResourceExhausted,
    TemporaryFailure,
)

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_AWAY = frozenset(
    {
        errno.ESTALE,
        errno.ENOTCONN,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.ETIMEDOUT,
    }
)


def typed(error: BaseException) -> AirdubError:
    """The typed failure that an exception stands for."""
    if failure := expected(error):
        return failure
    logging.getLogger("airdub").error("%s", "".join(traceback.format_exception(error)))
    return EngineFailed(f"{type(error).__name__}: {error}", remedy="see the traceback in the log")


def expected(error: BaseException) -> AirdubError | None:
    """The same, unless the exception is a bug's."""
    if isinstance(error, AirdubError):
        return error
    if isinstance(error, MemoryError):
        return ResourceExhausted("out of memory", remedy="use a larger resource class")
    if isinstance(error, KeyboardInterrupt):
        return TemporaryFailure("interrupted")
    if isinstance(error, OSError) and error.errno in _FULL:
        return TemporaryFailure(
            "no space left on the device", where=str(error.filename or ""), remedy="free disk space"
        )
    if _is_away(error):
        return DependencyUnavailable(
            f"the store does not answer: {error}", remedy="look whether it is up and reached"
        )
    return None


def _is_away(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in _AWAY
    # S3's own, which isn't imported for this
    return any(kind.__name__ == "BotoCoreError" for kind in type(error).__mro__)
