"""The quality report: where, how bad, and what became of it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from airdub.artifacts import ArtifactStore
from airdub.catalog import open_catalog
from airdub.errors import IncompleteResult, InvalidInput
from airdub.gates import Code
from airdub.releases.dossier import gather
from airdub.releases.quality import QualityReport, quality_report
from airdub.repair.plan import LineRepair, RepairPlan
from tests.unit.airdub.releases.dubs import Library, film_facts, reason, settings_at


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(settings_at(tmp_path, ""))


def report(library: Library, run_id: str) -> QualityReport:
    with open_catalog(library.settings.catalog_url) as catalog:
        judgement = catalog.judgement(run_id)
        assert judgement
        return quality_report(gather(catalog, library.store, judgement))


def rows(report: QualityReport) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report.to_csv().decode(), newline="")))


def test_a_finding_names_its_line_by_drop_frame_time_code(library: Library) -> None:
    library.judged(
        reasons=(
            reason(blocking=False, value="0.4", bound="<= 0.35"),
            reason("psnr", "title", blocking=False),
        ),
        facts=film_facts(timecode="00:59:58;00"),
    )
    found = {row["metric"]: row for row in rows(report(library, "run"))}
    assert found["word_error_rate"] == {
        "timecode_in": "01:00:01;29",  # 4 s are 119.88 frames after 00:59:58;00
        "timecode_out": "01:00:03;00",
        "segment": "s0002",
        "code": "out_of_bounds",
        "metric": "word_error_rate",
        "severity": "advisory",
        "value": "0.4",
        "bound": "<= 0.35",
        "text": "word_error_rate of s0002 is out of bounds",
        "resolution": "accepted: it only advises",
    }
    assert (found["psnr"]["timecode_in"], found["psnr"]["segment"]) == ("00:59:58;00", "")


def test_json_and_csv_say_the_same(library: Library) -> None:
    library.judged(warnings=("a subtitle file has no cue",))
    made = report(library, "run")
    said = json.loads(made.to_json())
    assert said["findings"] == rows(made)
    assert (said["frame_rate"], said["drop_frame"]) == ("30000/1001", True)
    assert said["findings"][-1]["text"] == "mux: a subtitle file has no cue"
    assert said["findings"][-1]["code"] == "warning"


def test_what_is_not_measured_stands_there_with_its_reason(library: Library) -> None:
    library.judged(reasons=(reason("mos", "title", code=Code.ABSENT, blocking=False),))
    found = [row for row in rows(report(library, "run")) if row["code"] == "absent"]
    assert [row["severity"] for row in found if row["metric"] == "mos"] == ["advisory"]
    (bleu,) = (row for row in found if row["metric"] == "bleu")
    assert bleu["text"] == "bleu is not measured: not measured here"
    assert bleu["resolution"] == "accepted: the gate doesn't ask for it"


def test_a_waived_finding_says_who_waived_it_and_why(library: Library) -> None:
    library.judged(consequence="review", reasons=(reason(),))
    with open_catalog(library.settings.catalog_url) as catalog:
        catalog.decide_review("run", "publish_with_waiver", "ana", "a song, not speech")
    first = rows(report(library, "run"))[0]
    assert first["severity"] == "blocking"
    assert first["resolution"] == "waived by ana: a song, not speech"


def test_what_a_repair_has_mended_is_told_with_the_repair(library: Library) -> None:
    plan = RepairPlan(
        attempt=2,
        based_on="run",
        lines=(
            LineRepair(segment_id="s0002", take=1, engine="flite", no_stretch=True),
            LineRepair(segment_id="s0003", syllable_factor=0.8, rate_percent=110),
        ),
    )
    failed = (reason(), reason(scope="s0003"), reason("overflow", "s0001"))
    library.judged(consequence="repair", reasons=failed, plan=plan)
    still = (reason("overflow", "s0001", blocking=False),)
    library.judged("run.a2", reasons=still, attempt=2, parent="run")
    found = {row["segment"]: row for row in rows(report(library, "run.a2")) if row["segment"]}
    assert found["s0002"]["resolution"] == (
        "repaired in attempt 2: engine flite, take 1, not stretched"
    )
    assert found["s0002"]["severity"] == "note"
    assert found["s0002"]["timecode_in"] == "00:00:03;29"
    assert found["s0003"]["resolution"].endswith("rate 110 %, 0.8 of the syllables")
    assert found["s0001"]["resolution"] == "accepted: it only advises"


def test_another_order_s_failures_are_not_this_one_s(library: Library) -> None:
    library.judged("other", consequence="review", reasons=(reason(),))
    library.judged("run.a2", reasons=(), attempt=2)
    assert [row for row in rows(report(library, "run.a2")) if row["segment"]] == []


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx", "a\r\nb", 'q"uo,te'])
def test_no_cell_is_a_formula_and_nothing_breaks_the_table(library: Library, text: str) -> None:
    library.judged(reasons=(reason(blocking=False, text=text, value="-23.5"),))
    made = report(library, "run")
    found = next(row for row in rows(made) if row["segment"])
    assert not found["text"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert found["text"].lstrip("'") == text
    assert found["value"] == "-23.5"
    assert json.loads(made.to_json())["findings"][0]["text"] == text


def _spoil_draft(store: ArtifactStore) -> None:
    store.write("drafts/run/film.mp4", b"other pictures")
    manifest = "drafts/the-tower/es-419/run/manifest.json"
    draft = json.loads(store.read(manifest))
    draft["files"]["deliverable"]["sha256"] = "0" * 64
    store.write(manifest, json.dumps(draft).encode())


def test_a_draft_that_was_not_judged_is_refused(library: Library) -> None:
    library.judged()
    _spoil_draft(library.store)
    with pytest.raises(InvalidInput, match="isn't the file that was judged"):
        report(library, "run")


@pytest.mark.parametrize("stage", ["probe", "mix", "lipsync", "evaluate"])
def test_what_is_gone_from_the_store_is_named_with_its_stage(library: Library, stage: str) -> None:
    library.judged()
    library.store.delete(f"work/{stage}/run/result.json")
    with pytest.raises(IncompleteResult, match=f"run, {stage}: .* clear {stage}"):
        report(library, "run")


def test_a_table_whose_bytes_changed_is_refused(library: Library) -> None:
    library.judged()
    library.store.write("work/evaluate/run/metrics.json", b"{}")
    with pytest.raises(InvalidInput, match="not the ones that were stored"):
        report(library, "run")
