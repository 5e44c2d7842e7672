"""Writes the secrets that `values.yaml` names: `make_secrets.py | kubectl create -f -`, once.

AIRFLOW_DB_URL and AIRDUB_CATALOG_URL are `postgresql://USER:PASSWORD@HOST/NAME`, two databases that
may lie on one server. All else is made up here. `create` refuses to replace what is there: with
another Fernet key nobody could read Airflow's connections any more.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
from urllib.parse import urlsplit

import yaml

NAMESPACE = "airdub-airflow"
REDIS = "airflow-redis:6379"


def manifests(airflow_db: str, catalogue: str) -> list[dict[str, object]]:
    """The secrets as Kubernetes takes them.

    Raises:
        ValueError: a URL is not one of PostgreSQL with user, host and database.
    """
    for name, url in (("AIRFLOW_DB_URL", airflow_db), ("AIRDUB_CATALOG_URL", catalogue)):
        parts = urlsplit(url)
        if parts.scheme != "postgresql" or not (parts.username and parts.path.strip("/")):
            raise ValueError(f"{name} must be postgresql://USER:PASSWORD@HOST/NAME")
    redis = secrets.token_urlsafe(32)
    contents = {
        "airdub-metadata": {
            "connection": airflow_db.replace("postgresql", "postgresql+psycopg", 1)
        },
        "airdub-catalog": {"url": catalogue},
        "airdub-redis": {"password": redis},
        "airdub-broker": {"connection": f"redis://:{redis}@{REDIS}/0"},
        "airdub-fernet": {"fernet-key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()},
        "airdub-api": {"api-secret-key": secrets.token_urlsafe(48)},
        "airdub-jwt": {"jwt-secret": secrets.token_urlsafe(64)},
    }
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "type": "Opaque",
            "stringData": content,
        }
        for name, content in contents.items()
    ]


def main() -> int:
    """Print them; they go nowhere else."""
    try:
        made = manifests(
            os.environ.get("AIRFLOW_DB_URL", ""), os.environ.get("AIRDUB_CATALOG_URL", "")
        )
    except ValueError as error:
        print(f"make_secrets: {error}", file=sys.stderr)
        return 65
    yaml.safe_dump_all(made, sys.stdout, sort_keys=False)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
