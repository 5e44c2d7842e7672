"""The local Airflow's home folder: configuration, secrets and the database.

Everything lies below `var/`. Secrets are made once, in files that only their owner reads.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import shlex
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from string import Template

from airdub.errors import EngineFailed
from airdub.settings import PROJECT, Settings

ADMIN = "admin"
_DEPLOY = PROJECT / "deploy" / "local"
_MIN_PARALLELISM = 4
_CAUGHT_UP_AT_FIRST = timedelta(days=7)
_MAX_SOCKET_PATH = 100  # the kernel allows 107 bytes


@dataclass(frozen=True)
class AirflowHome:
    """Paths and contents of the local Airflow's home.

    Args:
        settings: of the installation; `settings.port` may be 0 as long as nothing is rendered.
    """

    settings: Settings

    @property
    def path(self) -> Path:
        """AIRFLOW_HOME."""
        return self.settings.var / "airflow"

    @property
    def run(self) -> Path:
        """Folder of pid files, locks and the supervisor's socket."""
        return self.settings.var / "run"

    @property
    def log(self) -> Path:
        """Folder of the processes' own logs."""
        return self.settings.var / "log"

    @property
    def password_file(self) -> Path:
        """JSON of user name -> password, mode 0600."""
        return self.path / "passwords.json"

    @cached_property
    def password(self) -> str:
        """The admin's password."""
        return str(json.loads(self.password_file.read_text())[ADMIN])

    @property
    def socket(self) -> Path:
        """The supervisor's control socket; elsewhere when the run folder's path is too long."""
        path = self.run / "supervisor.sock"
        if len(os.fsencode(path)) <= _MAX_SOCKET_PATH:
            return path
        digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        return Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp") / f"airdub-{digest}.sock"  # noqa: S108

    def prepare(self, port: int) -> None:
        """Write folders, secrets and `airflow.cfg`."""
        for folder in (self.path, self.run, self.log):
            folder.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)
        if not self._first_day.exists():
            first = datetime.now(UTC).date() - _CAUGHT_UP_AT_FIRST
            write_private(self._first_day, first.isoformat())
        if not self.password_file.exists():
            password = secrets.token_urlsafe(16)
            write_private(self.password_file, json.dumps({ADMIN: password}))
        template = Template((_DEPLOY / "airflow.cfg").read_text())
        values = {
            "project": str(PROJECT),
            "home": str(self.path),
            "url": base_url(port),
            "port": str(port),
            "parallelism": str(max(_MIN_PARALLELISM, os.cpu_count() or 1)),
            **self._secrets(),
        }
        rendered = template.substitute(
            {name: value.replace("%", "%%") for name, value in values.items()}
        )
        write_private(self.path / "airflow.cfg", rendered)

    def environment(self, port: int) -> dict[str, str]:
        """The variables that Airflow's processes run with."""
        guard = Path(__file__).with_name("guard.py")
        return {
            **os.environ,
            "AIRFLOW_HOME": str(self.path),
            "AIRDUB_VAR": str(self.settings.var),
            "AIRDUB_STORE": self.settings.store_url,
            "AIRDUB_STAGES_PYTHON": str(self.settings.stages_python),
            "AIRDUB_NEURAL_PYTHON": str(self.settings.neural_python),
            "AIRDUB_URL": base_url(port),
            "AIRDUB_SOCKET": str(self.socket),
            "AIRDUB_CATALOG_START": self._catalog_start(),
            "AIRDUB_GUARD": shlex.join([sys.executable, "-S", "-E", str(guard), "--with-parent"]),
            "AIRDUB_AIRFLOW": shlex.join([sys.executable, "-m", "airflow"]),
            "PYTHONPATH": str(PROJECT),
        }

    @property
    def _first_day(self) -> Path:
        """File of the first day whose titles are enqueued, unless the environment says another."""
        return self.path / "first-day"

    def _catalog_start(self) -> str:
        said = os.environ.get("AIRDUB_CATALOG_START")
        if said or not self._first_day.exists():
            return said or self.settings.catalog_start.isoformat()
        return self._first_day.read_text()

    def _secrets(self) -> dict[str, str]:
        path = self.path / "secrets.json"
        if not path.exists():
            made = {
                "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                "jwt_secret": secrets.token_urlsafe(48),
                "api_secret_key": secrets.token_urlsafe(32),
            }
            write_private(path, json.dumps(made))
        loaded: dict[str, str] = json.loads(path.read_text())
        return loaded

    def migrate(self) -> None:
        """Bring the database to this version of Airflow, if it isn't yet.

        Raises:
            EngineFailed: Airflow's migration fails; its words are in a log.
        """
        stamp = self.path / "migrated"
        wanted = version("apache-airflow")
        if (self.path / "airflow.db").exists() and stamp.exists() and stamp.read_text() == wanted:
            return
        log = self.log / "migrate.log"
        with log.open("wb") as stream:
            done = subprocess.run(
                [sys.executable, "-m", "airflow", "db", "migrate"],
                env=self.environment(self.settings.port),
                stdout=stream,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise EngineFailed(
                "Airflow's database could not be migrated",
                where=str(log),
                remedy="read the log; `make down` and removing var/airflow start afresh",
            )
        write_private(stamp, wanted)


def base_url(port: int) -> str:
    """Where the local Airflow answers."""
    return f"http://127.0.0.1:{port}"


def write_private(path: Path, text: str) -> None:
    """Write or replace a file that only its owner may read, without a moment in between."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
    part.replace(path)
