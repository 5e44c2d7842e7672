"""Every setting has a default that works in a fresh clone; bad values are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from airdub.errors import InvalidInput
from airdub.settings import PROJECT, load_settings


def test_defaults_lie_below_the_project() -> None:
    settings = load_settings({})
    assert settings.var == PROJECT / "var"
    assert settings.store_url == (PROJECT / "var" / "store").as_uri()
    assert settings.stages_python == PROJECT / ".venv-stages" / "bin" / "python"
    assert settings.environment_file == PROJECT / ".venv-stages" / "airdub-environment.json"
    assert settings.python_of("stages") == settings.stages_python
    assert settings.python_of("neural") == PROJECT / ".venv-neural" / "bin" / "python"
    assert (settings.runtime, settings.source_roots, settings.port) == ("embedded", (), 0)
    assert (settings.open_reviews, settings.review_days) == (10, 14)
    assert settings.releases_url == settings.store_url
    assert settings.catalog_url == f"sqlite://{PROJECT}/var/catalog.db"
    assert (settings.c2pa_certificates, settings.c2pa_key) == (None, None)


def test_the_environment_decides(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "AIRDUB_VAR": str(tmp_path),
            "AIRDUB_SOURCE_ROOTS": f"{tmp_path}/a:s3://films/new:{tmp_path}/b",
            "AIRDUB_PORT": "9090",
            "AIRDUB_RELEASES": "s3://releases/dubs",
            "AIRDUB_C2PA_CERT": "/keys/chain.pem",
            "AIRDUB_C2PA_KEY": "/keys/key.pem",
            "AIRDUB_STAGES_PYTHON": "/opt/stages/bin/python",
        }
    )
    assert settings.store_url == (tmp_path / "store").as_uri()
    assert settings.source_roots == (str(tmp_path / "a"), "s3://films/new", str(tmp_path / "b"))
    assert settings.port == 9090
    assert settings.releases_url == "s3://releases/dubs"
    assert settings.c2pa_certificates == Path("/keys/chain.pem")
    assert settings.c2pa_key == Path("/keys/key.pem")
    assert settings.environment_file == Path("/opt/stages/airdub-environment.json")
    assert settings.python_of("neural") == Path("/opt/.venv-neural/bin/python")


def test_the_catalogues_password_is_not_shown(tmp_path: Path) -> None:
    url = "postgresql://me:s3cret@db/airdub"
    settings = load_settings({"AIRDUB_CATALOG": url})
    assert settings.catalog_url == url
    assert "s3cret" not in repr(settings)
    odd = load_settings({"AIRDUB_VAR": str(tmp_path / "a #b")})
    assert odd.catalog_url == f"sqlite://{tmp_path}/a%20%23b/catalog.db"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AIRDUB_PORT", "http"),
        ("AIRDUB_PORT", "65536"),
        ("AIRDUB_RUNTIME", "moon"),
        ("AIRDUB_OPEN_REVIEWS", "0"),
        ("AIRDUB_REVIEW_DAYS", "-3"),
        ("AIRDUB_ACTIVE_DUBS", "0"),
        ("AIRDUB_CATALOG_START", "soon"),
    ],
)
def test_bad_values_are_named(name: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=f"{name}: .*{value}"):
        load_settings({name: value})


@pytest.mark.parametrize("name", ["AIRDUB_C2PA_CERT", "AIRDUB_C2PA_KEY"])
def test_half_a_signer_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="set both, or none"):
        load_settings({name: "/keys/one.pem"})


def test_where_weights_come_from() -> None:
    settings = load_settings(
        {"AIRDUB_WEIGHTS_MIRROR": "https://m.example/w/", "AIRDUB_OFFLINE": "1"}
    )
    assert (settings.weights_mirror, settings.offline) == ("https://m.example/w", True)
    assert (load_settings({}).weights_mirror, load_settings({}).offline) == ("", False)
    for name, value in (("AIRDUB_WEIGHTS_MIRROR", "ftp://x"), ("AIRDUB_OFFLINE", "yes")):
        with pytest.raises(InvalidInput, match=name):
            load_settings({name: value})
