"""Rows of the failure matrix where the task waits in its worker (AIRDUB_POD_DEFERRABLE=0)."""

from __future__ import annotations

import multiprocessing
import os
import signal

import pytest

from tests.kubernetes.driver import TaskRun
from tests.kubernetes.kubelet import Fate
from tests.kubernetes.server import Fault
from tests.kubernetes.site import Site, eventually


@pytest.fixture
def site(site: Site) -> Site:
    site.set(AIRDUB_POD_DEFERRABLE="0")
    return site


def test_bad_input_fails_at_once(site: Site) -> None:
    site.steps("probe", "exit 65")
    ending = site.task().run()
    assert (ending.state, ending.kinds, site.pods_created) == ("failed", ["InvalidInput"], 1)
    assert site.orphans() == []


@pytest.mark.parametrize(
    ("fate", "kind"), [(Fate.OOM, "ResourceExhausted"), (Fate.EVICTED, "Interrupted")]
)
def test_misfortunes_are_tried_again(site: Site, fate: Fate, kind: str) -> None:
    site.steps("probe", "hang;ok")
    site.cluster.fates["probe"] = [fate]
    ending = site.task().run()
    assert (ending.state, ending.kinds, site.pods_created) == ("success", [kind], 2)
    assert site.orphans() == []


def test_a_pod_that_takes_too_long_is_stopped(site: Site) -> None:
    site.steps("probe", "hang")
    ending = site.task(timeout_s=2).run()
    assert (ending.state, ending.kinds) == ("failed", ["EngineFailed"] * 2)
    assert site.orphans() == []


def test_a_log_that_breaks_off_and_an_api_that_falters_decide_nothing(site: Site) -> None:
    site.cluster.faults += [
        Fault("GET", "/log", "cut", times=3),
        Fault("GET", "/pods/[^/]+$", "reset", times=2),
    ]
    ending = site.task().run()
    assert (ending.state, ending.tries, site.pods_created) == ("success", 1, 1)
    assert ending.progress == ["50 % (1 of 2 frames), 2 s left"]
    assert site.orphans() == []


def test_a_worker_killed_with_signal_9_leaves_its_pod_to_the_retry(site: Site) -> None:
    site.steps("probe", "hang;ok")
    worker = multiprocessing.get_context("spawn").Process(target=TaskRun.run, args=(site.task(),))
    worker.start()
    assert eventually(lambda: site.cluster.created and site.cluster.created[0].lines, 60)
    os.kill(worker.pid or 0, signal.SIGKILL)
    worker.join()
    [pod] = site.cluster.created
    pod.fate = Fate.OOM
    stage = pod.process
    assert stage is not None
    stage.kill()
    ending = site.task(first_try=2).run()
    assert (ending.state, ending.kinds) == ("success", ["ResourceExhausted"])
    assert site.pods_created == 2
    assert site.orphans() == []


def test_a_stopped_worker_takes_its_pod_with_it(site: Site) -> None:
    site.steps("probe", "hang")
    worker = multiprocessing.get_context("spawn").Process(target=stoppable, args=(site.task(),))
    worker.start()
    assert eventually(lambda: site.cluster.created and site.cluster.created[0].lines, 60)
    os.kill(worker.pid or 0, signal.SIGTERM)
    assert site.orphans() == []
    worker.kill()
    worker.join()


def stoppable(task: TaskRun) -> None:
    """A try in a process that hears TERM as Airflow's workers do."""
    operator = task.operator()
    signal.signal(signal.SIGTERM, lambda number, frame: operator.on_kill())
    operator.execute(task.context(1))
