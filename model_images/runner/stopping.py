"""Being told to stop: a typed failure in the main thread, and a mark that it was so."""

from __future__ import annotations

import signal
import threading
from types import FrameType

from airdub.errors import TemporaryFailure

stopped = threading.Event()
"""Set once the process was told to stop, whoever has caught the exception that says so."""


def stop_on_term() -> None:
    """From now on SIGTERM raises TemporaryFailure in the main thread, once."""
    signal.signal(signal.SIGTERM, _stop)


def _stop(signum: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second TERM must not cut the clean-up short
    stopped.set()
    raise TemporaryFailure(
        f"stopped by {signal.Signals(signum).name}", remedy="nothing: a retry starts from scratch"
    )
