"""`dub_video` on PostgreSQL, Redis, two Celery workers and S3, while a worker is killed and another
is told to stop.

PostgreSQL and Redis are Debian's, as `make test` installs them; the settings are those of
docker-compose.yaml, but for addresses and shorter pauses: Redis even hands the lost task out again.
"""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from airdub.stages import STAGES
from tests.integration.celery_airflow import CeleryAirflow
from tests.integration.installation import eventually
from tests.postgres import postgres_server
from tests.redis import redis_server
from tests.s3 import S3Server

RUN = "film-es"
_DEBIANS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CeleryAirflow]:
    folder = tmp_path_factory.mktemp("celery")
    storage = S3Server()
    storage.start()
    with (
        postgres_server(_DEBIANS[-1]) as postgres,
        redis_server() as broker,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in {
            "AWS_ENDPOINT_URL": storage.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            patch.setenv(name, value)
        steps = {"FAKE_SYNTHESIZE": "hang apart;ok", "FAKE_MIX": "slow 6"}
        made = CeleryAirflow(folder, postgres, broker, "s3://airdub/library", **steps)
        made.make_bucket()
        try:
            made.start()
            yield made
        finally:
            made.stop()
            storage.stop()


@pytest.fixture(scope="module")
def dub(airflow: CeleryAirflow) -> CeleryAirflow:
    """A title is dubbed; its first worker is killed, its second told to stop, a third goes on."""
    film = airflow.folder / "film.mp4"
    film.write_bytes(b"moving pictures")
    order = {"source": str(film), "source_language": "en", "target_language": "es"}
    airflow.api.trigger("dub_video", RUN, order)

    child = airflow.fakes / "synthesize.child"
    assert eventually(child.exists, 240), "synthesize was not reached"
    running = airflow.pid_of("model_images.runner", "synthesize")
    killed = airflow.worker_of(running)
    airflow.signal_worker(killed, signal.SIGKILL)
    gone = {running, int(child.read_text())}
    assert eventually(lambda: not gone & set(airflow.processes()), 15), "the stage outlived it"
    assert airflow.exit_code(killed, 15) == 128 + signal.SIGKILL

    assert eventually(lambda: "mix" in airflow.starts(), 240), "nobody went on"
    stopped = airflow.worker_of(airflow.pid_of("model_images.runner", "mix"))
    assert stopped != killed
    airflow.start_worker("three")
    airflow.signal_worker(stopped, signal.SIGTERM)
    assert airflow.exit_code(stopped, 60) == 0
    assert eventually(lambda: airflow.api.run_state("dub_video", RUN) != "running", 240)
    return airflow


def deliveries(airflow: CeleryAirflow) -> Counter[str]:
    """How often Redis handed out each message."""
    written = "".join(log.read_text() for log in airflow.logs)
    return Counter(re.findall(r"execute_workload\[(\S+)\] received", written))


def test_the_title_is_published_whole(dub: CeleryAirflow) -> None:
    assert dub.api.run_state("dub_video", RUN) == "success"
    with dub.airdub("release", "verify") as verify:
        output, _ = verify.communicate(timeout=60)
    assert verify.returncode == 0, output
    with psycopg.connect(dub.catalog) as catalog:
        verdicts = catalog.execute("SELECT consequence FROM gate_verdict").fetchall()
        releases = catalog.execute("SELECT state FROM release").fetchall()
    assert (verdicts, releases) == ([("publish",)], [("current",)])


def test_each_result_is_made_once_and_only_the_lost_task_is_done_again(dub: CeleryAirflow) -> None:
    assert eventually(lambda: any(count == 2 for count in deliveries(dub).values()), 60)
    assert dub.starts() == {stage: 2 if stage == "synthesize" else 1 for stage in STAGES}
    results = [key for key in dub.store.list("work") if key.endswith("/result.json")]
    assert sorted(key.split("/")[1] for key in results) == sorted([*STAGES, "ingest"])
    tries = {
        task["task_id"]: task["try_number"]
        for task in dub.api.task_instances("dub_video", RUN)
        if task["state"] == "success" and task["try_number"] != 1
    }
    assert [name.rpartition(".")[2] for name in tries] == ["synthesize"], tries


def test_no_secret_is_in_a_log_or_an_xcom(dub: CeleryAirflow) -> None:
    written = "\n".join(log.read_text(errors="replace") for log in dub.logs)
    with psycopg.connect(dub.database) as database:
        written += str(database.execute("SELECT value FROM xcom").fetchall())
    assert "synthesize" in written
    assert [secret for secret in dub.secrets if secret in written] == []
    assert "eyJ" not in written, "a token of the API"


def test_nothing_is_left_when_it_is_stopped(dub: CeleryAirflow) -> None:
    assert dub.processes()
    dub.stop()
    assert dub.processes() == {}
