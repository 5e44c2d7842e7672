"""What a chunked stage's process is told of Spark, and what its next try finds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from airdub.errors import EngineFailed
from airdub.spark import Driver, read_driver
from operators.ingest import IngestOperator
from operators.references import Source
from operators.stage_process import StageProcessOperator
from operators.stage_spark import StageSparkOperator

from .conftest import Flow

INPUTS = {
    "source": Source("ingest", "source"),
    "facts": Source("probe", "facts"),
    "mono_16k": Source("extract_audio", "mono_16k"),
}


@pytest.fixture
def heard(flow: Flow) -> Flow:
    """What track_faces needs is there, and every stage's process notes its environment."""
    flow.run(IngestOperator(task_id="ingest"))
    for stage, ports in (("probe", ["source"]), ("extract_audio", ["source", "facts"])):
        inputs = {port: INPUTS[port] for port in ports}
        flow.run(StageProcessOperator(task_id=stage, stage=stage, inputs=inputs))
    python = flow.folder / "environment" / "bin" / "python"
    shell, run = python.read_text().splitlines()
    python.write_text(f'{shell}\nenv --null >"$FAKE_FOLDER/$3.env"\n{run}\n')
    return flow


def track() -> StageSparkOperator:
    return StageSparkOperator(task_id="track_faces", stage="track_faces", inputs=INPUTS)


def told(folder: Path, stage: str) -> Driver | None:
    pairs = (line.split("=", 1) for line in (folder / f"{stage}.env").read_text().split("\0")[:-1])
    return read_driver(dict(pairs))


def test_the_driver_works_on_the_cores_of_the_profile(
    heard: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRDUB_SPARK_MASTER", raising=False)
    heard.run(track())
    driver = told(heard.fakes, "track_faces")
    assert driver is not None
    assert (driver.master, driver.threads, driver.properties) == ("local[2,4]", 1, None)


def test_or_where_the_installation_says(heard: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRDUB_SPARK_MASTER", "spark://spark-master:7077")
    properties = heard.folder / "spark.conf"
    properties.touch()
    monkeypatch.setenv("AIRDUB_SPARK_PROPERTIES", str(properties))
    heard.run(track())
    driver = told(heard.fakes, "track_faces")
    assert driver is not None
    assert driver.master == "spark://spark-master:7077"
    assert driver.properties == properties
    assert driver.conf["spark.cores.max"] == "4"


def test_the_next_try_says_which_application_was_there(
    heard: Flow, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAKE_TRACK_FACES", "exit 70; ok")
    with pytest.raises(EngineFailed):
        heard.run(track())
    [folder] = {"/".join(key.split("/")[:4]) for key in heard.store.list("work/track_faces")}
    written = json.dumps({"id": "app-1", "master": "spark://m:7077", "page": ""}).encode()
    heard.store.write(f"{folder}/requests/application.json", written)
    heard.run(track())
    assert "was Spark application app-1 on spark://m:7077" in capsys.readouterr().out


def test_a_batch_of_another_stage_knows_nothing_of_spark(
    heard: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRDUB_SPARK_MASTER", raising=False)  # it is inherited
    mono = {"source": INPUTS["source"]}
    heard.run(StageSparkOperator(task_id="probe", stage="probe", inputs=mono))
    assert not (heard.fakes / "probe.env").exists()  # found
    heard.run_id, heard.params["source_language"] = "run-2", "fr"
    heard.run(StageSparkOperator(task_id="probe", stage="probe", inputs=mono))
    assert told(heard.fakes, "probe") is None
