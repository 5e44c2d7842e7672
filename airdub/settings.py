"""Settings from the environment, each with a default that works in a fresh clone."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import quote

from airdub.errors import InvalidInput
from airdub.pods import PodSettings, read_pod_settings
from airdub.s3 import is_s3
from airdub.spark import SparkSettings, read_spark_settings

PROJECT = Path(__file__).resolve().parents[1]
"""The checkout: DAGs, virtual environments and `var/` lie beside the package."""

RUNTIMES = ("embedded", "kubernetes")
DEFAULT_PORT = 8080


@dataclass(frozen=True)
class Settings:
    """What an installation may choose.

    Attributes:
        var: folder of everything that is written: store, Airflow's home, logs (AIRDUB_VAR).
        store_url: root of the artifact store, `file://` or `s3://` (AIRDUB_STORE).
        releases_url: where releases are published, likewise (AIRDUB_RELEASES); by default the same.
        stages_python: interpreter of the stages' environment (AIRDUB_STAGES_PYTHON).
        neural_python: that of the environment of engines with weights, which needs not be there
            (AIRDUB_NEURAL_PYTHON); by default in `.venv-neural` beside the stages' environment.
        catalog_url: the catalogue, `sqlite:///file` or `postgresql://...`; it may hold a password
            (AIRDUB_CATALOG).
        model_cache: folder of the weights that no package carries (AIRDUB_MODEL_CACHE).
        weights_mirror: URL below which weights lie by their paths (AIRDUB_WEIGHTS_MIRROR); "": they
            are fetched from where `engines.yaml` says.
        offline: nothing is fetched (AIRDUB_OFFLINE=1).
        environment_file: what that environment has, as its runner described it; `make setup`
            writes it beside the interpreter (AIRDUB_ENVIRONMENT_FILE).
        runtime: how stages run: `embedded` as local processes, `kubernetes` as pods
            (AIRDUB_RUNTIME).
        pods: of the second (AIRDUB_POD_...).
        spark: by whom chunks are made (AIRDUB_SPARK_...).
        source_roots: folders and `s3://` prefixes that sources must lie in; empty allows any
            readable file (AIRDUB_SOURCE_ROOTS, separated like PATH).
        port: of Airflow on 127.0.0.1; 0 chooses the first free one from 8080 on (AIRDUB_PORT).
        open_reviews: reviews that people are shown at once (AIRDUB_OPEN_REVIEWS).
        review_days: days after which a review that was shown and not answered leads to quarantine
            (AIRDUB_REVIEW_DAYS).
        sweep_days: days after which bulky work that nobody needs may be removed
            (AIRDUB_SWEEP_DAYS).
        airflow_days: days that Airflow's own database remembers (AIRDUB_AIRFLOW_DAYS); always more
            than `review_days`, because what waits for a person is kept there.
        feedback_url: folder into which people drop comments as CSV files, `file://` or `s3://`
            (AIRDUB_FEEDBACK).
        feedback_complaints: complaints of one kind about one release that something follows from
            (AIRDUB_FEEDBACK_COMPLAINTS).
        notice_minutes: within which people are told of the same fault once
            (AIRDUB_NOTICE_MINUTES).
        dub_hours: after which a run of `dub_video` that has not ended is told of
            (AIRDUB_DUB_HOURS).
        active_dubs: requests of the queue that have a run at once, and runs of `dub_video`
            (AIRDUB_ACTIVE_DUBS).
        urgent_hours: what is due within them goes before all else (AIRDUB_URGENT_HOURS).
        dispatch_s: seconds from one look at the queue to the next (AIRDUB_DISPATCH_S).
        pause_percent: share of a day's dubs that may fail for one reason before the queue is
            paused (AIRDUB_PAUSE_PERCENT).
        catalog_schedule: cron line, UTC: when the titles of the time before it are enqueued
            (AIRDUB_CATALOG_SCHEDULE).
        catalog_start: first day whose titles are enqueued by that schedule (AIRDUB_CATALOG_START).
        c2pa_certificates, c2pa_key: PEM files of the certificate chain and the private key that
            sign releases (AIRDUB_C2PA_CERT, AIRDUB_C2PA_KEY); None: releases aren't signed.
    """

    var: Path
    store_url: str
    releases_url: str
    stages_python: Path
    neural_python: Path
    environment_file: Path
    model_cache: Path
    catalog_url: str = field(repr=False)
    runtime: str = "embedded"
    pods: PodSettings = field(default_factory=PodSettings)
    spark: SparkSettings = field(default_factory=SparkSettings)
    weights_mirror: str = ""
    offline: bool = False
    source_roots: tuple[str, ...] = ()
    port: int = 0
    open_reviews: int = 10
    review_days: int = 14
    sweep_days: int = 30
    airflow_days: int = 60
    feedback_url: str = ""
    feedback_complaints: int = 5
    notice_minutes: int = 15
    dub_hours: int = 24
    active_dubs: int = 16
    urgent_hours: int = 24
    dispatch_s: int = 120
    pause_percent: int = 30
    catalog_schedule: str = "0 0 * * *"
    catalog_start: date = date(2026, 11, 1)
    c2pa_certificates: Path | None = None
    c2pa_key: Path | None = None

    def python_of(self, environment: str) -> Path:
        """The interpreter of an environment (`airdub.engines.EngineSpec.environment`)."""
        return {"stages": self.stages_python, "neural": self.neural_python}[environment]


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; nothing is cached, so a task sees what its process was given.

    Raises:
        InvalidInput: a value can't be used.
    """
    env = os.environ if environ is None else environ
    var = Path(env.get("AIRDUB_VAR") or PROJECT / "var").absolute()
    runtime = env.get("AIRDUB_RUNTIME") or "embedded"
    if runtime not in RUNTIMES:
        raise InvalidInput(
            f"there is no runtime {runtime!r}",
            where="AIRDUB_RUNTIME",
            remedy=f"use one of: {', '.join(RUNTIMES)}",
        )
    stages_python = Path(
        env.get("AIRDUB_STAGES_PYTHON") or PROJECT / ".venv-stages" / "bin" / "python"
    ).absolute()
    store_url = env.get("AIRDUB_STORE") or (var / "store").as_uri()
    certificates, key = _signer(env)
    return Settings(
        var=var,
        store_url=store_url,
        releases_url=env.get("AIRDUB_RELEASES") or store_url,
        stages_python=stages_python,
        neural_python=Path(
            env.get("AIRDUB_NEURAL_PYTHON")
            or stages_python.parent.parent.parent / ".venv-neural" / "bin" / "python"
        ).absolute(),
        environment_file=Path(
            env.get("AIRDUB_ENVIRONMENT_FILE")
            or stages_python.parents[1] / "airdub-environment.json"
        ).absolute(),
        model_cache=Path(env.get("AIRDUB_MODEL_CACHE") or var / "models").absolute(),
        catalog_url=env.get("AIRDUB_CATALOG") or f"sqlite://{quote(str(var / 'catalog.db'))}",
        runtime=runtime,
        pods=read_pod_settings(env),
        spark=read_spark_settings(env, runtime),
        weights_mirror=_mirror(env.get("AIRDUB_WEIGHTS_MIRROR") or ""),
        offline=_flag(env, "AIRDUB_OFFLINE"),
        source_roots=_roots(env.get("AIRDUB_SOURCE_ROOTS") or ""),
        port=_port(env.get("AIRDUB_PORT") or "0"),
        open_reviews=_count(env, "AIRDUB_OPEN_REVIEWS", 10, most=1000),
        review_days=_count(env, "AIRDUB_REVIEW_DAYS", 14, most=3650),
        sweep_days=_count(env, "AIRDUB_SWEEP_DAYS", 30, most=3650),
        airflow_days=max(
            _count(env, "AIRDUB_AIRFLOW_DAYS", 60, most=3650),
            _count(env, "AIRDUB_REVIEW_DAYS", 14, most=3650) + 1,
        ),
        feedback_url=env.get("AIRDUB_FEEDBACK") or f"{store_url.rstrip('/')}/feedback",
        feedback_complaints=_count(env, "AIRDUB_FEEDBACK_COMPLAINTS", 5, most=1_000_000),
        notice_minutes=_count(env, "AIRDUB_NOTICE_MINUTES", 15, most=1440),
        dub_hours=_count(env, "AIRDUB_DUB_HOURS", 24, most=720),
        active_dubs=_count(env, "AIRDUB_ACTIVE_DUBS", 16, most=1000),
        urgent_hours=_count(env, "AIRDUB_URGENT_HOURS", 24, most=8760),
        dispatch_s=_count(env, "AIRDUB_DISPATCH_S", 120, most=86_400),
        pause_percent=_count(env, "AIRDUB_PAUSE_PERCENT", 30, most=100),
        catalog_schedule=env.get("AIRDUB_CATALOG_SCHEDULE") or "0 0 * * *",
        catalog_start=_day(env.get("AIRDUB_CATALOG_START") or "2026-11-01"),
        c2pa_certificates=certificates,
        c2pa_key=key,
    )


