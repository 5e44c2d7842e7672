"""What PostgreSQL is told when compose's volume is empty."""

from __future__ import annotations

import os
import subprocess

import psycopg

from airdub.settings import PROJECT
from tests.postgres import PostgresServer, postgres

__all__ = ["postgres"]

PASSWORD = 'it\'s :name "quoted" \\ $HOME'  # noqa: S105


def test_each_gets_a_database_and_a_password_of_its_own(postgres: PostgresServer) -> None:
    superuser = {
        "PGHOST": postgres.url().partition("host=")[2],
        "PGUSER": "airdub",
        "PGDATABASE": "postgres",
    }
    given = {"airflow_password": PASSWORD, "catalog_password": "another"}
    script = str(PROJECT / "deploy" / "compose" / "postgres.sh")
    subprocess.run([script], env={**os.environ, **superuser, **given}, check=True)
    with psycopg.connect(postgres.url("catalog")) as database:
        owners = database.execute(
            "SELECT datname, rolname, rolsuper, rolpassword LIKE 'SCRAM-SHA-256%' FROM pg_database "
            "JOIN pg_authid ON pg_authid.oid = datdba WHERE datname IN ('airflow', 'catalog')"
        ).fetchall()
    assert sorted(owners) == [
        ("airflow", "airflow", False, True),
        ("catalog", "catalog", False, True),
    ]
