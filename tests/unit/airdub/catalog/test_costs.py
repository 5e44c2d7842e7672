"""What runs cost, by everything that people ask for."""

from __future__ import annotations

from typing import Any

import pytest

from airdub.catalog import Catalog, Release
from airdub.gates import Consequence
from airdub.judgements import StageUse
from airdub.queue.documents import RequestState
from airdub.reports.documents import Scope
from tests.unit.airdub.catalog.judged import judgement, verdict
from tests.unit.airdub.catalog.queued import add_titles, wanted

EVER = Scope(since="", until="9999")


def use(stage: str, wall_s: float, *, cached: bool = False, gpu_s: float = 0.0) -> StageUse:
    return StageUse(
        stage=stage, engine=f"{stage}-engine", fingerprint="f", result_key="r", cached=cached,
        wall_s=wall_s, gpu_s=gpu_s,
    )  # fmt: skip


def judged(
    catalog: Catalog,
    run_id: str,
    title: str,
    language: str,
    *uses: StageUse,
    consequence: Consequence = Consequence.PUBLISH,
) -> None:
    of = {"title_id": title, "language": language}
    said = verdict(consequence, f"evaluation of {run_id}", 1).model_copy(
        update={"language": language}
    )
    catalog.record_judgement(judgement(run_id, consequence, run=of, stages=uses, verdict=said))


@pytest.fixture
def library(catalog: Catalog) -> Catalog:
    """Three runs: two of one title, the second of which finds a stage."""
    judged(catalog, "r1", "a", "es", use("probe", 1.0), use("lipsync", 40.0, gpu_s=20.0))
    judged(catalog, "r2", "a", "fr", use("probe", 1.0, cached=True), use("lipsync", 60.0, gpu_s=30))
    judged(catalog, "r3", "b", "es", use("probe", 3.0), consequence=Consequence.QUARANTINE)
    return catalog


def test_by_language_stage_and_engine(library: Catalog) -> None:
    costs = {(one.language, one.stage): one for one in library.stage_costs(EVER)}
    assert set(costs) == {("es", "probe"), ("es", "lipsync"), ("fr", "probe"), ("fr", "lipsync")}
    spanish, french = costs["es", "probe"], costs["fr", "probe"]
    assert (spanish.uses, spanish.cached, spanish.wall_s, spanish.saved_s) == (2, 0, 4.0, 0.0)
    assert (french.uses, french.cached, french.wall_s, french.saved_s) == (1, 1, 0.0, 1.0)
    assert costs["fr", "lipsync"].gpu_s == 30.0
    assert costs["fr", "lipsync"].engine == "lipsync-engine"


def test_by_title_the_dearest_first(library: Catalog) -> None:
    costs = [(one.title_id, one.language, one.runs, one.wall_s, one.gpu_s)
             for one in library.title_costs(EVER)]  # fmt: skip
    assert costs == [("a", "fr", 1, 60.0, 30.0), ("a", "es", 1, 41.0, 20.0), ("b", "es", 1, 3.0, 0)]
    assert len(library.title_costs(EVER, most=1)) == 1


def test_by_day_and_threshold(library: Catalog) -> None:
    days = library.decisions_per_day(EVER)
    assert {(one.what, one.count) for one in days} == {("APPROVED", 2), ("REJECTED", 1)}
    assert len({one.day for one in days}) <= 2
    outcomes = [(one.metric, one.outcome, one.count) for one in library.gate_outcomes(EVER)]
    assert outcomes == [("word_error_rate", "fail", 3)]


@pytest.mark.parametrize(
    ("scope", "runs"),
    [
        ({"titles": ("A",)}, {"r1", "r2"}),
        ({"titles": ("?",)}, {"r1", "r2", "r3"}),
        ({"titles": ("b", "c*")}, {"r3"}),
        ({"titles": ("b", "a*")}, {"r1", "r2", "r3"}),
        ({"states": (RequestState.PUBLISHED,)}, set()),
        ({"language": "es"}, {"r1", "r3"}),
        ({"titles": ("b*",), "language": "fr"}, set()),
        ({"until": "2000"}, set()),
        ({"series": "no-such-series"}, set()),
    ],
)
def test_of_some_titles_only(library: Catalog, scope: dict[str, Any], runs: set[str]) -> None:
    some = EVER.model_copy(update=scope)
    assert {one.run_id for one in library.stage_samples(some, most=100)} == runs
    assert sum(one.runs for one in library.title_costs(some)) == len(runs)
    assert sum(one.uses for one in library.stage_costs(some) if one.stage == "probe") == len(runs)
    assert sum(one.count for one in library.decisions_per_day(some)) == len(runs)
    assert sum(one.count for one in library.gate_outcomes(some)) == len(runs)
    values = library.metric_samples(some, most=100)
    assert len(values) == len(runs)
    assert {(one.metric, one.unit) for one in values} <= {("word_error_rate", "ratio")}


def test_of_requests_in_some_states_with_their_repairs(library: Catalog) -> None:
    add_titles(library, ["film"], series="maria")
    request = wanted("film")
    library.enqueue([request], "lane")
    judged(library, request.run_id, "film", "es", use("mix", 2.0))
    judged(library, f"{request.run_id}.a2", "film", "es", use("mix", 3.0))
    release = {"title_id": "film", "language": "es", "run_id": f"{request.run_id}.a2"}
    library.record_release(Release(release_id="r", folder="f", sha256="s", **release))
    library.settle(request.request_id, RequestState.PUBLISHED, was=RequestState.WAITING)
    published = EVER.model_copy(update={"states": (RequestState.PUBLISHED, RequestState.FAILED)})
    assert [one.wall_s for one in library.stage_costs(published)] == [5.0]
    assert sum(one.count for one in library.releases_per_day(published)) == 1
    failed = EVER.model_copy(update={"states": (RequestState.FAILED,)})
    assert library.stage_costs(failed) == library.releases_per_day(failed) == []
    of_series = EVER.model_copy(update={"series": "maria"})
    assert [one.title_id for one in library.title_costs(of_series)] == ["film"]
    assert sum(one.count for one in library.releases_per_day(of_series)) == 1


def test_samples_are_of_the_latest_runs(library: Catalog) -> None:
    assert {one.run_id for one in library.stage_samples(EVER, most=1)} == {"r3"}
    assert len(library.metric_samples(EVER, most=1)) == 1


def test_an_empty_catalogue_costs_nothing(catalog: Catalog) -> None:
    assert catalog.stage_costs(EVER) == []
    assert catalog.title_costs(EVER) == []
    assert catalog.releases_per_day(EVER) == []
    assert catalog.metric_samples(EVER, most=10) == []
