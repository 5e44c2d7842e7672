"""Whether a component of Airflow is well: `python -S health.py COMPONENT`, 0 or 1.

The API tells of the scheduler, the triggerer and the dag-processor, by their own signs of life in
the database. A worker is asked through Redis. Airflow itself isn't imported: it takes seconds.
"""

from __future__ import annotations

import json
import socket
import sys
import urllib.request
from pathlib import Path

_API = "http://api-server:8080/api/v2/monitor/health"
_LIMIT_S = 10


def component_is_well(name: str) -> bool:
    """What the API says of a component; of itself, when it is asked and answers."""
    with urllib.request.urlopen(_API, timeout=_LIMIT_S) as answer:
        told = json.load(answer)
    return name == "api-server" or told[name.replace("-", "_")]["status"] == "healthy"


def worker_is_well(broker: str, host: str) -> bool:
    """Whether the worker on a host answers."""
    from celery import Celery

    with Celery(broker=broker) as app:
        return bool(app.control.ping([f"celery@{host}"], timeout=_LIMIT_S))


def main() -> int:
    """Ask; an answer that does not come is an error with its own words in the container's log."""
    name = sys.argv[1]
    if name == "worker":
        broker = Path("/run/secrets/broker_url").read_text().strip()
        return 0 if worker_is_well(broker, socket.gethostname()) else 1
    return 0 if component_is_well(name) else 1


if __name__ == "__main__":
    raise SystemExit(main())
