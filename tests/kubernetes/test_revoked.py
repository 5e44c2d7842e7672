"""A consent that is revoked while a pod works under it takes with it what the pod makes."""

from __future__ import annotations

from typing import Any

from airdub.catalog import open_catalog
from airdub.consents import consent_folder, new_consent
from airdub.erasure import revoke_consent
from airdub.requests import StageRequest
from airdub.results import load_result
from airdub.settings import load_settings
from operators.warming.standing import stages_before
from tests.kubernetes.driver import TaskRun
from tests.kubernetes.site import Site, eventually
from tests.unit.operators.warm import WIRING

CLONING = "convert_voice"


def test_nothing_made_under_it_is_left(site: Site) -> None:
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.set_cast("film", {"ANNA": "Ana"})
        consent = catalog.grant(new_consent("Ana", ["voice"], "e" * 64)).consent_id  # type: ignore[list-item]
    for stage in stages_before(WIRING, CLONING):
        run = TaskRun(stage, WIRING[stage], site.params, site.xcoms)
        site.xcoms[stage] = run.run().value
    asked: list[StageRequest] = []

    def revoke(trigger: Any) -> None:
        pod = site.cluster.created[-1]
        assert eventually(lambda: bool(pod.lines))
        if not asked:
            key = pod.container["args"][2]
            asked.append(StageRequest.model_validate_json(site.store.read(key)))
            revoke_consent(load_settings(), consent, "she asked for it")
            site.store.write(f"{consent_folder(CLONING, consent)}/reference.wav", b"her voice")

    site.steps(CLONING, "slow 3;ok")
    ending = TaskRun(CLONING, WIRING[CLONING], site.params, site.xcoms, on_deferral=revoke).run()
    assert (ending.state, ending.tries) == ("success", 2)
    assert asked[0].parameters["consented"] == {"ANNA": consent}
    assert site.store.list(asked[0].output_key) == []
    assert site.store.list(consent_folder(CLONING, consent)) == []
    assert load_result(site.store, ending.value["result_key"])
    assert site.orphans() == []
