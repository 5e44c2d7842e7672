"""What workers and triggerers ask of the API is what deploy/kubernetes grants them, to the verb."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.kubernetes.driver import first_event
from tests.kubernetes.rights import asked, granted
from tests.kubernetes.site import Site
from tests.unit.deploy.manifests import objects


def test_a_worker_asks_for_what_its_role_grants_and_for_nothing_else(site: Site) -> None:
    site.steps("probe", "exit 70;ok")
    site.set(AIRDUB_POD_KEEP_FAILED="1")
    site.set(AIRDUB_POD_DEFERRABLE="0")
    assert site.task().run().state == "success"
    assert asked(site.cluster.calls) == granted("airdub-worker")


def test_a_triggerer_asks_for_what_its_role_grants_and_for_nothing_else(site: Site) -> None:
    site.steps("probe", "ok;hang")
    seen: list[str] = []

    def watch(trigger: Any) -> None:
        before = len(site.cluster.calls)
        assert asyncio.run(first_event(trigger))["reason"] == "ended"
        asyncio.run(trigger.on_kill())  # as if a person had cleared the task
        seen.extend(site.cluster.calls[before:])

    assert site.task(on_deferral=watch).run().state == "success"
    assert asked(seen) == granted("airdub-triggerer")


def test_both_are_bound_to_the_accounts_that_airflow_runs_as() -> None:
    for name, binding in objects("RoleBinding", "airdub").items():
        assert binding["roleRef"]["name"] == name
        (subject,) = binding["subjects"]
        assert subject["name"] in objects("ServiceAccount", subject["namespace"])
