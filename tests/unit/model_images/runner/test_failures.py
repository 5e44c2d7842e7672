"""What exceptions stand for."""

from __future__ import annotations

import errno

import pytest
from botocore.exceptions import EndpointConnectionError

from airdub.errors import (
    AirdubError,
    DependencyUnavailable,
    EngineFailed,
    InvalidInput,
    ResourceExhausted,
    TemporaryFailure,
)
from model_images.runner.failures import typed


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), ResourceExhausted),
        (KeyboardInterrupt(), TemporaryFailure),
        (OSError(errno.ENOSPC, "full"), TemporaryFailure),
        (ConnectionRefusedError(errno.ECONNREFUSED, "no"), DependencyUnavailable),
        (EndpointConnectionError(endpoint_url="http://s3"), DependencyUnavailable),
        (OSError(errno.EACCES, "no"), EngineFailed),
        (ZeroDivisionError("x"), EngineFailed),
        (InvalidInput("x"), InvalidInput),
    ],
)
def test_every_exception_becomes_a_typed_failure(
    error: BaseException, expected: type[AirdubError]
) -> None:
    assert type(typed(error)) is expected
