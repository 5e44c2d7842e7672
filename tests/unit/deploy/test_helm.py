"""Values for Airflow's chart: what they name exists, and the chart itself takes them.

The chart is no part of this project. Where it was pulled (`helm pull apache-airflow/airflow
--version 1.22.0`), AIRDUB_AIRFLOW_CHART names the file, and `helm` is there, it is rendered too.
"""

from __future__ import annotations

import configparser
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest
import yaml
from cryptography.fernet import Fernet

from airdub import __version__
from airdub.pods import read_pod_settings
from airdub.settings import PROJECT, load_settings
from deploy.airflow.prepare import pools
from deploy.helm.make_secrets import NAMESPACE, REDIS, manifests
from tests.kubernetes.admission import restricted_violations, schema_errors
from tests.unit.deploy.manifests import environment, kustomized, objects, values

VALUES = PROJECT / "deploy" / "helm" / "values.yaml"
CHART = os.environ.get("AIRDUB_AIRFLOW_CHART", "")
URLS = ("postgresql://airflow:a%2Fb@db.example/airflow", "postgresql://airdub:c@db.example/airdub")

pulled = pytest.mark.skipif(not CHART, reason="AIRDUB_AIRFLOW_CHART names no chart")


def secrets() -> dict[str, dict[str, str]]:
    """What make_secrets.py makes, by name."""
    made: list[Any] = manifests(*URLS)
    return {one["metadata"]["name"]: one["stringData"] for one in made}


def test_the_versions_are_those_of_this_checkout() -> None:
    assert values()["defaultAirflowTag"] == __version__
    assert environment()["AIRDUB_POD_IMAGE_TAG"] == __version__
    (models,) = yaml.safe_load(
        (PROJECT / "deploy/kubernetes/models/kustomization.yaml").read_text()
    )["images"]
    assert models["newTag"] == __version__
    pinned = (PROJECT / "requirements/airflow-runtime.in").read_text()
    assert f"apache-airflow=={values()['airflowVersion']}\n" in pinned


def test_the_settings_can_be_read() -> None:
    settings = load_settings(environment() | {"AIRDUB_CATALOG": URLS[1]})
    assert settings.runtime == "kubernetes"
    assert settings.store_url.startswith("s3://")
    assert settings.releases_url != settings.store_url
    mounts = {one["mountPath"] for one in values()["volumeMounts"]}
    assert str(settings.environment_file.parent) in mounts
    assert str(read_pod_settings(environment()).node_classes.parent) in mounts


def test_celery_is_held_to_what_was_tried_with_compose() -> None:
    compose = configparser.ConfigParser(interpolation=None)
    compose.read(PROJECT / "deploy/compose/airflow.cfg")
    config = values()["config"]
    for section in ("celery", "celery_broker_transport_options", "scheduler", "workers"):
        ours = {name: str(value) for name, value in config[section].items()}
        theirs = dict(compose[section])
        for own in ("worker_concurrency", "broker_url_cmd"):  # of the machine, and of the secrets
            ours.pop(own, None)
            theirs.pop(own, None)
        assert ours == theirs, section
    assert config["core"]["dags_folder"] == compose["core"]["dags_folder"]
    assert config["core"]["plugins_folder"] == compose["core"]["plugins_folder"]


def test_no_secret_is_in_the_values_and_those_that_are_named_are_made() -> None:
    text = VALUES.read_text()
    made = secrets()
    wanted = {
        values()["data"]["metadataSecretName"]: "connection",
        values()["data"]["brokerUrlSecretName"]: "connection",
        values()["fernetKeySecretName"]: "fernet-key",
        values()["apiSecretKeySecretName"]: "api-secret-key",
        values()["jwtSecretName"]: "jwt-secret",
        values()["redis"]["passwordSecretName"]: "password",
    }
    wanted |= {one["secretName"]: one["secretKey"] for one in values()["secret"]}
    assert {name: next(iter(content)) for name, content in made.items()} == wanted
    assert values()["postgresql"]["enabled"] is False
    assert values()["createUserJob"]["enabled"] is False
    assert "password:" not in text.replace("passwordSecretName:", "")


def test_secrets_are_what_their_readers_take() -> None:
    first, second = secrets(), secrets()
    Fernet(first["airdub-fernet"]["fernet-key"])
    password = first["airdub-redis"]["password"]
    assert first["airdub-broker"]["connection"] == f"redis://:{password}@{REDIS}/0"
    assert first["airdub-metadata"]["connection"].startswith("postgresql+psycopg://airflow:a%2Fb@")
    assert load_settings({"AIRDUB_CATALOG": first["airdub-catalog"]["url"]}).catalog_url == URLS[1]
    for name in ("airdub-redis", "airdub-fernet", "airdub-api", "airdub-jwt"):
        assert first[name] != second[name]
    for manifest in manifests(*URLS):
        assert schema_errors(manifest) == []
    for wrong in ("", "sqlite:////tmp/x.db", "postgresql://db.example/airdub"):
        with pytest.raises(ValueError, match="AIRDUB_CATALOG_URL must be"):
            manifests(URLS[0], wrong)


