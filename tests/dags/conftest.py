"""DAGs are parsed and run by a real Airflow with a database of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.airflow_home import use_own_home

HOME = use_own_home()


@pytest.fixture(scope="session")
def airflow_database() -> Path:
    """Airflow's home, its database at the current version."""
    from airflow.utils.db import initdb

    initdb()
    return HOME
