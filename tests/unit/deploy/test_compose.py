"""docker-compose.yaml: what compose's schema can't say, and what must stay true of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from configparser import ConfigParser
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
import yaml

from airdub import __version__
from airdub.batches import LONGEST_S
from airdub.profiles import load_profile, profile_names
from airdub.settings import PROJECT, load_settings
from airdub.stages import STAGES

FILE = PROJECT / "docker-compose.yaml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
BUILT = {name: one for name, one in SERVICES.items() if "/airflow" in one["image"]}
AIRFLOW = {name: one for name, one in BUILT.items() if not name.startswith("spark-")}
ONE_SHOTS = {"init", "weights"}


class Asked(dict[str, str]):
    """Variables, and which of them were asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


def validate(file: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    return subprocess.run([*command, str(file)], check=False, capture_output=True)


def settings() -> ConfigParser:
    """Airflow's settings for compose."""
    parser = ConfigParser(interpolation=None)
    parser.read(PROJECT / "deploy" / "compose" / "airflow.cfg")
    return parser


def test_it_is_valid_compose(tmp_path: Path) -> None:
    assert validate(FILE).returncode == 0
    broken = tmp_path / "broken.yaml"
    broken.write_text(FILE.read_text().replace("condition: service_healthy", "condition: well"))
    assert validate(broken).returncode == 1


def test_whatever_listens_on_this_machine_listens_on_its_own_address() -> None:
    ports = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert sorted(ports) == ["api-server", "s3"]
    assert all(port.startswith("127.0.0.1:") for listed in ports.values() for port in listed)
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert not [name for name, one in SERVICES.items() if "network_mode" in one]
    assert "-ip.bind=127.0.0.1" in SERVICES["s3"]["command"]  # what asks for no login


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned(name: str) -> None:
    image = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", SERVICES[name]["image"])
    tag = image.partition("@")[0].rpartition(":")[2]  # a digest may follow
    assert re.match(r"\d+\.\d+", tag), image
    if name in BUILT:
        assert tag == __version__
        assert SERVICES[name]["pull_policy"] == "never"  # nobody else's image of that name


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_runs_with_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert "privileged" not in service
    if name in BUILT:
        assert service["read_only"]
        assert service["user"] == "${AIRDUB_USER_ID:-10001}:0"


@pytest.mark.parametrize("name", SERVICES)
def test_each_is_asked_how_it_is_or_ends(name: str) -> None:
    service = SERVICES[name]
    assert ("healthcheck" in service) == (name not in ONE_SHOTS)
    assert service["restart"] == ("no" if name in ONE_SHOTS else "unless-stopped")


def test_they_start_in_the_order_of_their_health() -> None:
    waits = {name: one.get("depends_on", {}) for name, one in SERVICES.items()}
    order = list(TopologicalSorter({name: set(on) for name, on in waits.items()}).static_order())
    assert order.index("init") < order.index("api-server") < order.index("worker")
    for name, on in waits.items():
        for other, how in on.items():
            wanted = "completed_successfully" if other in ONE_SHOTS else "healthy"
            assert how == {"condition": f"service_{wanted}"}, (name, other)
    assert set(waits["init"]) == {"postgres", "redis", "s3"}
    for name in set(AIRFLOW) - ONE_SHOTS - {"api-server"}:
        assert set(waits[name]) == {"api-server"}, name


@pytest.mark.parametrize("name", ["spark-master", "spark-worker"])
def test_spark_is_given_options_as_it_reads_them(name: str) -> None:
    command = SERVICES[name]["command"]
    assert command[command.index("--properties-file") + 1] == "/run/secrets/spark.conf"
    assert not [word for word in command if word.startswith("--") and "=" in word]
    home = SERVICES[name]["environment"]["SPARK_HOME"]
    assert command[0] == f"{home}/bin/spark-class"


def test_a_spark_worker_removes_what_applications_left() -> None:
    options = SERVICES["spark-worker"]["environment"]["SPARK_WORKER_OPTS"]
    assert options == "-Dspark.worker.cleanup.enabled=true"


def test_spark_runs_where_stages_are_made_and_knows_no_database() -> None:
    assert AIRFLOW["worker"]["environment"]["AIRDUB_SPARK_MASTER"].endswith(
        f"{SERVICES['spark-worker']['command'][-1]}}}"
    )
    for name in ("spark-master", "spark-worker"):
        service = SERVICES[name]
        assert service["image"] == AIRFLOW["worker"]["image"]
        assert service["networks"] == ["inside"]
        assert not [one for one in service["environment"] if re.search("PGPASS|CATALOG", one)]
    assert set(SERVICES["spark-worker"]["secrets"]) == {"spark.conf", "s3_credentials"}
    stores = ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AIRDUB_MODEL_CACHE")
    for variable in stores:
        of_both = (AIRFLOW["worker"], SERVICES["spark-worker"])
        assert len({one["environment"][variable] for one in of_both}) == 1


def test_whoever_starts_java_has_a_name(tmp_path: Path) -> None:
    script = str(PROJECT / "tools" / "compose.sh")
    subprocess.run([script, "secrets", str(tmp_path / "made")], check=True)
    root, user = (tmp_path / "made" / "passwd").read_text().splitlines()
    assert root.startswith("root:x:0:0:")
    assert user.split(":")[:4] == ["airdub", "x", str(os.getuid() or 10001), "0"]
    for name in ("worker", "worker-gpu", "spark-master", "spark-worker"):
        mounts = SERVICES[name]["volumes"]
        assert "./deploy/compose/secrets/passwd:/etc/passwd:ro" in mounts, name


def test_no_password_is_written_in_it() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            secret = re.search("PASS|SECRET|KEY|TOKEN|CREDENTIALS", variable)
            assert not secret or str(value).startswith("/run/secrets/"), (name, variable)
    assert not re.search(r"://[^/\s:]+:[^/\s@]+@", FILE.read_text())
    texts = [file.read_text() for file in (PROJECT / "deploy" / "compose").glob("*.*")]
    assert not [text for text in texts if re.search(r"://[^/\s:{]*:[^/\s@{]+@", text)]


def test_secrets_are_made_once_at_random_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    def make(folder: Path) -> dict[str, str]:
        script = str(PROJECT / "tools" / "compose.sh")
        subprocess.run([script, "secrets", str(folder)], check=True)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
        return {file.name: file.read_text() for file in folder.iterdir()}

    made, other = make(tmp_path / "one"), make(tmp_path / "two")
    assert make(tmp_path / "one") == made
    assert [name for name in made if made[name] == other[name]] == ["passwd"]
    mounted = {Path(one["file"]).name for one in COMPOSE["secrets"].values()}
    assert set(made) == mounted | {"passwords.json", "passwd"}
    for password in re.findall(r"_password=(\S+)", made["postgres.env"]):
        assert len(password) == 43
        assert password in made["pgpass"]
    assert made["broker_url"].split(":")[2].split("@")[0] in made["redis.conf"]
    assert re.findall(r"KEY\w*=(\S+)", made["s3.env"]) == re.findall(
        r"= (\S+)", made["s3_credentials"]
    )


def test_variables_are_real_settings_and_the_same_for_every_component() -> None:
    variables = AIRFLOW["scheduler"]["environment"]
    ours = {name: value for name, value in variables.items() if name.startswith("AIRDUB_")}
    asked = Asked({})
    load_settings(asked)
    assert set(ours) - asked.names == set()
    for service in AIRFLOW.values():
        assert variables.items() <= service["environment"].items()
    told = (PROJECT / "docs" / "operating.md").read_text()
    for name in re.findall(r"\$\{(AIRDUB_\w+)", FILE.read_text()):
        assert f"`{name}`" in told, name


def test_airflow_knows_its_settings() -> None:
    from airflow.configuration import conf
    from airflow.providers.celery.get_provider_info import get_provider_info

    known = conf.configuration_description | get_provider_info()["config"]
    parser = settings()
    for section in parser.sections():
        for option in parser[section]:
            assert option.removesuffix("_cmd") in known[section]["options"], f"{section}.{option}"


def test_a_task_is_handed_out_again_only_when_nobody_can_be_at_work_on_it() -> None:
    parser = settings()
    longest = max(
        load_profile(profile).resources_of(stage).timeout_s
        for profile in profile_names()
        for stage in STAGES
    )
    hidden_s = parser.getint("celery_broker_transport_options", "visibility_timeout")
    assert hidden_s >= max(longest, LONGEST_S) + 3600
    assert parser.getboolean("celery", "task_acks_late")
    assert parser.getint("celery", "worker_prefetch_multiplier") == 1
    workers = parser["workers"]
    patience_s = workers.getint("min_heartbeat_interval") * workers.getint("max_failed_heartbeats")
    assert patience_s < parser.getint("scheduler", "task_instance_heartbeat_timeout")


def test_workers_have_the_programs_that_a_machine_is_given() -> None:
    setup = (PROJECT / "tools" / "setup.sh").read_text()
    asked = re.search(r"^programs=\((.*?)\)", setup, re.MULTILINE | re.DOTALL)
    dockerfile = (PROJECT / "deploy" / "airflow" / "Dockerfile").read_text()
    given = re.search(r"RUN install-programs ((?:.|\\\n)*?)\n(?!\s)", dockerfile)
    assert asked
    assert given
    missing = set(asked[1].split()) - set(given[1].replace("\\", "").split())
    assert missing == {"python3-venv"}
