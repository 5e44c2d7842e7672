"""A real Redis for tests: Debian's server, with a password, on 127.0.0.1."""

from __future__ import annotations

import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_START_LIMIT_S = 30


@contextmanager
def redis_server() -> Iterator[str]:
    """Start a server and give its URL; it ends with this process, however that ends.

    Debian's package `redis-tools` carries the server's program under another name: `redis-server`
    is only a link to it and a service that would listen from the installation on.
    """
    program = shutil.which("redis-server") or shutil.which("redis-check-rdb")
    if program is None:
        raise RuntimeError("there is no Redis: `make setup test` installs redis-tools")
    with tempfile.TemporaryDirectory(prefix="airdub-redis-") as name, socket.socket() as free:
        folder = Path(name)
        (folder / "redis-server").symlink_to(program)
        free.bind(("127.0.0.1", 0))
        port, password = free.getsockname()[1], secrets.token_urlsafe(24)
        free.close()
        settings = f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\ndir {folder}\n'
        (folder / "redis.conf").write_text(settings)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--",
                 str(folder / "redis-server"), str(folder / "redis.conf")],
                cwd=folder, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            _wait(port, process, folder / "log")
            yield f"redis://:{password}@127.0.0.1:{port}/0"
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + _START_LIMIT_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(f"Redis did not start: {log.read_text()}") from None
            time.sleep(0.05)
        else:
            return