def test_the_job_that_prepares_all_is_in_the_image() -> None:
    program, script = values()["migrateDatabaseJob"]["args"]
    assert (program, (PROJECT / script).is_file()) == ("python", True)
    image = (PROJECT / "deploy/airflow/Dockerfile").read_text()
    assert f"\nCOPY {script} " in image
    made = {name: words for name, *words in pools(load_settings(environment()), 4)}
    assert made["airdub_gpu"] == ["8", "pods of stages", "--include-deferred"]
    assert made["airdub_pods"] == ["32", "pods of stages", "--include-deferred"]


def test_rights_come_from_our_roles_alone() -> None:
    assert values()["rbac"]["create"] is False
    bound = {
        (subject["namespace"], subject["name"])
        for one in kustomized()
        if one["kind"] == "RoleBinding"
        for subject in one["subjects"]
        if subject["namespace"] == NAMESPACE  # stages that start pods are not Airflow's
    }
    used = {
        (NAMESPACE, values()["workers"]["celery"]["serviceAccount"]["name"]),
        (NAMESPACE, values()["triggerer"]["serviceAccount"]["name"]),
    }
    assert bound == used
    accounts = objects("ServiceAccount", NAMESPACE)
    assert {name for _, name in bound} | {"airdub-airflow"} == set(accounts)


@pulled
def test_the_charts_schema_takes_the_values() -> None:
    with tarfile.open(CHART) as archive:
        schema = json.load(archive.extractfile("airflow/values.schema.json"))  # type: ignore[arg-type]
        chart = yaml.safe_load(archive.extractfile("airflow/Chart.yaml"))  # type: ignore[arg-type]
        defaults = yaml.safe_load(archive.extractfile("airflow/values.yaml"))  # type: ignore[arg-type]
    assert f"version {chart['version']} " in VALUES.read_text()
    jsonschema.validate(values(), schema)
    assert list(_unknown(values(), defaults)) == [], "the chart would not notice"


def _unknown(ours: dict[str, Any], chart: dict[str, Any], at: str = "") -> Iterator[str]:
    """Paths of ours that the chart doesn't know; where its own value is empty, it takes any."""
    for name, value in ours.items():
        if name not in chart:
            yield f"{at}{name}"
        elif isinstance(value, dict) and chart[name] and f"{at}{name}" != "config":
            yield from _unknown(value, chart[name], f"{at}{name}.")


@cache
def rendered() -> list[dict[str, Any]]:
    """What the chart makes of the values."""
    if not shutil.which("helm"):
        pytest.skip("helm is not installed")
    command = ["helm", "template", "airflow", CHART, "--namespace", NAMESPACE, "-f", str(VALUES)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return [one for one in yaml.safe_load_all(answer.stdout) if one]


def pods() -> dict[str, dict[str, Any]]:
    """Pod templates of all that the chart makes, by name."""
    found = {}
    for one in rendered():
        spec = one.get("spec") or {}
        template = spec.get("template") or spec.get("jobTemplate", {}).get("spec", {}).get(
            "template"
        )
        if template:
            found[one["metadata"]["name"]] = template
    return found


@pulled
def test_kubernetes_and_its_restricted_rules_take_what_is_rendered() -> None:
    for one in rendered():
        assert schema_errors(one) == [], one["metadata"]["name"]
    assert len(pods()) >= 9
    for name, template in pods().items():
        assert restricted_violations(template) == [], name


@pulled
def test_what_is_rendered_uses_what_is_there() -> None:
    kinds = {one["kind"] for one in rendered()}
    assert not kinds & {"Role", "RoleBinding", "ClusterRole", "ServiceAccount", "Secret"}
    made = {one["metadata"]["name"] for one in rendered() if one["kind"] == "ConfigMap"}
    accounts, claims = (
        objects(kind, NAMESPACE) for kind in ("ServiceAccount", "PersistentVolumeClaim")
    )
    for name, template in pods().items():
        spec = template["spec"]
        assert spec["serviceAccountName"] in accounts, name
        assert spec.get("priorityClassName", "airdub-airflow") in objects("PriorityClass")
        assert spec["nodeSelector"] == values()["nodeSelector"], name
        for volume in spec.get("volumes") or ():
            if "persistentVolumeClaim" in volume:
                assert volume["persistentVolumeClaim"]["claimName"] in claims
            if "configMap" in volume:
                assert volume["configMap"]["name"] in made | {"airdub-images"}
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            _uses_what_is_there(name, container)


def _uses_what_is_there(name: str, container: dict[str, Any]) -> None:
    ours = container["image"].startswith("airdub/")
    assert container["resources"]["limits"]["memory"], name
    if ours:
        assert container["image"] == f"airdub/airflow:{__version__}"
        assert container["securityContext"]["readOnlyRootFilesystem"] is True, name
        assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}  # noqa: S108
    for variable in container.get("env") or ():
        if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
            assert reference["key"] in secrets()[reference["name"]], variable["name"]
    text = json.dumps(container)
    assert "/entrypoint" not in text, f"{name} runs a program that our image lacks"
    assert "/clean-logs" not in text
