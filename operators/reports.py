"""The stage's own words, from the JSON lines that its runner prints."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from airdub.errors import (
    AirdubError,
    EngineFailed,
    IncompleteResult,
    ResourceExhausted,
    error_class,
)

_LEVELS = {name.lower(): level for name, level in logging.getLevelNamesMapping().items()}


class StageReport:
    """Turns the runner's lines into log records and keeps the error that ends it.

    Args:
        stage: its name, for messages.
        log: where records go.
        said: an error line that was read before.
    """

    def __init__(self, stage: str, log: Any, said: dict[str, Any] | None = None) -> None:
        self._stage = stage
        self._log = log
        self._error: dict[str, Any] = said or {}
        self._progress: dict[str, Any] = {}

    @property
    def said(self) -> dict[str, Any]:
        """The error line that came so far; empty when none did."""
        return self._error

    @property
    def progress(self) -> dict[str, Any]:
        """The newest progress line; empty before the first."""
        return self._progress

    def recover(self, text: str) -> None:
        """Take an error line from a copy of the log, without logging it again."""
        try:
            message = json.loads(text)
        except ValueError:
            return
        if isinstance(message, dict) and message.get("event") == "error":
            self._error = message

    def line(self, text: str) -> None:
        """Take one line; what is no JSON object of the protocol is logged as it is."""
        try:
            message = json.loads(text)
            event = message["event"]
        except (ValueError, TypeError, KeyError):
            if text.strip():
                self._log.info("%s", text)
            return
        if event == "progress":
            self._progress = message
            self._log.info("%s", progress_line(message))
        elif event == "error":
            self._error = message
        elif event == "application":
            page = f", its page is {message['page']}" if message.get("page") else ""
            self._log.info("Spark application %s on %s%s", message["id"], message["master"], page)
        elif event == "log":
            self._log.log(_LEVELS.get(message.get("level"), logging.INFO), "%s", message["message"])

    def failure(self, exit_code: int) -> AirdubError:
        """The error that an exit code and the last error line stand for."""
        kind = error_class(exit_code)
        said = self._error
        if said.get("class") == kind.__name__:
            return kind(said["what"], where=said.get("where", ""), remedy=said.get("remedy", ""))
        if kind is IncompleteResult:
            return kind(
                f"{self._stage} ended without a verified result",
                remedy="nothing: it is tried again",
            )
        if kind is ResourceExhausted:
            return kind(
                f"{self._stage} was killed: out of memory, or from outside",
                remedy="nothing: it is tried again; if it stays, give the machine more memory",
            )
        return kind(
            f"{self._stage} ended with exit code {exit_code}", remedy="read this task's log"
        )


def progress_line(message: Mapping[str, Any]) -> str:
    """`Progress: 40 % (40 of 100 frames), 12 s left`."""
    return f"Progress: {progress_text(message)}"


def progress_text(message: Mapping[str, Any]) -> str:
    """`40 % (40 of 100 frames), 12 s left`."""
    left = message.get("eta_s")
    return (
        f"{message.get('fraction', 0) * 100:.0f} % "
        f"({message.get('done')} of {message.get('total')} {message.get('unit')})"
        + (f", {left:.0f} s left" if left else "")
    )


def too_late(stage: str) -> AirdubError:
    """The error of a stage that took longer than its profile lets it."""
    return EngineFailed(
        f"{stage} took longer than it may and was stopped",
        remedy="read this task's log; raise timeout_s of its resources if it was getting on",
    )
