"""One file by HTTP on this machine, for a program that reads here and there in it."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from airdub.errors import AirdubError

Read = Callable[[int, int], Iterator[bytes]]
"""Reads a file's bytes from one place to another, both included."""

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@contextmanager
def served(size: int, read: Read) -> Iterator[str]:
    """The address of a file, as long as the block lasts; nobody can guess it.

    When the block fails because reading did, it fails as reading did.

    Args:
        size: bytes of the file.
    """
    path = f"/{secrets.token_urlsafe(32)}"
    failures: list[AirdubError] = []
    handler = _handler(path, size, read, failures)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{path}"
        except AirdubError as error:
            raise (failures or [error])[0] from None
        finally:
            server.shutdown()
            thread.join()


def _handler(
    path: str, size: int, read: Read, failures: list[AirdubError]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = _RANGE.fullmatch(self.headers.get("Range", "bytes=0-"))
            if self.path != path or asked is None:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            first, last = int(asked[1]), min(int(asked[2] or size), size - 1)
            if first > last:
                self.send_error(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
                return
            self.send_response(HTTPStatus.PARTIAL_CONTENT)
            self.send_header("Content-Length", str(last - first + 1))
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
            self.send_header("Accept-Ranges", "bytes")
            self.end_headers()
            try:
                for block in read(first, last):
                    self.wfile.write(block)
            except AirdubError as error:
                failures.append(error)
            except OSError:  # the reader has seen enough
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: whoever asked tells what went wrong."""

    return Handler
