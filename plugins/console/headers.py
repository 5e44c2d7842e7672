"""What a browser is told about what it gets: a type, never to guess another, and what may run."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
"""For the console's own page: its bundle and its data, no inline scripts, no other place."""

FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'self'"
"""For everything else: whatever it holds, it does nothing."""

DOCUMENT_POLICY = (
    "sandbox allow-same-origin; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'self'"
)
"""For an HTML file of the store (Data Docs): it has its own style, and runs and loads nothing. As
nothing runs, it may stay in our origin: its links to other such pages carry the login."""

_DEFAULTS = {
    "Content-Security-Policy": FILE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


class SafeHeaders:
    """Middleware: every answer has these headers, unless its route said otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and complete the answer's headers."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _DEFAULTS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, complete)


class FileType(NamedTuple):
    """How a file is served: as what, shown or only saved, and under which policy."""

    media_type: str
    inline: bool = True
    policy: str = FILE_POLICY


_UTF8 = "; charset=utf-8"
_TYPES = {
    ".mp4": FileType("video/mp4"),
    ".m4v": FileType("video/mp4"),
    ".mov": FileType("video/quicktime"),
    ".mkv": FileType("video/x-matroska"),
    ".webm": FileType("video/webm"),
    ".wav": FileType("audio/wav"),
    ".flac": FileType("audio/flac"),
    ".vtt": FileType("text/vtt" + _UTF8),
    ".srt": FileType("application/x-subrip" + _UTF8, inline=False),
    ".json": FileType("application/json"),
    ".csv": FileType("text/csv" + _UTF8, inline=False),
    ".txt": FileType("text/plain" + _UTF8),
    ".html": FileType("text/html" + _UTF8, policy=DOCUMENT_POLICY),
    ".css": FileType("text/css" + _UTF8),
    ".png": FileType("image/png"),
    ".jpg": FileType("image/jpeg"),
    ".svg": FileType("image/svg+xml"),
}
_UNKNOWN = FileType("application/octet-stream", inline=False)


def file_type(name: str) -> FileType:
    """By the name's ending; unknown ones are only saved, never shown."""
    return _TYPES.get(PurePosixPath(name).suffix.casefold(), _UNKNOWN)