def _roots(text: str) -> tuple[str, ...]:
    """Folders by their real paths, and prefixes of buckets; the colon of `s3://` parts nothing."""
    roots = filter(None, re.split(f"{os.pathsep}(?!//)", text))
    return tuple(root if is_s3(root) else str(Path(root).resolve()) for root in roots)


def _port(text: str) -> int:
    if text.isascii() and text.isdecimal() and int(text) < 65536:
        return int(text)
    raise InvalidInput(
        f"{text!r} is not a TCP port", where="AIRDUB_PORT", remedy="use a number up to 65535"
    )


def _mirror(text: str) -> str:
    if re.fullmatch(r"(https?://[^\s@?#]+)?", text):
        return text.rstrip("/")
    raise InvalidInput(
        "a mirror is an http or https URL without a password",
        where="AIRDUB_WEIGHTS_MIRROR",
        remedy="write it as https://mirror.example/weights",
    )


def _flag(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name) or "0"
    if text in ("0", "1"):
        return text == "1"
    raise InvalidInput(f"{text!r} is neither 0 nor 1", where=name, remedy="set it to 0 or 1")


def _count(env: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    text = env.get(name) or str(default)
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= most:
        return int(text)
    raise InvalidInput(
        f"{text!r} is no number from 1 to {most}", where=name, remedy="correct it, or leave it out"
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"{text!r} is no day", where="AIRDUB_CATALOG_START", remedy="write it as 2026-11-21"
        ) from error


def _signer(env: Mapping[str, str]) -> tuple[Path | None, Path | None]:
    certificates, key = env.get("AIRDUB_C2PA_CERT"), env.get("AIRDUB_C2PA_KEY")
    if certificates and key:
        return Path(certificates).absolute(), Path(key).absolute()
    if certificates or key:
        raise InvalidInput(
            "a signer is a certificate chain together with its key",
            where="AIRDUB_C2PA_CERT, AIRDUB_C2PA_KEY",
            remedy="set both, or none",
        )
    return None, None
