"""What follows for Spark from an installation's settings and a profile's resources."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from airdub.errors import InvalidInput
from airdub.spark import (
    SparkSettings,
    driver_environment,
    read_driver,
    read_spark_settings,
    spark_properties,
)
from airdub.stages import Resources

K8S = "k8s://https://kubernetes.default.svc"


def properties(master: str, executors: int = 2, **resources: Any) -> dict[str, str]:
    return spark_properties(SparkSettings(master, executors), Resources(**resources))


class TestLocal:
    def test_it_has_as_many_cores_as_the_profile_gives_the_stage(self) -> None:
        found = properties("local[*]", cpus=2.5)
        assert (found["spark.master"], found["spark.task.cpus"]) == ("local[3,4]", "1")

    def test_or_as_many_as_the_installation_says(self) -> None:
        assert properties("local[8]", cpus=2)["spark.master"] == "local[8,4]"

    def test_gpus_share_the_cores(self) -> None:
        found = properties("local[*]", cpus=8, gpus=2)
        assert (found["spark.master"], found["spark.task.cpus"]) == ("local[8,4]", "4")

    def test_a_chunk_never_asks_for_more_cores_than_there_are(self) -> None:
        found = properties("local[1]", cpus=8, gpus=1)
        assert (found["spark.master"], found["spark.task.cpus"]) == ("local[1,4]", "1")

    def test_nobody_else_can_talk_to_it(self) -> None:
        found = properties("local[*]")
        assert found["spark.driver.bindAddress"] == found["spark.driver.host"] == "127.0.0.1"
        assert found["spark.authenticate"] == "true"
        assert found["spark.ui.enabled"] == "false"


@pytest.mark.parametrize("master", ["local[*]", "local[8]", "spark://m:7077"])
def test_a_driver_reads_the_installations_settings_in_what_it_is_told(master: str) -> None:
    told = driver_environment(SparkSettings(master), Resources())
    found = read_spark_settings(told, "embedded")
    assert spark_properties(found, Resources())["spark.master"] == told["AIRDUB_SPARK_MASTER"]


class TestStandalone:
    def test_a_stage_leaves_room_for_others(self) -> None:
        found = properties("spark://m:7077", executors=3, cpus=4)
        assert (found["spark.executor.cores"], found["spark.cores.max"]) == ("4", "12")
        assert found["spark.authenticate"] == "true"  # its secret is the installation's

    def test_an_executor_has_one_gpu_and_its_share_of_the_cores(self) -> None:
        found = properties("spark://m:7077", executors=2, cpus=8, gpus=2)
        assert (found["spark.executor.cores"], found["spark.task.cpus"]) == ("4", "4")
        assert found["spark.executor.resource.gpu.amount"] == "1"
        assert found["spark.task.resource.gpu.amount"] == "1"
        assert found["spark.cores.max"] == "16"


class TestKubernetes:
    def test_pods_have_the_memory_of_the_profile(self) -> None:
        found = properties(K8S, executors=5, cpus=2, memory_mb=4096, shm_mb=1024)
        heap, beside = found["spark.executor.memory"], found["spark.executor.memoryOverhead"]
        assert int(heap.removesuffix("m")) + int(beside.removesuffix("m")) == 4096 + 1024
        assert found["spark.executor.instances"] == "5"
        assert found["spark.authenticate"] == found["spark.network.crypto.enabled"] == "true"

    def test_gpus_are_pods_of_their_own(self) -> None:
        found = properties(K8S, executors=2, cpus=4, gpus=4, memory_mb=16384, shm_mb=1024)
        assert (found["spark.executor.instances"], found["spark.executor.cores"]) == ("8", "1")
        assert found["spark.executor.memoryOverhead"] == f"{(16384 + 1024) // 4 - 512}m"


class TestSettings:
    def test_the_default_is_the_machine_itself(self) -> None:
        assert read_spark_settings({}, "embedded") == SparkSettings()

    def test_all_may_be_set(self, tmp_path: Path) -> None:
        env = {
            "AIRDUB_SPARK_MASTER": "spark://one:7077,two:7077",
            "AIRDUB_SPARK_EXECUTORS": "9",
            "AIRDUB_SPARK_PARTITIONS": "64",
            "AIRDUB_SPARK_PROPERTIES": str(tmp_path / "spark.conf"),
        }
        assert read_spark_settings(env, "embedded") == SparkSettings(
            "spark://one:7077,two:7077", 9, 64, tmp_path / "spark.conf"
        )

    def test_pods_are_not_told_of_a_file_that_they_do_not_have(self, tmp_path: Path) -> None:
        env = {"AIRDUB_SPARK_PROPERTIES": str(tmp_path / "spark.conf")}
        with pytest.raises(InvalidInput, match="stages are pods"):
            read_spark_settings(env, "kubernetes")

    @pytest.mark.parametrize("master", ["yarn", "local[0]", "local[*", "spark://", "http://m"])
    def test_other_masters_are_refused(self, master: str) -> None:
        with pytest.raises(InvalidInput, match="no Spark master that airdub knows"):
            read_spark_settings({"AIRDUB_SPARK_MASTER": master}, "embedded")

    @pytest.mark.parametrize(
        "master",
        ["spark://:7077", "spark://m", "spark://m:abc", "spark://m:70777", "spark://m:7077,:7077"],
    )
    def test_a_master_has_a_host_and_a_port(self, master: str) -> None:
        with pytest.raises(InvalidInput, match="no Spark master that airdub knows"):
            read_spark_settings({"AIRDUB_SPARK_MASTER": master}, "embedded")

    @pytest.mark.parametrize("master", ["spark://me:s3cret@m:7077", "k8s://https://me:s3cret@m"])
    def test_a_password_in_a_master_is_refused_and_not_told(self, master: str) -> None:
        with pytest.raises(InvalidInput, match="what it says is no Spark master") as caught:
            read_spark_settings({"AIRDUB_SPARK_MASTER": master}, "kubernetes")
        assert "s3cret" not in str(caught.value)

    def test_pods_start_pods_and_processes_do_not(self) -> None:
        assert read_spark_settings({"AIRDUB_SPARK_MASTER": K8S}, "kubernetes").master == K8S
        with pytest.raises(InvalidInput, match=r"use local\[\*\] or spark://HOST"):
            read_spark_settings({"AIRDUB_SPARK_MASTER": K8S}, "embedded")
        with pytest.raises(InvalidInput, match=r"use local\[\*\] or k8s://https://HOST"):
            read_spark_settings({"AIRDUB_SPARK_MASTER": "spark://m:7077"}, "kubernetes")

    @pytest.mark.parametrize(
        ("name", "text"), [("AIRDUB_SPARK_EXECUTORS", "0"), ("AIRDUB_SPARK_PARTITIONS", "-1")]
    )
    def test_numbers_are_numbers(self, name: str, text: str) -> None:
        with pytest.raises(InvalidInput, match="is no number"):
            read_spark_settings({name: text}, "embedded")


def test_the_stage_reads_what_the_operator_wrote(tmp_path: Path) -> None:
    (tmp_path / "spark.conf").touch()
    settings = SparkSettings("spark://m:7077", 2, 7, tmp_path / "spark.conf")
    driver = read_driver(driver_environment(settings, Resources(cpus=4, gpus=1)))
    assert driver is not None
    assert (driver.master, driver.is_local, driver.partitions) == ("spark://m:7077", False, 7)
    assert driver.threads == 4
    assert driver.properties == tmp_path / "spark.conf"
    assert "spark.master" not in driver.conf


def test_a_file_of_properties_that_is_not_there_is_told(tmp_path: Path) -> None:
    settings = SparkSettings("spark://m:7077", properties=tmp_path / "spark.conf")
    with pytest.raises(InvalidInput, match=r"there is no file .*/spark\.conf") as caught:
        read_driver(driver_environment(settings, Resources()))
    assert caught.value.where == "AIRDUB_SPARK_PROPERTIES"


def test_a_master_alone_is_refused_as_sparks_defaults_are_open_to_all() -> None:
    with pytest.raises(InvalidInput, match="no AIRDUB_SPARK_CONF says how"):
        read_driver({"AIRDUB_SPARK_MASTER": "local[2]"})


def test_without_a_master_there_is_no_spark() -> None:
    assert read_driver({}) is None
