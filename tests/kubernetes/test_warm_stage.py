"""Warming a stage on Kubernetes: one pod for all that is ready, with a stage's pod's resilience."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from airdub.batches import BatchRequest
from airdub.catalog import open_catalog
from airdub.consents import new_consent
from airdub.erasure import revoke_consent
from airdub.results import read_result
from airdub.settings import load_settings
from operators.warm_choice import ChooseRequestsOperator
from operators.warm_pod import WarmPodOperator
from operators.warming.standing import stages_before
from tests.fakes.stage_python import commit, commit_batch
from tests.kubernetes.driver import TaskRun, WorkerKilled
from tests.kubernetes.kubelet import Fate
from tests.kubernetes.site import SECRET, Site, eventually, run_dag
from tests.unit.operators.warm import WIRING, enqueue

TITLES = ("ant", "bee", "cat")
CLONING = "convert_voice"


@dataclass
class WarmRun(TaskRun):
    """The task `warm` of a run, through all of its tries."""

    def operator(self) -> WarmPodOperator:
        """A new one, as each worker process has."""
        limit = timedelta(seconds=self.timeout_s)
        return WarmPodOperator(task_id="warm", chosen="choose", execution_timeout=limit)


def chosen(site: Site, stage: str = "probe", **how: Any) -> WarmRun:
    """A run whose requests are chosen."""
    site.params = {"stage": stage, "most": 32, "engine": None}
    run = WarmRun("warm", {}, site.params, site.xcoms, run_id="warm-1", **how)
    operator = ChooseRequestsOperator(task_id="choose", wiring=WIRING)
    site.xcoms["choose"] = operator.execute(run.context(1))
    return run


def batch_of(site: Site) -> BatchRequest:
    """What was chosen."""
    return BatchRequest.model_validate_json(site.store.read(site.xcoms["choose"]["batch_key"]))


def made(site: Site) -> list[str]:
    """Titles that have their result."""
    requests = batch_of(site).requests
    return [one.asked_by.title_id for one in requests if read_result(site.store, one)]


@pytest.mark.parametrize("deferrable", ["0", "1"], ids=["sync", "deferrable"])
@pytest.mark.usefixtures("airflow_database")
def test_one_pod_makes_what_titles_then_find(site: Site, deferrable: str) -> None:
    site.set(AIRDUB_POD_DEFERRABLE=deferrable)
    order = site.params
    enqueue(site.folder, *TITLES)
    assert str(run_dag("warm_stage", stage="probe").state) == "success"
    (pod,) = site.cluster.created
    assert pod.container["args"][:2] == ["probe", "--batch"]
    assert SECRET not in str(pod.manifest)
    assert site.orphans() == []
    site.params = order | {"title_id": "ant", "source": str(site.folder / "ant.mp4")}
    site.ingest()
    ending = site.task().run()
    assert (ending.state, ending.value["cached"], site.pods_created) == ("success", True, 1)


def test_one_that_fails_costs_no_other_one(site: Site) -> None:
    enqueue(site.folder, *TITLES)
    site.cluster.node.environment["FAKE_BAD"] = "bee"  # type: ignore[index]
    ending = chosen(site).run()
    assert (ending.state, ending.tries, site.pods_created) == ("success", 1, 1)
    assert ending.value == {"made": 2, "adopted": 0, "failed": 1, "in_work": 0, "refused": 0}
    assert made(site) == ["ant", "cat"]


def test_a_batch_that_ran_out_of_memory_gets_more(site: Site) -> None:
    enqueue(site.folder, *TITLES)
    site.steps("probe", "hang;ok")
    site.cluster.fates["probe"] = [Fate.OOM]
    ending = chosen(site).run()
    assert (ending.state, ending.kinds) == ("success", ["ResourceExhausted"])
    limits = [pod.container["resources"]["limits"]["memory"] for pod in site.cluster.created]
    assert limits == ["2112Mi", "4224Mi"]
    assert made(site) == list(TITLES)
    assert site.orphans() == []


def killed(trigger: Any) -> None:
    """The worker dies as soon as its task waits."""
    raise WorkerKilled


def test_a_retry_starts_no_pod_for_what_the_titles_own_runs_have_made(site: Site) -> None:
    enqueue(site.folder, *TITLES)
    site.steps("probe", "hang")
    run = chosen(site, on_deferral=killed)
    with pytest.raises(WorkerKilled):
        run.run()
    for one in batch_of(site).requests:
        commit(site.store, one)
    run.first_try = 2
    ending = run.run()
    assert (ending.state, ending.value["adopted"], site.pods_created) == ("success", 3, 1)
    assert site.orphans() == []


def test_a_retry_goes_on_with_the_pod_of_a_killed_try(site: Site) -> None:
    enqueue(site.folder, *TITLES)
    site.steps("probe", "slow 2")
    run = chosen(site, on_deferral=killed)
    with pytest.raises(WorkerKilled):
        run.run()
    run.on_deferral, run.first_try = id, 2
    ending = run.run()
    assert (ending.state, site.pods_created) == ("success", 1)
    assert made(site) == list(TITLES)
    assert site.orphans() == []


def test_a_pod_may_take_as_long_as_all_of_its_requests(site: Site) -> None:
    enqueue(site.folder, *TITLES)
    chosen(site).run()
    (pod,) = site.cluster.created
    assert pod.manifest["spec"]["activeDeadlineSeconds"] == 3 * 6 * 3600 + 600


def test_a_consent_revoked_while_the_pod_works_costs_one_request(site: Site) -> None:
    enqueue(site.folder, *TITLES)
    for stage in stages_before(WIRING, CLONING):
        chosen(site, stage)
        commit_batch(site.store, batch_of(site))
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.set_cast("bee", {"ANNA": "Ana"})
        consent = catalog.grant(new_consent("Ana", ["voice"], "e" * 64)).consent_id  # type: ignore[list-item]
    revoked: list[str] = []

    def revoke(trigger: Any) -> None:
        pod = site.cluster.created[-1]
        assert eventually(lambda: bool(pod.lines))
        if not revoked:
            revoked.append(revoke_consent(load_settings(), consent, "she asked").consent.person)

    site.steps(CLONING, "slow 3;ok")
    ending = chosen(site, CLONING, on_deferral=revoke).run()
    assert (ending.state, revoked, site.pods_created) == ("success", ["Ana"], 1)
    assert (ending.value["made"], ending.value["refused"]) == (2, 1)
    assert made(site) == ["ant", "cat"]
    gone = next(one for one in batch_of(site).requests if one.asked_by.title_id == "bee")
    assert site.store.list(gone.output_key) == []
    assert site.orphans() == []
