"""A real video, dubbed by the real engines: every stage in a pod of its own, to its verdict."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from airdub.catalog import open_catalog
from airdub.consents import Use, new_consent
from airdub.drafts import Draft, RunSummary, summary_key
from airdub.metrics import TITLE
from airdub.settings import load_settings
from airdub.stages import STAGES
from airdub.titles import title_id_of
from tests.airflow_home import PROJECT
from tests.kubernetes.containers import Image, image_of
from tests.kubernetes.site import Site, run_dag

STAGES_PYTHON = PROJECT / ".venv-stages" / "bin" / "python"


@pytest.fixture
def image() -> Image:
    return image_of(STAGES_PYTHON)


@pytest.fixture
def stages_python() -> Path:
    return STAGES_PYTHON


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """One line of Spanish, with its script."""
    command = [str(STAGES_PYTHON), "-m", "tests.media", "make", str(tmp_path), "short"]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    return tmp_path / "short.mp4"


@pytest.mark.usefixtures("airflow_database")
def test_a_video_is_dubbed_to_its_verdict(site: Site, film: Path) -> None:
    nobody = new_consent("nobody", list(Use), "0" * 64)
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.grant(nobody)
        catalog.set_cast(title_id_of(str(film)), {"speaker_1": "nobody"})
    run = run_dag("dub_video", source=str(film), source_language="es", target_language="en")
    assert str(run.state) == "success"
    assert sorted(pod.stage for pod in site.cluster.created) == sorted(STAGES)
    assert site.orphans() == []
    summary = RunSummary.model_validate_json(site.store.read(summary_key(run.run_id)))
    draft = Draft.model_validate_json(site.store.read(summary.manifest))
    images = {pod.stage: pod.container["image"] for pod in site.cluster.created}
    made = {stage: draft.stages[stage].provenance.image for stage in STAGES if stage != "evaluate"}
    assert made == {stage: images[stage] for stage in made}
    with open_catalog(load_settings().catalog_url) as catalog:
        judgement = catalog.judgement(run.run_id)
        [release] = catalog.releases(title_id_of(str(film)), "en")
    assert judgement is not None
    assert judgement.verdict.decision == "APPROVED"
    measured = {metric.metric: metric for metric in judgement.table if metric.scope == TITLE}
    assert measured["word_error_rate"].n_scored >= 2
    assert release.run_id == run.run_id
