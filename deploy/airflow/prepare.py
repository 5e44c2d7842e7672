"""Brings everything that the components share to this version, each time they are started.

Airflow's database and pools, the catalogue's schema, and the store's bucket. A store on which two
writers can create the same object is refused: commits would be lost without a word.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor

from airdub.artifacts import ArtifactStore
from airdub.catalog import open_catalog
from airdub.errors import AirdubError, DependencyUnavailable
from airdub.s3 import error_code, make_client, split_address
from airdub.settings import Settings, load_settings

_WRITERS = 8


def prepare_airflow(settings: Settings, slots: int) -> None:
    """Migrate Airflow's database, and set how many cores, or pods, stages may use at once."""
    for words in (["db", "migrate"], *(["pools", "set", *pool] for pool in pools(settings, slots))):
        subprocess.run([sys.executable, "-m", "airflow", *words], check=True)


def pools(settings: Settings, slots: int) -> list[list[str]]:
    """Arguments of `airflow pools set` for each pool; where stages are pods, waiting ones count."""
    found = [["airdub_cpu", str(slots), "cores that stages use"]]
    if settings.runtime == "kubernetes":
        for name, most in settings.pods.pools.items():
            found.append([name, str(most), "pods of stages", "--include-deferred"])
    return found


def make_bucket(store_url: str) -> None:
    """Make the store's bucket unless it is there."""
    from botocore.exceptions import ClientError

    client, (bucket, _) = make_client(), split_address(store_url)
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error_code(error) not in ("404", "NoSuchBucket"):
            raise
        client.create_bucket(Bucket=bucket)


def check_store(store: ArtifactStore) -> None:
    """Let several writers create one object.

    Raises:
        DependencyUnavailable: not exactly one of them did.
    """
    key = f"checks/{uuid.uuid4().hex}"
    with ThreadPoolExecutor(_WRITERS) as writers:
        created = list(
            writers.map(lambda number: store.create(key, b"%d" % number), range(_WRITERS))
        )
    store.delete(key)
    if created.count(True) != 1:
        raise DependencyUnavailable(
            f"{created.count(True)} of {_WRITERS} writers created the same object",
            where=store.url,
            remedy="use a server that heeds `If-None-Match: *` when it is written to",
        )


def main() -> int:
    """Prepare all; the exit code of what failed."""
    settings = load_settings()
    try:
        prepare_airflow(settings, max(2, os.cpu_count() or 1))
        with open_catalog(settings.catalog_url):
            print("the catalogue is up to date")
        make_bucket(settings.store_url)
        check_store(ArtifactStore(settings.store_url))
        print(f"the store {settings.store_url} keeps its promise")
    except AirdubError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
