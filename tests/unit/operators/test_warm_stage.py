"""Warming: one process makes what the titles' own runs would ask for, and they find it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from airdub.catalog import Catalog, open_catalog
from airdub.consents import new_consent
from airdub.errors import EngineFailed, InvalidInput, PolicyRefused, ResourceExhausted
from airdub.leases import Lease
from airdub.queue.documents import RightsWindow
from airdub.results import read_result
from airdub.settings import load_settings
from operators.stage_process import StageProcessOperator
from operators.warm_stage import WarmProcessOperator
from operators.warming import allowing
from tests.builders import transcript
from tests.fakes.stage_python import commit

from .conftest import Flow
from .warm import batch_of, choose, dub, enqueue, made_before, make, result_of, warm

CLONING = "convert_voice"


@pytest.fixture
def catalog(flow: Flow) -> Iterator[Catalog]:
    with open_catalog(load_settings().catalog_url) as opened:
        yield opened


def made(flow: Flow) -> dict[str, bool]:
    """Whether there is a result, by title."""
    return {
        one.asked_by.title_id: read_result(flow.store, one) is not None
        for one in batch_of(flow).requests
    }


def test_new_titles_are_warmed_stage_by_stage_and_their_runs_find_it_all(flow: Flow) -> None:
    requests = enqueue(flow.folder, "ant", "bee", "cat")
    assert choose(flow, "transcribe") == {
        "batch_key": "",
        "ready": 0,
        "others": {"wait for ingest": 3},
    }
    for stage in ("probe", "extract_audio", "separate"):
        warm(flow, stage)
    told = warm(flow, "transcribe")
    assert told == {"made": 3, "adopted": 0, "failed": 0, "in_work": 0, "refused": 0}
    assert flow.starts("transcribe") == 1
    cached = dub(flow, requests[1], "transcribe")
    assert cached == dict.fromkeys(("probe", "extract_audio", "separate", "transcribe"), True)
    assert choose(flow, "transcribe")["others"] == {"done": 3}


def test_an_upgrade_is_warmed_in_the_queues_order_and_no_more_than_asked_for(flow: Flow) -> None:
    enqueue(flow.folder, "ant", "bee", "cat")
    warm(flow, "probe")
    assert choose(flow, "extract_audio", most=2)["ready"] == 2
    assert [one.asked_by.title_id for one in batch_of(flow).requests] == ["ant", "bee"]
    assert make(flow)["made"] == 2
    assert choose(flow, "extract_audio")["others"] == {"done": 2}
    assert list(made(flow)) == ["cat"]


def test_languages_share_what_does_not_depend_on_them(flow: Flow) -> None:
    enqueue(flow.folder, "ant")
    enqueue(flow.folder, "ant", language="ca")
    assert choose(flow, "probe") == {
        "batch_key": flow.xcoms["choose"]["batch_key"],
        "ready": 1,
        "others": {"same as another": 1},
    }


def test_one_that_fails_costs_no_other_one(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    enqueue(flow.folder, "ant", "bee", "cat")
    monkeypatch.setenv("FAKE_BAD", "bee")
    told = warm(flow, "probe")
    assert (told["made"], told["failed"]) == (2, 1)
    assert made(flow) == {"ant": True, "bee": False, "cat": True}


@pytest.mark.parametrize(
    ("steps", "kind"), [("exit 65", InvalidInput), ("silent 137", ResourceExhausted)]
)
def test_a_process_that_ends_badly_fails_the_task_and_a_retry_makes_the_rest(
    flow: Flow, monkeypatch: pytest.MonkeyPatch, steps: str, kind: type
) -> None:
    enqueue(flow.folder, "ant", "bee")
    monkeypatch.setenv("FAKE_PROBE", f"{steps};ok")
    choose(flow, "probe")
    with pytest.raises(kind):
        make(flow)
    assert make(flow)["made"] == 2
    assert make(flow) == {"made": 0, "adopted": 2, "failed": 0, "in_work": 0, "refused": 0}
    assert flow.starts("probe") == 2


def test_what_somebody_is_making_is_left_to_him(flow: Flow) -> None:
    enqueue(flow.folder, "ant", "bee")
    choose(flow, "probe")
    with Lease(flow.store, batch_of(flow).requests[0].output_key) as other:
        assert other.acquire()
        assert choose(flow, "probe")["others"] == {"in work": 1}
        assert list(made(flow)) == ["bee"]


def test_nothing_is_started_when_the_titles_own_runs_have_made_it_all(flow: Flow) -> None:
    enqueue(flow.folder, "ant", "bee")
    choose(flow, "probe")
    for one in batch_of(flow).requests:
        commit(flow.store, one)
    assert make(flow) == {"made": 0, "adopted": 2, "failed": 0, "in_work": 0, "refused": 0}
    assert flow.starts("probe") == 0


def test_what_is_cancelled_or_closed_after_the_choice_is_not_made(
    flow: Flow, catalog: Catalog
) -> None:
    ant, *_ = enqueue(flow.folder, "ant", "bee", "cat")
    choose(flow, "probe")
    catalog.cancel(ant.request_id)
    catalog.set_rights(
        RightsWindow(window_id="w", title_id="bee", opens_at="2001-01-01", closes_at="2002-01-01")
    )
    told = make(flow)
    assert (told["made"], told["refused"]) == (1, 2)
    assert made(flow) == {"ant": False, "bee": False, "cat": True}


def test_with_nothing_ready_nothing_is_started(flow: Flow) -> None:
    enqueue(flow.folder, "ant")
    choose(flow, "mix")
    with pytest.raises(AirflowSkipException):
        make(flow)


def test_what_may_not_or_can_not_be_dubbed_is_not_warmed(flow: Flow, catalog: Catalog) -> None:
    enqueue(flow.folder, "ant", "bee", "cat", "dog")
    closed = RightsWindow(
        window_id="w", title_id="ant", opens_at="2001-01-01", closes_at="2002-01-01"
    )
    catalog.set_rights(closed)
    catalog.mark_missing("bee")
    (flow.folder / "cat.mp4").unlink()
    assert choose(flow, "probe")["others"] == {"refused": 3}
    assert list(made(flow)) == ["dog"]


def test_an_engine_of_the_stage_can_be_asked_for(flow: Flow) -> None:
    enqueue(flow.folder, "ant")
    assert choose(flow, "probe", engine="ffprobe")["ready"] == 1
    with pytest.raises(InvalidInput, match="no engine 'script'"):
        choose(flow, "probe", engine="script")


class TestPeople:
    """Nobody's voice is cloned who didn't agree: as in a dub."""

    @pytest.fixture
    def consents(self, flow: Flow, catalog: Catalog) -> dict[str, str]:
        """Everything before convert_voice is made; each title's Ana has agreed for herself."""
        enqueue(flow.folder, "ant", "bee")
        made_before(flow, CLONING)
        granted = {}
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        for title, until in (("ant", tomorrow), ("bee", "")):
            catalog.set_cast(title, {"ANA": f"Ana of {title}", "BEN": "Ben"})
            ana = f"Ana of {title}"
            consent = new_consent(ana, ["voice"], "e" * 64, expires_at=until)  # type: ignore[list-item]
            granted[title] = catalog.grant(consent).consent_id
        return granted

    def test_a_titles_run_finds_what_was_made_under_its_consents(
        self, flow: Flow, catalog: Catalog, consents: dict[str, str]
    ) -> None:
        assert warm(flow, CLONING)["made"] == 2
        asked = {one.asked_by.title_id: one.parameters for one in batch_of(flow).requests}
        assert asked["ant"]["consented"] == {"ANA": consents["ant"]}
        folders = {one.asked_by.title_id: one.output_key for one in batch_of(flow).requests}
        assert folders["ant"] in catalog.traces(consents["ant"])
        (request,) = catalog.requests(titles="ant")
        assert dub(flow, request, CLONING)[CLONING] is True
        assert catalog.runs_under(consents["ant"]) == [request.run_id]

    def test_a_consent_that_is_revoked_after_the_choice_is_not_used(
        self, flow: Flow, catalog: Catalog, consents: dict[str, str]
    ) -> None:
        choose(flow, CLONING)
        catalog.revoke(consents["ant"], "she asked for it")
        told = make(flow)
        assert (told["made"], told["refused"]) == (1, 1)
        assert made(flow) == {"ant": False, "bee": True}

    def test_a_consent_that_expires_after_the_choice_is_not_used(
        self, flow: Flow, consents: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Later(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return datetime.now(tz) + timedelta(days=2)

        choose(flow, CLONING)
        monkeypatch.setattr(allowing, "datetime", Later)
        told = make(flow)
        assert (told["made"], told["refused"]) == (1, 1)
        assert made(flow) == {"ant": False, "bee": True}

    def test_what_is_made_under_a_revoked_consent_goes_though_the_batch_fails(
        self,
        flow: Flow,
        catalog: Catalog,
        consents: dict[str, str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        run = StageProcessOperator._run

        def run_revoke_and_fail(operator: StageProcessOperator, *given: Any) -> None:
            run(operator, *given)
            catalog.revoke(consents["ant"], "at the worst moment")
            raise EngineFailed("it died at its end", remedy="none")

        monkeypatch.setattr(WarmProcessOperator, "_run", run_revoke_and_fail)
        with pytest.raises(EngineFailed):
            warm(flow, CLONING)
        assert made(flow) == {"ant": False, "bee": True}

    def test_what_is_made_while_a_consent_is_revoked_is_thrown_away(
        self,
        flow: Flow,
        catalog: Catalog,
        consents: dict[str, str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        run = StageProcessOperator._run

        def run_and_revoke(operator: StageProcessOperator, *given: Any) -> None:
            run(operator, *given)
            catalog.revoke(consents["ant"], "at the worst moment")

        monkeypatch.setattr(WarmProcessOperator, "_run", run_and_revoke)
        told = warm(flow, CLONING)
        assert (told["made"], told["refused"]) == (1, 1)
        assert made(flow) == {"ant": False, "bee": True}
        gone = next(one for one in batch_of(flow).requests if one.asked_by.title_id == "ant")
        assert flow.store.list(gone.output_key) == []

    def test_when_all_are_revoked_the_task_fails(
        self, flow: Flow, catalog: Catalog, consents: dict[str, str]
    ) -> None:
        choose(flow, CLONING)
        for consent in consents.values():
            catalog.revoke(consent, "they asked for it")
        with pytest.raises(PolicyRefused, match="revoked"):
            make(flow)
        assert flow.starts(CLONING) == 0


def test_the_voices_of_a_series_are_kept(flow: Flow, catalog: Catalog) -> None:
    (request,) = enqueue(flow.folder, "ant", series_id="tower")
    made_before(flow, "synthesize")
    dub(flow, request, "transcribe")
    spoken = transcript((0, 1, "Hello."))
    segments = tuple(one.model_copy(update={"speaker": "ANNA"}) for one in spoken.segments)
    heard = result_of(flow, "transcribe").outputs["transcript"]
    words = spoken.model_copy(update={"segments": segments}).to_json()
    flow.store.write(heard.key, words)
    told = result_of(flow, "transcribe")
    told.outputs["transcript"] = heard.model_copy(update={"bytes": len(words)})
    flow.store.write(flow.xcoms["transcribe"]["result_key"], told.to_json())
    catalog.set_voice("tower", "ANNA", "roa/es+f2", language="es", engine="espeak_ng", who="eva")
    assert warm(flow, "synthesize")["made"] == 1
    assert batch_of(flow).requests[0].parameters["voices"] == {"ANNA": "roa/es+f2"}
    assert dub(flow, request, "synthesize")["synthesize"] is True
