"""Stages are kept to what people agreed to, and what is made of them can be found again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from airdub.catalog import Catalog, open_catalog
from airdub.clearance import check_people
from airdub.consents import consent_folder, joint_consent, new_consent
from airdub.engines import load_engines
from airdub.erasure import revoke_consent
from airdub.errors import EngineFailed, PolicyRefused
from airdub.orders import DubOrder
from airdub.requests import StageResult
from airdub.settings import load_settings
from airdub.sweeping import sweep
from operators.consents import StageConsents, Trace
from operators.ingest import IngestOperator
from operators.stage_process import StageProcessOperator, stage_environment
from operators.stage_work import Work

from .conftest import Flow
from .pipeline import deliver, run_all

CLONING = "convert_voice"


@pytest.fixture
def catalog(flow: Flow) -> Iterator[Catalog]:
    with open_catalog(load_settings().catalog_url) as opened:
        yield opened


@pytest.fixture
def ana(catalog: Catalog) -> str:
    """Ana is heard as ANNA and agreed to everything; Ben is heard and didn't."""
    catalog.set_cast("film", {"ANNA": "Ana", "BEN": "Ben"})
    return agree(catalog, "Ana")


def agree(catalog: Catalog, person: str, **words: object) -> str:
    fields = {"uses": ["voice", "likeness"], "evidence_sha256": "e" * 64} | words
    return catalog.grant(new_consent(person, **fields)).consent_id  # type: ignore[arg-type]


def parameters(flow: Flow, stage: str) -> list[dict[str, object]]:
    """The parameters of every request of a stage, without languages."""
    keys = [key for key in flow.store.list(f"work/{stage}") if "/requests/" in key]
    asked = [json.loads(flow.store.read(key)) for key in keys if "lease" not in key]
    return [
        {name: value for name, value in one["parameters"].items() if "language" not in name}
        for one in asked
    ]


def test_stages_are_told_who_agreed_and_nothing_else(flow: Flow, ana: str) -> None:
    run_all(flow)
    assert parameters(flow, CLONING) == [{"consented": {"ANNA": ana}}]
    assert parameters(flow, "lipsync") == [{"consented": {"ANNA": ana}}]
    assert "consented" not in parameters(flow, "synthesize")[0]


def test_without_a_cast_nobody_is_used(flow: Flow, catalog: Catalog) -> None:
    agree(catalog, "Ana")
    run_all(flow)
    assert parameters(flow, CLONING) == [{"consented": {}}]
    assert catalog.consents_used("run-1") == []


def test_all_that_is_made_under_a_consent_is_traced(flow: Flow, catalog: Catalog, ana: str) -> None:
    run_all(flow)
    deliver(flow)
    traces = catalog.traces(ana)
    places = {folder.split("/")[1] for folder in traces if folder.startswith("work/")}
    assert {CLONING, "mix", "lipsync", "mux"} <= places
    assert places.isdisjoint({"probe", "separate", "transcribe", "translate", "synthesize"})
    assert consent_folder(CLONING, ana) in traces
    (draft,) = [folder for folder in traces if folder.startswith("drafts/")]
    assert flow.xcoms["draft"]["result_key"] == f"{draft}/manifest.json"
    for task in (CLONING, "mix", "lipsync", "mux"):
        assert flow.xcoms[task]["result_key"].removesuffix("/result.json") in traces
    assert [(one.consent_id, use.value) for one, use in catalog.consents_used("run-1")] == [
        (ana, "likeness"),
        (ana, "voice"),
    ]


def test_a_cached_result_counts_as_used_too(flow: Flow, catalog: Catalog, ana: str) -> None:
    run_all(flow)
    flow.run_id = "run-2"
    run_all(flow)
    assert flow.xcoms[CLONING]["cached"] is True
    assert catalog.runs_under(ana) == ["run-1", "run-2"]


