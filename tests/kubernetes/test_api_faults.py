"""An API that falters, refuses or breaks off while the task waits without a slot."""

from __future__ import annotations

import json
from typing import ClassVar

import pytest

from operators import stage_pod
from operators.pods import cluster as cluster_calls
from operators.pods import watching
from operators.reports import StageReport
from tests.kubernetes.server import Fault
from tests.kubernetes.site import Site


def hasten(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calls that get no answer be given up soon."""
    for module in (cluster_calls, watching):
        monkeypatch.setattr(module, "CALL_TIMEOUT_S", (0.4, 0.4))
    site.cluster.hang_s = 0.6


@pytest.mark.parametrize("kind", [429, 500, "hang", "reset", "lose"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", r"/pods\?"),
        ("POST", "/pods$"),
        ("GET", "/pods/[^/]+$"),
        ("DELETE", "/pods/"),
    ],
    ids=["finding", "creating", "watching", "deleting"],
)
def test_an_api_that_falters_is_asked_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, method: str, path: str, kind: int | str
) -> None:
    hasten(site, monkeypatch)
    fault = Fault(method, path, kind, times=2)
    site.cluster.faults.append(fault)
    ending = site.task().run()
    assert (ending.state, ending.tries, site.pods_created) == ("success", 1, 1)
    assert fault.met == 2
    assert site.orphans() == []


def test_an_api_that_stays_away_fails_the_try_and_not_the_task(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_calls, "PATIENCE_S", 0)
    site.cluster.faults.append(Fault("POST", "/pods$", 503))
    ending = site.task().run()
    assert (ending.state, ending.kinds) == ("success", ["DependencyUnavailable"])
    assert site.pods_created == 1
    assert site.orphans() == []


def test_a_quota_that_is_used_up_is_waited_for(site: Site) -> None:
    full = "pods is forbidden: exceeded quota: gpus, requested: 1, used: 8, limited: 8"
    site.cluster.faults.append(Fault("POST", "/pods$", 403, message=full))
    ending = site.task().run()
    assert (ending.state, ending.kinds, site.pods_created) == ("success", ["Interrupted"], 1)
    assert "exceeded quota: gpus" in str(ending.errors[0])
    assert site.orphans() == []


def test_an_account_without_rights_is_named(site: Site) -> None:
    site.cluster.faults.append(Fault("POST", "/pods$", 403, times=100, message="no right"))
    ending = site.task().run()
    assert (ending.state, ending.kinds) == ("failed", ["DependencyUnavailable"] * 6)
    assert site.pods_created == 0
    assert "check the connection's account" in str(ending.errors[0])


def test_a_pod_that_may_not_be_looked_at_is_left_at_work(site: Site) -> None:
    site.steps("probe", "slow 4;ok")
    site.cluster.faults.append(Fault("GET", "/pods/[^/]+$", 403, times=4))
    ending = site.task().run()
    assert (ending.state, ending.kinds) == ("success", ["TemporaryFailure"])
    assert (site.pods_created, site.orphans()) == (1, [])


class Told(StageReport):
    """Keeps what is told, by whoever reads the log."""

    lines: ClassVar[list[str]] = []

    def line(self, text: str) -> None:
        self.lines.append(text)
        super().line(text)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    for module in (watching, stage_pod):
        monkeypatch.setattr(module, "StageReport", Told)
    Told.lines.clear()
    return Told.lines


@pytest.mark.parametrize("kind", ["", "cut", "reset", "hang", 500])
def test_every_line_of_a_log_is_told_once_though_it_breaks_off(
    site: Site, told: list[str], monkeypatch: pytest.MonkeyPatch, kind: int | str
) -> None:
    hasten(site, monkeypatch)
    site.cluster.faults.append(Fault("GET", "/log", kind, times=3))
    ending = site.task().run()
    assert (ending.state, ending.tries, site.pods_created) == ("success", 1, 1)
    assert site.orphans() == []
    assert told == [words for _, words in site.cluster.created[0].lines]
    assert [json.loads(words)["event"] for words in told] == ["log", "progress"]


def test_a_failure_is_told_even_when_no_log_can_be_read(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_calls, "PATIENCE_S", 0.2)
    site.cluster.faults.append(Fault("GET", "/log", 500, times=1000))
    site.steps("probe", "exit 65")
    ending = site.task().run()
    assert str(ending.errors[0]) == "here: bad. What to do: mend it"
    assert (ending.state, site.pods_created) == ("failed", 1)
    assert site.orphans() == []
