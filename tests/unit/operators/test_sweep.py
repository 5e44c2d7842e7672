"""The task that sweeps: it tells, and removes only where it may."""

from __future__ import annotations

import hashlib

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from airdub.catalog import open_catalog
from airdub.judgements import StageUse
from airdub.settings import load_settings
from airdub.stages import STAGES
from airdub.sweeping import Tally, sweep
from operators.ingest import IngestOperator
from operators.sweep import SweepOperator, told
from tests.unit.airdub.catalog.judged import judgement
from tests.unit.airdub.sweeping.test_sweep import SOUND, age, is_swept, stored_mix

from .conftest import Flow
from .pipeline import run_all


def test_it_looks_first_and_removes_then(flow: Flow) -> None:
    made = stored_mix(load_settings())
    flow.params = {"days": None, "remove": True}
    looked = flow.run(SweepOperator(task_id="look", remove=False))
    wanted = {"folders": 1, "bytes": len(SOUND), "needed_bytes": 0}
    assert looked == {"removed": False, **wanted}
    assert not is_swept(load_settings(), made)
    assert flow.run(SweepOperator(task_id="remove", remove=True)) == {"removed": True, **wanted}
    assert is_swept(load_settings(), made)


def test_a_run_that_begins_keeps_the_work_on_its_source(flow: Flow) -> None:
    digest = hashlib.sha256((flow.folder / "film.mp4").read_bytes()).hexdigest()
    use = StageUse(
        stage="mix", engine="fit", fingerprint="ab", result_key="r", cached=False, wall_s=1
    )
    same = {"title_id": "a-copy", "source_sha256": digest}
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.record_judgement(judgement("run", "quarantine", stages=(use,), run=same))
        catalog._database.connection.execute("UPDATE dub_run SET recorded_at = '2020'")
        assert not catalog.is_needed("ab", "2021")
        flow.run(IngestOperator(task_id="ingest"))
        assert catalog.is_needed("ab", "2021")


def test_a_run_may_only_look(flow: Flow) -> None:
    made = stored_mix(load_settings())
    flow.params = {"days": 1, "remove": False}
    with pytest.raises(AirflowSkipException, match="look only"):
        flow.run(SweepOperator(task_id="remove", remove=True))
    assert not is_swept(load_settings(), made)


def test_a_dub_after_sweeping_makes_only_what_was_swept(flow: Flow) -> None:
    run_all(flow)
    before = dict(flow.xcoms)
    age(flow.store, "work")
    sweep(load_settings(), remove=True)
    run_all(flow)
    swept = {stage for stage, spec in STAGES.items() if any(port.bulky for port in spec.outputs)}
    assert {stage for stage in STAGES if flow.starts(stage) == 2} == swept - {"lipsync"}  # no lips
    assert {stage for stage in STAGES if not flow.xcoms[stage]["cached"]} == swept - {"lipsync"}
    prints = [{name: xcom["fingerprint"] for name, xcom in run.items()} for run in
              (before, flow.xcoms)]  # fmt: skip
    assert prints[0] == prints[1]


def test_old_work_that_a_run_has_found_stays_for_it(flow: Flow) -> None:
    """Though nobody has ever judged what was made of it."""
    run_all(flow)
    age(flow.store, "work")
    run_all(flow)
    assert all(flow.xcoms[stage]["cached"] for stage in STAGES)
    told = sweep(load_settings(), remove=True)
    assert [(one.young, one.swept) for one in told] == [(one.folders, 0) for one in told]
    assert {one.stage for one in told if one.folders} == set(STAGES)
    run_all(flow)
    assert all(flow.xcoms[stage]["cached"] for stage in STAGES)


def test_a_stage_is_told_in_a_line() -> None:
    tally = Tally("mix", folders=9, young=4, needed=2, needed_bytes=3 << 20, swept=3, swept_bytes=1)
    assert told(tally, remove=False) == (
        "mix: 0.0 MiB in 3 folders could be removed; 3.0 MiB in 2 are needed, 4 of 9 are young"
    )