def test_another_consent_makes_other_results(flow: Flow, catalog: Catalog, ana: str) -> None:
    run_all(flow)
    catalog.revoke(ana, "she asked for it")
    again = agree(catalog, "Ana", evidence_sha256="f" * 64)
    run_all(flow)
    assert flow.xcoms[CLONING]["cached"] is False
    assert consent_folder(CLONING, again) in catalog.traces(again)
    assert {one.consent_id for one, _ in catalog.consents_used("run-1")} == {again}


@pytest.mark.parametrize("stage", [CLONING, "mix", "mux"])
def test_what_is_made_while_a_consent_is_revoked_is_thrown_away(
    flow: Flow, catalog: Catalog, ana: str, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = StageProcessOperator._run

    def run_and_revoke(operator: StageProcessOperator, *given: object) -> None:
        run(operator, *given)  # type: ignore[arg-type]
        if operator.stage == stage:
            catalog.revoke(ana, "at the worst moment")

    monkeypatch.setattr(StageProcessOperator, "_run", run_and_revoke)
    with pytest.raises(
        PolicyRefused, match=f"{ana} was revoked: what is made of it is thrown away"
    ):
        run_all(flow)
    assert stage not in flow.xcoms
    assert flow.store.list(f"work/{stage}") == []


def test_nothing_is_made_of_what_is_about_to_be_erased(
    flow: Flow, catalog: Catalog, ana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A revocation marks the consent, withdraws releases, then erases: that may take a while."""
    note = StageConsents.note

    def note_and_revoke(consents: StageConsents, result: StageResult) -> None:
        note(consents, result)
        if result.stage == CLONING:
            catalog.revoke(ana, "she asked for it")

    monkeypatch.setattr(StageConsents, "note", note_and_revoke)
    with pytest.raises(PolicyRefused, match=f"{ana} was revoked"):
        run_all(flow)
    assert CLONING in flow.xcoms
    assert flow.store.list("work/mix") == []


def test_a_consent_revoked_before_its_stage_begins_is_not_used(
    flow: Flow, catalog: Catalog, ana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters = StageConsents.parameters

    def told_and_revoked(consents: StageConsents) -> dict[str, Any]:
        told = parameters(consents)
        if told:
            catalog.revoke(ana, "she asked for it")
        return told

    monkeypatch.setattr(StageConsents, "parameters", told_and_revoked)
    with pytest.raises(PolicyRefused, match=f"{ana} was revoked"):
        run_all(flow)
    assert flow.store.list(f"work/{CLONING}") == []


def test_what_shows_several_people_goes_with_any_of_them(
    flow: Flow, catalog: Catalog, ana: str
) -> None:
    ben = agree(catalog, "Ben", evidence_sha256="b" * 64)
    run_all(flow)
    both = consent_folder("lipsync", joint_consent({ana, ben}))
    assert both in catalog.traces(ana)
    assert both in catalog.traces(ben)
    assert set(catalog.traces(ana)) & set(catalog.traces(ben)) >= {both}


@pytest.mark.parametrize("error", [EngineFailed("it broke"), KeyboardInterrupt()], ids=str)
def test_what_a_try_wrote_after_the_erasure_goes_with_it_or_with_the_next_sweep(
    flow: Flow, catalog: Catalog, ana: str, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """Its next try is asked anew: without her. An interrupt ends a try as a kill does."""
    late = f"{consent_folder(CLONING, ana)}/ab/abc/take.wav"
    run = StageProcessOperator._run

    def revoked_and_written(operator: StageProcessOperator, work: Work) -> None:
        if operator.stage == CLONING:
            revoke_consent(load_settings(), ana, "she asked for it")
            flow.store.write(late, b"her voice")
            flow.store.write(f"{work.request.output_key}/take.wav", b"her voice")
            raise error
        run(operator, work)

    with monkeypatch.context() as patched:
        patched.setattr(StageProcessOperator, "_run", revoked_and_written)
        with pytest.raises(type(error)):
            run_all(flow)
    killed = isinstance(error, KeyboardInterrupt)
    assert flow.store.exists(late) == killed
    run_all(flow)
    results = flow.store.list(flow.xcoms[CLONING]["result_key"])
    if killed:
        sweep(load_settings(), remove=True)
    assert [
        flow.store.list(folder) for folder in catalog.traces(ana) if flow.store.list(folder)
    ] == []
    assert flow.store.list(flow.xcoms[CLONING]["result_key"]) == results


def test_what_is_made_anew_without_a_consent_stays_when_its_traces_are_erased_again(
    flow: Flow, catalog: Catalog, ana: str
) -> None:
    """Her takes were erased; takes without her had the same bytes, so the mix has the same name."""
    mix = f"work/mix/ab/ab{'0' * 62}"
    catalog.trace([mix], [ana])
    revoke_consent(load_settings(), ana, "she asked for it")
    flow.store.write(f"{mix}/late.wav", b"her voice")
    with Trace(load_settings(), flow.store, mix, []):
        assert flow.store.list(mix) == []
        flow.store.write(f"{mix}/mix.wav", b"the mix")
    sweep(load_settings(), remove=True)
    assert flow.store.list(mix) == [f"{mix}/mix.wav"]


class TestOrders:
    """What `ingest` says before any work starts."""

    def ingest(self, flow: Flow, profile: str) -> None:
        flow.params["profile"] = profile
        flow.run(IngestOperator(task_id="ingest"))

    def test_a_commercial_dub_needs_a_cast(self, flow: Flow) -> None:
        with pytest.raises(PolicyRefused, match="nobody is cast in film") as caught:
            self.ingest(flow, "commercial")
        assert "airdub cast" in caught.value.remedy
        assert flow.store.list("sources") == []

    def test_it_needs_everybodys_consent(self, flow: Flow, catalog: Catalog, ana: str) -> None:
        with pytest.raises(PolicyRefused) as caught:
            self.ingest(flow, "commercial")
        assert caught.value.what == (
            "no likeness of BEN: there is no consent; no voice of BEN: there is no consent"
        )
        ben = agree(catalog, "Ben", expires_at="2020-01-01")
        with pytest.raises(PolicyRefused, match=f"no voice of BEN: {ben} expired on 2020-01-01"):
            self.ingest(flow, "commercial")
        agree(catalog, "Ben")
        self.ingest(flow, "commercial")
        assert (
            ana in catalog.allowed("film", "voice", language="es", territories=("world",)).values()
        )

    def test_a_licence_that_forbids_it_is_refused_before_anything_is_stored(
        self, flow: Flow, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spec = load_engines()["lipsync", "hybrid"].model_copy(update={"commercial_use": False})
        monkeypatch.setitem(load_engines(), ("lipsync", "hybrid"), spec)
        with pytest.raises(PolicyRefused, match="forbids commercial use"):
            self.ingest(flow, "commercial")
        assert flow.store.list("sources") == []

    def test_the_stages_are_told_to_refuse_strangers(
        self, flow: Flow, catalog: Catalog, ana: str
    ) -> None:
        ben = agree(catalog, "Ben")
        flow.params["profile"] = "commercial"
        run_all(flow)
        told = {"consented": {"ANNA": ana, "BEN": ben}, "without_consent": "refuse"}
        assert parameters(flow, CLONING) == [told]
        assert parameters(flow, "lipsync") == [told]

    def test_with_stock_voices_what_is_missing_is_told(self, flow: Flow, catalog: Catalog) -> None:
        self.ingest(flow, "embedded")
        order, plan = DubOrder.parse(flow.params), {"convert_voice": "world", "lipsync": "none"}
        (told,) = check_people(catalog, order, plan)
        assert told == "nobody is cast in film: no voice is cloned, no face is altered"
        catalog.set_cast("film", {"ANNA": "Ana"})
        french = agree(catalog, "Ana", languages=["fr"])
        assert check_people(catalog, order, plan) == [f"no voice of ANNA: {french} is not for es"]
        assert check_people(catalog, order, {"convert_voice": "none", "lipsync": "none"}) == []


def test_stages_do_not_get_the_catalogues_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRDUB_CATALOG", "postgresql://me:s3cret@db/airdub")
    assert "s3cret" not in str(stage_environment(load_settings()))
    assert "s3cret" not in repr(load_settings())
